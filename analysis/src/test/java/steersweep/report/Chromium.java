package steersweep.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page in it, driven over the DevTools protocol. It is the browser
 * that {@code STEERSWEEP_CHROMIUM} names, or the first of the usual names on the path.
 */
final class Chromium implements AutoCloseable {
  private static final List<String> NAMES =
      List.of(
          "chromium",
          "chromium-browser",
          "chromium-headless-shell",
          "google-chrome",
          "google-chrome-stable");
  private static final String LISTENING = "DevTools listening on ";
  private static final int SECONDS = 200;

  private final ObjectMapper json = new ObjectMapper();
  private final Process process;
  private final WebSocket socket;
  private final String session;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<JsonNode> events = new CopyOnWriteArrayList<>();

  private Chromium(Process process, URI address) throws IOException {
    this.process = process;
    socket =
        HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(address, listener()).join();
    String target =
        call("", "Target.createTarget", Map.of("url", "about:blank")).get("targetId").asText();
    session =
        call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .get("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** Where a browser is on this machine. */
  static Optional<Path> find() {
    String named = System.getenv("STEERSWEEP_CHROMIUM");
    if (named != null && !named.isEmpty()) {
      return Optional.of(Path.of(named));
    }
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * @param folder for the browser's own files
   */
  static Chromium start(Path browser, Path folder) throws IOException {
    // The sandbox does not start for root in a container; the only page shown is our own.
    Process process =
        new ProcessBuilder(
                browser.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder)
            .redirectErrorStream(true)
            .start();
    BufferedReader output = process.inputReader();
    StringBuilder said = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(LISTENING)) {
        Thread drain = new Thread(() -> drain(output), "chromium output");
        drain.setDaemon(true);
        drain.start();
        return new Chromium(process, URI.create(line.substring(LISTENING.length()).trim()));
      }
      said.append(line).append('\n');
    }
    throw new IOException(browser + ": did not start; it said:\n" + said);
  }

  /** What it says later is of no interest, but must not fill the pipe. */
  private static void drain(BufferedReader output) {
    try {
      output.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      // The browser was closed.
    }
  }

  /** Loads a page into a window of that size; what was seen of the page before is forgotten. */
  void open(URI page, int width, int height, boolean dark) {
    window(width, height, dark);
    // another place of the page that is open would not load it again
    events.clear();
    call("Page.navigate", Map.of("url", "about:blank"));
    await("Page.loadEventFired");
    events.clear();
    call("Page.navigate", Map.of("url", page.toString()));
    await("Page.loadEventFired");
  }

  private void window(int width, int height, boolean dark) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    Map<String, String> scheme =
        Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
  }

