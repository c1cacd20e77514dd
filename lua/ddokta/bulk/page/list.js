// The list of a page: from rows to lines, from lines to elements. A line is a section ("477 to update"), a
// group (rows that differ in the same way) or a row.

// --- lines -----------------------------------------------------------------------------------------

const drawSaid = (said) => element("div", { role: "cell", class: "said" },
  ...said.map((text, i) => element("span", { class: i ? "quiet" : "first" }, isolated(text))));

const cellFor = (said) => data.hasSaid ? drawSaid(said) : null;

function drawFields(row) {
  const isNew = row.action === "create";
  return element("div", { role: "cell", class: "fields" }, ...row.fields.map((field) => drawField(field, isNew)));
}

function drawRow(row) {
  const section = sections[row.section];
  const action = row.action === section.id ? "" : row.action;
  return element("div", { role: "row", class: `row ${section.tone}` },
    element("div", { role: "rowheader", class: "name" }, isolated(row.name),
      small([action, row.place].filter((text) => text).join(" · ")), small(row.remark)),
    drawFields(row), cellFor(row.said));
}

// Whose names make no difference: what is the same in each row of a group.
const common = (row) => row.said.slice(0, 1).map((text) => text.replaceAll(row.name, "…"));

function drawGroup({ key, found, isOpen }) {
  const row = found[0], section = sections[row.section];
  const names = found.slice(0, 2).map((one) => one.name).join(", ") + (found.length > 2 ? ", …" : "");
  return element("div", { role: "row", class: `row group ${section.tone}` },
    element("div", { role: "rowheader", class: "name" },
      button({ class: "fold", "aria-expanded": isOpen, "data-key": key }, () => toggle(key, !isOpen),
        plural(found.length)), small(names)),
    drawFields(section.alike === "fields" ? row : { ...row, fields: [] }), cellFor(common(row)));
}

function drawSection({ key, section, count, isOpen }) {
  return element("div", { role: "row", class: `section ${section.tone}` },
    element("div", { role: "cell", "aria-colspan": data.hasSaid ? 3 : 2 },
      button({ class: "fold", "aria-expanded": isOpen, "data-key": key }, () => toggle(key, !isOpen),
        element("b", {}, number(count)), ` ${section.words}`)));
}

const drawers = { section: drawSection, group: drawGroup, row: drawRow };

// --- what is looked for ----------------------------------------------------------------------------

const LEAST_EQUAL = 3; // rows that make a group
const wanted = { sections: new Set(), fields: new Set(), words: [] };

// As people search: José is jose, STRASSE is straße.
function folded(text) {
  if (!/[^\x00-\x7f]/.test(text)) return text.toLowerCase(); // eslint-disable-line no-control-regex
  return text.normalize("NFKD").replace(/\p{M}+/gu, "").toUpperCase().toLowerCase();
}

function textOf(row) {
  let text = `${row.name}\n${row.place}\n${row.remark}`;
  for (const field of row.fields) for (const value of field) text += `\n${value ?? ""}`;
  for (const words of row.said) text += `\n${words}`;
  return folded(text);
}

function matches(row) {
  if (wanted.sections.size && !wanted.sections.has(row.section)) return false;
  if (wanted.fields.size && !row.fields.some(([label]) => wanted.fields.has(label))) return false;
  if (!wanted.words.length) return true;
  row.text ||= textOf(row);
  return wanted.words.every((word) => row.text.includes(word));
}

// Makes the texts ahead of the first search, whenever there is nothing else to do.
function prepare(from = 0) {
  const later = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 50, { timeRemaining: () => 0 }));
  later((deadline) => {
    let i = from;
    do {
      for (const end = Math.min(i + 200, rows.length); i < end; i++) rows[i].text ||= textOf(rows[i]);
    } while (i < rows.length && deadline.timeRemaining() > 1);
    if (i < rows.length) prepare(i);
  });
}

// What rows of a group have in common; "" of one that is in none.
function likeness(row) {
  const { alike } = sections[row.section];
  if (alike === "fields" && row.fields.length) return row.action + JSON.stringify(row.fields);
  if (alike === "said") return [row.remark, ...row.said].join("\n").replaceAll(row.name, "…");
  return "";
}

