package steersweep.bench;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;

/**
 * Changes the options of every ONNX Runtime session of a program from outside, by system
 * properties:
 *
 * <ul>
 *   <li>{@code bench.profile=PREFIX} switches the runtime's profiler on: {@code PREFIX_*.json} is
 *       written when the session is closed;
 *   <li>{@code bench.session.KEY=VALUE} sets the session option KEY, for experiments;
 *   <li>{@code bench.memoryPattern=true|false} and {@code bench.arena=true|false}, the same.
 * </ul>
 */
public final class SessionAgent {
  private static final String OPTION = "bench.session.";

  private SessionAgent() {}

  /** Called by the JVM before main. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    new AgentBuilder.Default()
        .type(named("ai.onnxruntime.OrtEnvironment"))
        .transform(
            (builder, type, loader, module, domain) ->
                builder.visit(
                    Advice.to(Opening.class)
                        .on(
                            named("createSession")
                                .and(takesArgument(0, byte[].class))
                                .and(takesArgument(1, OrtSession.SessionOptions.class)))))
        .installOn(instrumentation);
  }

  /** Inlined at the beginning of {@code createSession(byte[], SessionOptions)}. */
  static final class Opening {
    private Opening() {}

    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(1) OrtSession.SessionOptions options)
        throws OrtException, IOException {
      SessionAgent.change(options);
    }
  }

  /** Public because the code that calls it is moved into a class of the runtime. */
  public static void change(OrtSession.SessionOptions options) throws OrtException, IOException {
    String profile = System.getProperty("bench.profile");
    if (profile != null) {
      options.enableProfiling(profile);
      Path opened = Path.of(profile).resolveSibling("opened");
      if (!Files.exists(opened)) { // the report opens the model again
        Files.writeString(opened, Long.toString(System.currentTimeMillis()));
      }
    }
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith(OPTION)) {
        options.addConfigEntry(name.substring(OPTION.length()), System.getProperty(name));
      }
    }
    if (System.getProperty("bench.memoryPattern") != null) {
      options.setMemoryPatternOptimization(Boolean.getBoolean("bench.memoryPattern"));
    }
    if (System.getProperty("bench.arena") != null) {
      options.setCPUArenaAllocator(Boolean.getBoolean("bench.arena"));
    }
  }
}