  /** Value of a script expression in the page. */
  JsonNode value(String expression) {
    JsonNode answer =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
    }
    return answer.at("/result/value");
  }

  /** Presses and releases a key, as {@code Tab} or {@code Enter}. */
  void press(String key, int code, String text) {
    call(
        "Input.dispatchKeyEvent",
        Map.of(
            "type",
            "keyDown",
            "key",
            key,
            "code",
            key,
            "windowsVirtualKeyCode",
            code,
            "text",
            text));
    call(
        "Input.dispatchKeyEvent",
        Map.of("type", "keyUp", "key", key, "code", key, "windowsVirtualKeyCode", code));
  }

  /** Waits for the page's script. */
  void until(String condition) {
    waitFor(condition, () -> value("Boolean(" + condition + ")").asBoolean());
  }

  /** Presses the mouse in the middle of an element. */
  void click(String selector) {
    Map<String, Object> where = middle(selector);
    for (String type : List.of("mousePressed", "mouseReleased")) {
      Map<String, Object> event = new HashMap<>(where);
      event.putAll(Map.of("type", type, "button", "left", "clickCount", 1));
      call("Input.dispatchMouseEvent", event);
    }
  }

  /** Touches the middle of an element. */
  void tap(String selector) {
    call("Emulation.setTouchEmulationEnabled", Map.of("enabled", true));
    call(
        "Input.dispatchTouchEvent",
        Map.of("type", "touchStart", "touchPoints", List.of(middle(selector))));
    call("Input.dispatchTouchEvent", Map.of("type", "touchEnd", "touchPoints", List.of()));
    call("Emulation.setTouchEmulationEnabled", Map.of("enabled", false));
  }

  private Map<String, Object> middle(String selector) {
    JsonNode box =
        value(
            "(() => { const of = document.querySelector(`%s`);".formatted(selector)
                + " of.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });"
                + " const box = of.getBoundingClientRect();"
                + " return [box.x + box.width / 2, box.y + box.height / 2]; })()");
    return Map.of("x", box.get(0).asDouble(), "y", box.get(1).asDouble());
  }

  void type(String text) {
    call("Input.insertText", Map.of("text", text));
  }

  /** The whole page, PNG. */
  byte[] screenshot() throws IOException {
    // what is not on the screen is not drawn before somebody scrolls there
    value(
        "document.querySelectorAll('section').forEach(of => of.style.contentVisibility = 'visible')");
    Map<String, Object> how = Map.of("format", "png", "captureBeyondViewport", true);
    return call("Page.captureScreenshot", how).get("data").binaryValue();
  }

  /** Shows the page as on paper, or as on a screen. */
  void media(String media) {
    call("Emulation.setEmulatedMedia", Map.of("media", media));
  }

  byte[] pdf() throws IOException {
    return call("Page.printToPDF", Map.of("printBackground", true)).get("data").binaryValue();
  }

  /** Addresses that the page asked for since it was opened. */
  List<String> requests() {
    return seen("Network.requestWillBeSent").map(e -> e.at("/request/url").asText()).toList();
  }

  /** Exceptions, errors and warnings since the page was opened. */
  List<String> complaints() {
    Stream<String> thrown = seen("Runtime.exceptionThrown").map(JsonNode::toString);
    Stream<String> logged = seen("Log.entryAdded").map(JsonNode::toString);
    Stream<String> written =
        seen("Runtime.consoleAPICalled")
            .filter(event -> List.of("error", "warning").contains(event.path("type").asText()))
            .map(JsonNode::toString);
    return Stream.of(thrown, logged, written).flatMap(lines -> lines).toList();
  }

  private Stream<JsonNode> seen(String method) {
    return events.stream()
        .filter(event -> event.path("method").asText().equals(method))
        .map(event -> event.path("params"));
  }

  private void await(String method) {
    waitFor(method, () -> seen(method).findAny().isPresent());
  }

  private static void waitFor(String what, BooleanSupplier there) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!there.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("no " + what + " within " + SECONDS + " s");
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private JsonNode call(String method, Map<String, ?> parameters) {
    return call(session, method, parameters);
  }

  private JsonNode call(String to, String method, Map<String, ?> parameters) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    var message = json.createObjectNode().put("id", id).put("method", method);
    message.set("params", json.valueToTree(parameters));
    if (!to.isEmpty()) {
      message.put("sessionId", to);
    }
    socket.sendText(message.toString(), true).join();
    JsonNode result = answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    if (result.has("error")) {
      throw new IllegalStateException(method + ": " + result.get("error"));
    }
    return result.get("result");
  }

  private WebSocket.Listener listener() {
    StringBuilder message = new StringBuilder();
    return new WebSocket.Listener() {
      @Override
      public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        message.append(part);
        if (last) {
          take(message.toString());
          message.setLength(0);
        }
        from.request(1);
        return CompletableFuture.completedStage(null);
      }
    };
  }

  private void take(String message) {
    JsonNode node;
    try {
      node = json.readTree(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the browser sent no JSON: " + message, e);
    }
    if (node.has("id")) {
      CompletableFuture<JsonNode> answer = answers.remove(node.get("id").asInt());
      if (answer != null) {
        answer.complete(node);
      }
    } else {
      events.add(node);
    }
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
