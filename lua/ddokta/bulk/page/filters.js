// What is shown of a page: by search, by section, by field; and the charts, keys and paper around the list.

// --- filters ---------------------------------------------------------------------------------------

let bySection = [];

function refresh() {
  bySection = sections.map(() => []);
  let found = 0;
  for (const row of rows) {
    if (!matches(row)) continue;
    bySection[row.section].push(row);
    found++;
  }
  const isAll = found === rows.length;
  place.count.textContent = isAll ? plural(found) : `${number(found)} of ${plural(rows.length)}`;
  place.reset.hidden = !(wanted.words.length || wanted.sections.size || wanted.fields.size);
  show(linesOf(bySection, false));
}

// A line that is opened stays where it is.
function toggle(key, isOpen) {
  const find = () => place.list.querySelector(`[data-key="${key}"]`);
  const before = find().getBoundingClientRect().top;
  opened.set(key, isOpen);
  show(linesOf(bySection, false));
  const block = [...blocks].find(([, { lines }]) => lines.some((line) => line.key === key))[0];
  fill(block);
  const button = find();
  scrollBy(0, button.getBoundingClientRect().top - before);
  button.focus({ preventScroll: true });
}

// The address has all that is looked for, so that it can be sent to somebody.
function keepAddress() {
  const address = new URLSearchParams();
  if (place.search.value) address.set("search", place.search.value);
  for (const i of wanted.sections) address.append("show", sections[i].id);
  for (const label of wanted.fields) address.append("changes", label);
  try { history.replaceState(null, "", `#${address}`); } catch { /* some browsers keep files' addresses */ }
}

function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  place.search.value = address.get("search") ?? "";
  wanted.words = wordsOf(place.search.value);
  wanted.sections = new Set(address.getAll("show").map((id) => sections.findIndex((one) => one.id === id)));
  wanted.sections.delete(-1);
  wanted.fields = new Set(address.getAll("changes"));
  press();
  refresh();
}

const wordsOf = (text) => folded(text).split(/\s+/).filter((word) => word);

// Buttons show what is chosen.
function press() {
  for (const one of document.querySelectorAll("button[data-section]")) {
    one.setAttribute("aria-pressed", wanted.sections.has(Number(one.dataset.section)));
  }
  for (const one of document.querySelectorAll("button[data-field]")) {
    one.setAttribute("aria-pressed", wanted.fields.has(one.dataset.field));
  }
}

function changed() {
  press();
  refresh();
  keepAddress();
  if (place.tools.getBoundingClientRect().top <= 0) place.tools.scrollIntoView();
}

function choose(set, value) {
  if (!set.delete(value)) set.add(value);
  changed();
}

function clear() {
  place.search.value = "";
  wanted.words = [];
  wanted.sections.clear();
  wanted.fields.clear();
  changed();
}

// --- what is around the list -----------------------------------------------------------------------

const MOST_FIELDS = 8; // that have a bar

function makeSectionButtons() {
  for (const item of place.sections.querySelectorAll("li")) {
    const i = sections.findIndex((section) => section.id === item.dataset.section);
    item.replaceChildren(button({ "data-section": i, "aria-pressed": false },
      () => choose(wanted.sections, i), ...item.childNodes));
  }
}

// How often each field changes, and in which sections.
function countFields() {
  const counts = new Map();
  for (const row of rows) {
    if (sections[row.section].closed) continue;
    for (const [label] of row.fields) {
      if (!counts.has(label)) counts.set(label, { all: 0, by: sections.map(() => 0) });
      const count = counts.get(label);
      count.all++;
      count.by[row.section]++;
    }
  }
  return [...counts].sort(([, a], [, b]) => b.all - a.all).slice(0, MOST_FIELDS);
}

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawBar({ by }, most) {
  const bar = shape("svg", { class: "bar", viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": true });
  let x = 0;
  by.forEach((count, i) => {
    if (!count) return;
    const width = count / most * 1000;
    bar.append(shape("rect", { class: sections[i].tone, x, width, height: 10 }));
    x += width;
  });
  return bar;
}

function drawFieldsChart() {
  const counts = countFields();
  if (counts.length < 2) return;
  const most = counts[0][1].all;
  const list = element("ul", {}, ...counts.map(([label, count]) => element("li", {},
    button({ "data-field": label, "aria-pressed": false }, () => choose(wanted.fields, label),
      element("span", { class: "label" }, isolated(label)), drawBar(count, most), element("b", {}, number(count.all))))));
  place.fields.append(element("h2", {}, data.fieldsTitle), list);
  place.fields.hidden = false;
}

// --- keys, paper -----------------------------------------------------------------------------------

const MOST_PRINTED = 500; // lines, of which the first matter most

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    clear();
  } else if (event.key === "/" && document.activeElement !== place.search) {
    event.preventDefault();
    place.search.focus();
  }
});

let waiting = 0;
place.search.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    wanted.words = wordsOf(place.search.value);
    changed();
  }, 80);
});

addEventListener("beforeprint", () => {
  const lines = linesOf(bySection, true);
  const rest = lines.length - MOST_PRINTED;
  place.printed.replaceChildren(place.list.firstElementChild.cloneNode(true),
    ...draw(lines.slice(0, MOST_PRINTED), 0));
  if (rest > 0) {
    place.printed.append(element("p", {}, `${number(rest)} more lines are not printed: choose what is shown first.`));
  }
});
addEventListener("afterprint", () => place.printed.replaceChildren());

place.reset.addEventListener("click", clear);
addEventListener("hashchange", readAddress);

findGroups();
makeSectionButtons();
drawFieldsChart();
place.tools.hidden = false;
readAddress();
prepare();
