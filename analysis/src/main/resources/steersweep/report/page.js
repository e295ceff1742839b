"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const ascii = (text) => text.replaceAll("\u2212", "-");

  function add(parent, tag, properties) {
    const element = Object.assign(document.createElement(tag), properties);
    parent.append(element);
    return element;
  }

  /** A row of controls before an element, with a labelled choice in it. */
  function choice(before, label, options, className) {
    const controls = document.createElement("div");
    controls.className = "controls";
    const select = add(add(controls, "label", { textContent: label + " " }), "select", { className });
    options.forEach(([value, textContent]) => add(select, "option", { value, textContent }));
    before.before(controls);
    return select;
  }

  // Sections that this run has nothing for have no place in the navigation.
  const links = all("nav a").filter((link) => {
    const there = document.querySelector(link.getAttribute("href"));
    if (!there) link.remove();
    return there;
  });
  links.forEach((link) => { link.dataset.section = link.hash.slice(1); });

  // Where a map is wider than its window, the positive settings, at its right, are shown first.
  const toTheRight = () => matchMedia("(max-width: 40rem)").matches && all("#layers .of-concept:not([hidden]) .drawing").forEach((drawing) => { drawing.scrollLeft = drawing.scrollWidth; });

  // One concept at a time, the same one in every section.
  const ofConcepts = all(".of-concept");
  const concepts = [...new Set(ofConcepts.map((part) => part.dataset.concept))];
  const selects = [];
  let concept = concepts[0] ?? "";
  function choose(name) {
    if (!concepts.includes(name)) return;
    concept = name;
    ofConcepts.forEach((part) => { part.hidden = part.dataset.concept !== name; });
    selects.forEach((select) => { select.value = name; });
    links.forEach((link) => { link.href = "#" + encodeURIComponent(name) + "/" + link.dataset.section; });
    toTheRight();
  }
  if (concepts.length > 1) {
    for (const section of new Set(ofConcepts.map((part) => part.parentElement))) {
      const select = choice(section.querySelector(".of-concept"), "Concept", concepts.map((name) => [name, name]), "concept");
      select.addEventListener("change", () => {
        choose(select.value);
        history.replaceState(null, "", "#" + encodeURIComponent(concept) + "/" + section.id);
      });
      selects.push(select);
    }
    choose(concept);
  } else {
    toTheRight();
  }

  // Several figures in one place: one setting, damage or site at a time.
  for (const group of all(".choice")) {
    const figures = all("figure", group);
    if (figures.length < 2) continue;
    const name = (figure) => figure.querySelector("h4").textContent.split(group.dataset.before).pop();
    const value = (figure) => Number(ascii(name(figure)));
    const sorted = figures.slice().sort((a, b) => value(a) - value(b));
    const select = choice(group, group.dataset.label, sorted.map((figure) => [figure.id, name(figure)]), "figure");
    const show = () => figures.forEach((figure) => { figure.hidden = figure.id !== select.value; });
    select.value = figures[0].id;
    select.addEventListener("change", show);
    show();
  }

  // Paper cannot be unfolded: what has no other place on it is unfolded before.
  const folded = all("#claims details, #doses details");
  addEventListener("beforeprint", () => folded.forEach((details) => { details.open = true; }));
  addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));

  // Texts of a cell. Its address is #concept/hook_point/layer/head/setting; #concept/section chooses a concept.
  const panel = byId("cell");
  const list = byId("cell-pairs");
  const search = panel.querySelector("input");
  const kind = panel.querySelector("select");
  const ALL = "all concepts";
  let data;
  let shown;

  /** What the page has of all cells: packed, as it is large and most of it is never looked at. */
  async function load() {
    if (!data) {
      const packed = Uint8Array.from(atob(byId("cells").textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      data = JSON.parse(await new Response(stream).text());
      data.at = new Map(data.points.map((key, place) => [key, place]));
    }
    return data;
  }

  const cellsOf = (name, place) => data.cells[place].filter((cell) => name === ALL || data.pairs[cell.pair].concept === name);
  const addressOf = (name, key) => "#" + encodeURIComponent(name) + "/" + key;
  const fixed = (value) => Math.abs(value).toFixed(2);
  const sign = (value) => fixed(value) === "0.00" ? "" : value < 0 ? "\u2212" : "+";
  const signed = (value) => value === null ? "\u2013" : sign(value) + fixed(value);
  const plain = (value) => value === null ? "\u2013" : (sign(value) === "+" ? "" : sign(value)) + fixed(value);
  const percent = (value) => value === null ? "\u2013" : Math.round(100 * value) + "\u202f%";

  function inWords(key) {
    const [hookPoint, layer, head, setting] = key.split("/");
    const heads = /^(value|head_output)$/.test(hookPoint) ? (head === "all" ? " all heads" : " head " + head) : "";
    return `${hookPoint} layer ${layer}${heads} at setting ${setting.replace("-", "\u2212")}`;
  }

  /** The concept's target words, as the score counts them. */
  function targets(name) {
    const words = (data.concepts.find((of) => of.name === name)?.targets ?? []).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return words.length ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join("|")})(?![\\p{L}\\p{N}])`, "giu") : null;
  }

  /** A text, its target words marked, and dim as far as it is the baseline's. */
  function write(parent, text, baseline, words) {
    let same = 0;
    if (baseline !== undefined) {
      while (same < text.length && text[same] === baseline[same]) same++;
      if (same < text.length || same < baseline.length) while (same > 0 && text[same - 1] !== " ") same--;
    }
    const part = (from, to, className) => {
      const within = className ? add(parent, "span", { className }) : parent;
      let at = from;
      for (const hit of words ? text.slice(from, to).matchAll(words) : []) {
        within.append(text.slice(at, from + hit.index));
        add(within, "mark", { textContent: hit[0] });
        at = from + hit.index + hit[0].length;
      }
      within.append(text.slice(at, to));
    };
    part(0, same, "same");
    part(same, text.length, "");
    if (!text) add(parent, "em", { textContent: "(no text)" });
  }

  function version(parent, role, of, baseline, words) {
    if (!of) return;
    const part = add(parent, "div", { className: "version" });
    add(part, "h4", { textContent: role });
    write(add(part, "blockquote", {}), data.texts[of.text], baseline, words);
    const coherent = of.coherent === null ? "" : of.coherent ? " \u00b7 coherent" : " \u00b7 not coherent";
    const recognised = of.recognised ? " \u00b7 recognised" : "";
    add(part, "p", { className: "scores-line", textContent: "evidence " + signed(of.evidence) + coherent + recognised });
  }

  function card(cell, words) {
    const pair = data.pairs[cell.pair];
    const part = document.createElement("article");
    add(part, "h3", { textContent: data.texts[pair.base] + " \u2026" });
    const whose = shown.concept === ALL ? pair.concept + ": " : "";
    add(part, "p", { className: "where", textContent: `${whose}\u201c${data.texts[pair.steering]}\u201d \u00b7 pull ${signed(cell.pull)} \u00b7 damage ${plain(cell.damage)}` });
    const versions = add(part, "div", { className: "versions" });
    const baseline = pair.baseline ? data.texts[pair.baseline.text] : undefined;
    version(versions, "baseline", pair.baseline, undefined, words);
    version(versions, "steered", cell.steered, baseline, words);
    version(versions, "random direction", cell.control, baseline, words);
    version(versions, "prompted instead", pair.prompted, baseline, words);
    return part;
  }

  const kinds = {
    all: () => true,
    changed: (cell) => cell.steered && cell.steered.text !== data.pairs[cell.pair].baseline?.text,
    coherent: (cell) => cell.steered?.coherent === 1,
    broken: (cell) => cell.steered?.coherent === 0,
    recognised: (cell) => cell.steered?.recognised === 1,
    target: (cell, words) => cell.steered && words && data.texts[cell.steered.text].search(words) >= 0,
  };

  function filter() {
    const words = targets(shown.concept);
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const cells = cellsOf(shown.concept, shown.place);
    const found = cells.filter((cell) => {
      const pair = data.pairs[cell.pair];
      const text = [pair.base, pair.steering, pair.baseline?.text, cell.steered?.text, cell.control?.text, pair.prompted?.text]
        .map((number) => data.texts[number] ?? "").join("\n").toLowerCase();
      return kinds[kind.value](cell, words) && wanted.every((word) => text.includes(word));
    });
    list.replaceChildren(...found.map((cell) => card(cell, words)));
    panel.querySelector("output").textContent = `${found.length} of ${cells.length} prompt pairs`;
  }

  function facts(score) {
    return !score ? "" : `${score.verdict} \u00b7 pull ${signed(score.pull)}${score.low === null ? "" : ` [${signed(score.low)}, ${signed(score.high)}]`}`
      + ` \u00b7 damage ${plain(score.damage)} \u00b7 evidence ${signed(score.evidence)} \u00b7 coherent ${percent(score.coherent)}`
      + ` \u00b7 recognised ${percent(score.recognised)} \u00b7 factor ${plain(score.factor)}`;
  }

  async function open(name, key) {
    await load();
    const place = data.at.get(key);
    if (place === undefined || !cellsOf(name, place).length) return;
    shown = { concept: name, place };
    byId("cell-title").textContent = name + ": " + inWords(key);
    byId("cell-facts").textContent = facts(data.concepts.find((of) => of.name === name)?.scores[place]);
    const written = cellsOf(name, place).some((cell) => cell.steered);
    byId("cell-note").textContent = written ? "" : data.note || "No texts were written here, only read: texts are for the sites that pull farthest and a sample. generate.cells: all in the plan writes all.";
    for (const button of all("[data-step]", panel)) button.disabled = next(Number(button.dataset.step)) === undefined;
    filter();
    panel.scrollTop = 0;
    if (!panel.open) panel.showModal();
  }

  /** The cell before or after this one that the concept has. */
  function next(step) {
    for (let place = shown.place + step; place >= 0 && place < data.points.length; place += step) {
      if (cellsOf(shown.concept, place).length) return data.points[place];
    }
    return undefined;
  }

  function go(step) {
    const key = next(step);
    if (key !== undefined) location.replace(addressOf(shown.concept, key));
  }

  all("[data-step]", panel).forEach((button) => button.addEventListener("click", () => go(Number(button.dataset.step))));
  panel.querySelector("[data-close]").addEventListener("click", () => panel.close());
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
  panel.addEventListener("close", () => {
    if (location.hash.split("/").length === 5) history.replaceState(null, "", "#" + encodeURIComponent(concept) + "/");
  });
  panel.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && !event.target.matches("input, select")) go(step);
  });
  search.addEventListener("input", filter);
  kind.addEventListener("change", filter);

  /** Follows the address. */
  function follow() {
    let parts;
    try {
      parts = location.hash.slice(1).split("/").map(decodeURIComponent);
    } catch (malformed) {
      return;
    }
    if (parts.length > 1) choose(parts[0]);
    if (parts.length === 5) {
      open(parts[0], parts.slice(1).join("/"));
      return;
    }
    if (panel.open) panel.close();
    if (parts.length === 2) byId(parts[1])?.scrollIntoView();
  }
  addEventListener("hashchange", follow);

  // Cells of maps and points of plots are opened by a click, a touch, Enter; arrow keys walk among them.
  const openCell = (cell) => { location.hash = addressOf(cell.closest("[data-concept]")?.dataset.concept ?? concept, cell.dataset.cell); };
  for (const svg of all("figure svg")) {
    const cells = all("[data-cell]", svg);
    cells.forEach((cell, place) => {
      cell.setAttribute("role", "button");
      cell.setAttribute("tabindex", place ? "-1" : "0");
    });
    if (cells.length) svg.setAttribute("role", "group");
  }
  document.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-cell]");
    const row = event.target.closest("tbody tr");
    if (cell) openCell(cell);
    else if (row && !event.target.closest("a") && !getSelection().toString()) row.querySelector("a[href*='/']")?.click();
  });
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("[data-cell]");
    if (!cell) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      openCell(cell);
      return;
    }
    const across = Number(cell.parentElement.dataset.columns ?? 1);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    if (!step) return;
    event.preventDefault();
    const cells = [...cell.parentElement.children];
    let to = cells.indexOf(cell) + step;
    while (cells[to] && !cells[to].dataset.cell) to += step;
    if (!cells[to]) return;
    cell.setAttribute("tabindex", "-1");
    cells[to].setAttribute("tabindex", "0");
    cells[to].focus();
  });

  // The table of all scores: sorted by its headers, filtered by words.
  function sortable(table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const words = new Map(rows.map((row) => [row, ascii([...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase())]));

    function number(cell) {
      const found = ascii(cell.textContent).replaceAll("\u202f", "").match(/[-+]?\d+(\.\d+)?/);
      return found ? Number(found[0]) : NaN;
    }

    const startsLikeANumber = /^[-+<\[\u2212]?\d|^\[[-+\u2212]/;

    function compare(column, direction) {
      const numeric = rows.some((row) => startsLikeANumber.test(row.cells[column].textContent));
      return (a, b) => {
        const left = a.cells[column];
        const right = b.cells[column];
        if (!numeric) return direction * left.textContent.localeCompare(right.textContent);
        const x = number(left);
        const y = number(right);
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
        return direction * (x - y);
      };
    }

    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      const name = header.textContent;
      header.textContent = "";
      const button = add(header, "button", { type: "button", textContent: name });
      button.addEventListener("click", () => {
        const down = header.getAttribute("aria-sort") !== "descending";
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort(compare(column, down ? -1 : 1));
        body.append(...rows);
      });
    });

    const controls = document.createElement("div");
    controls.className = "controls";
    const label = add(controls, "label", { textContent: "Search " });
    const input = add(label, "input", { type: "search", placeholder: "such as: value works" });
    const count = add(controls, "output", {});
    const find = () => {
      const wanted = ascii(input.value.toLowerCase()).split(/\s+/).filter(Boolean);
      let there = 0;
      for (const row of rows) {
        row.hidden = !wanted.every((word) => words.get(row).includes(word));
        if (!row.hidden) there++;
      }
      count.textContent = there + " of " + rows.length + " rows";
    };
    input.addEventListener("input", find);
    table.parentElement.before(controls);
    find();
  }
  if (byId("all-scores")) sortable(byId("all-scores"));

  follow();
})();