function findGroups() {
  const groups = new Map();
  for (const row of rows) {
    const key = likeness(row);
    if (!key) continue;
    const own = `${row.section} ${key}`;
    const alike = groups.get(own);
    if (alike) alike.push(row);
    else groups.set(own, [row]);
  }
  [...groups.values()].filter((alike) => alike.length >= LEAST_EQUAL).forEach((alike, i) => {
    for (const row of alike) row.group = i;
  });
}

// --- from rows to lines ----------------------------------------------------------------------------

const opened = new Map(); // what was opened or closed by hand, by its key

function groupsOf(found) {
  const groups = new Map();
  for (const row of found) {
    if (row.group < 0) continue;
    if (groups.has(row.group)) groups.get(row.group).push(row);
    else groups.set(row.group, [row]);
  }
  return [...groups.entries()].filter(([, list]) => list.length >= LEAST_EQUAL)
    .sort(([, a], [, b]) => b.length - a.length);
}

function addRows(lines, found, all) {
  const groups = groupsOf(found);
  const grouped = new Set(groups.map(([group]) => group));
  for (const [group, list] of groups) {
    const key = `group ${group}`;
    const isOpen = all || (opened.get(key) ?? wanted.words.length > 0);
    lines.push({ kind: "group", key, found: list, isOpen });
    if (isOpen) for (const row of list) lines.push(row);
  }
  for (const row of found) if (!grouped.has(row.group)) lines.push(row);
}

// all: groups are open, whatever was folded
function linesOf(bySection, all) {
  const lines = [];
  bySection.forEach((found, i) => {
    if (!found.length) return;
    const key = `section ${i}`, section = sections[i];
    const isOpen = opened.get(key) ?? (!section.closed || wanted.sections.has(i) || wanted.words.length > 0);
    lines.push({ kind: "section", key, section, count: found.length, isOpen });
    if (isOpen) addRows(lines, found, all);
  });
  return lines;
}

// --- the list --------------------------------------------------------------------------------------

const IN_BLOCK = 40; // lines
const MOST_LINES = 150000; // a browser's page has an end: some 17 million pixels
const NEAR = "1500px 0px"; // what is that near is drawn

const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) fill(entry.target);
    else empty(entry.target);
  }
}, { rootMargin: NEAR });

const blocks = new Map(); // block -> its lines, and the number of the first
let stretch = 1; // how much higher than guessed lines have turned out to be

const guess = (line) => line.kind === "row" ? 40 + 26 * Math.max(line.fields.length - 1, 0) : 48;

function draw(lines, first) {
  return lines.map((line, i) => {
    const made = drawers[line.kind](line);
    made.setAttribute("aria-rowindex", first + i + 2); // the first has the columns' names
    return made;
  });
}

function fill(block) {
  if (block.firstChild) return;
  const { lines, first, guessed } = blocks.get(block);
  block.setAttribute("role", "rowgroup");
  block.append(...draw(lines, first));
  block.style.height = "";
  stretch = block.offsetHeight / guessed || stretch;
}

// Keeps its height. What has the keyboard's focus stays.
function empty(block) {
  if (!block.firstChild || block.contains(document.activeElement)) return;
  block.style.height = `${block.offsetHeight}px`;
  block.removeAttribute("role");
  block.replaceChildren();
}

function show(lines) {
  near.disconnect();
  blocks.clear();
  const shown = lines.slice(0, MOST_LINES);
  const made = [];
  for (let first = 0; first < shown.length; first += IN_BLOCK) {
    const own = shown.slice(first, first + IN_BLOCK);
    const guessed = own.reduce((sum, line) => sum + guess(line), 0);
    const block = element("div", { class: "block" });
    blocks.set(block, { lines: own, first, guessed });
    made.push(block);
  }
  place.list.setAttribute("aria-rowcount", shown.length + 1);
  place.list.replaceChildren(place.list.firstElementChild, ...made);
  if (made.length) fill(made[0]);
  for (const block of made) {
    if (!block.firstChild) block.style.height = `${Math.round(blocks.get(block).guessed * stretch)}px`;
    near.observe(block);
  }
  if (lines.length > shown.length) {
    place.list.append(element("p", { class: "quiet" },
      `${number(lines.length - shown.length)} more lines: search, or choose what is shown.`));
  }
}
