"use strict";
(() => {
  // Sections that this run has nothing for have no place in the navigation.
  for (const link of document.querySelectorAll("nav a")) {
    if (!document.querySelector(link.getAttribute("href"))) link.remove();
  }

  function add(parent, tag, properties) {
    const element = Object.assign(document.createElement(tag), properties);
    parent.append(element);
    return element;
  }

  // Where a map is wider than its window, the positive settings, at its right, are shown first.
  const toTheRight = (drawing) => { drawing.scrollLeft = drawing.scrollWidth; };

  // One concept at a time, the same one in every section.
  const ofConcepts = [...document.querySelectorAll("[data-concept]")];
  const concepts = [...new Set(ofConcepts.map((part) => part.dataset.concept))];
  const selects = [];
  const choose = (concept) => {
    ofConcepts.forEach((part) => { part.hidden = part.dataset.concept !== concept; });
    selects.forEach((select) => { select.value = concept; });
    document.querySelectorAll("#layers .drawing").forEach(toTheRight);
  };
  if (concepts.length > 1) {
    for (const section of new Set(ofConcepts.map((part) => part.parentElement))) {
      const controls = document.createElement("div");
      controls.className = "controls";
      const label = add(controls, "label", { textContent: "Concept " });
      const select = add(label, "select", { className: "concept" });
      concepts.forEach((concept) => add(select, "option", { value: concept, textContent: concept }));
      select.addEventListener("change", () => choose(select.value));
      selects.push(select);
      section.querySelector("[data-concept]").before(controls);
    }
    choose(concepts[0]);
  } else {
    document.querySelectorAll("#layers .drawing").forEach(toTheRight);
  }

  // Several maps in one place: one setting or damage at a time.
  for (const group of document.querySelectorAll(".choice")) {
    const figures = [...group.querySelectorAll("figure")];
    if (figures.length < 2) continue;
    const controls = document.createElement("div");
    controls.className = "controls";
    const label = add(controls, "label", { textContent: group.dataset.label + " " });
    const select = add(label, "select", {});
    for (const figure of figures) {
      add(select, "option", { value: figure.id, textContent: figure.querySelector("h4").textContent.split(group.dataset.before).pop() });
    }
    const options = [...select.options];
    const value = (option) => Number(option.textContent.replace("\u2212", "-"));
    options.sort((a, b) => value(a) - value(b)).forEach((option) => select.append(option));
    const show = () => figures.forEach((figure) => { figure.hidden = figure.id !== select.value; });
    select.value = figures[0].id;
    select.addEventListener("change", show);
    group.before(controls);
    show();
  }

  // Paper cannot be unfolded: what has no other place on it is unfolded before.
  const folded = [...document.querySelectorAll("#claims details, #doses details")];
  addEventListener("beforeprint", () => folded.forEach((details) => { details.open = true; }));
  addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));

  // The table of all scores: sorted by its headers, filtered by words.
  const table = document.getElementById("all-scores");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const words = new Map(rows.map((row) => [row, [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase().replaceAll("\u2212", "-")]));

  function number(cell) {
    const found = cell.textContent.replaceAll("\u2212", "-").replaceAll("\u202f", "").match(/[-+]?\d+(\.\d+)?/);
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
  const filter = () => {
    const wanted = input.value.toLowerCase().replaceAll("\u2212", "-").split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !wanted.every((word) => words.get(row).includes(word));
      if (!row.hidden) shown++;
    }
    count.textContent = shown + " of " + rows.length + " rows";
  };
  input.addEventListener("input", filter);
  table.parentElement.before(controls);
  filter();
})();
