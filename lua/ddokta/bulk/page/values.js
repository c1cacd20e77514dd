// Values of a page as elements, and what differs within them. The page's script is this file, list.js and
// filters.js, one behind the other.
//
// The page has its rows as data. Only those near the screen are elements, so that a hundred thousand open at
// once.
"use strict";

// --- what the page has -----------------------------------------------------------------------------

const data = JSON.parse(document.getElementById("data").textContent);
const sections = data.sections; // {id, words, tone, alike: "fields" or "said", closed}

const rows = data.rows.map(([section, action, name, place, remark, fields, said]) => ({
  kind: "row", section, action, name, place, remark, fields, said, group: -1, text: "",
}));

const place = Object.fromEntries(
  ["list", "printed", "tools", "search", "count", "reset", "sections", "fields"]
    .map((id) => [id, document.getElementById(id)]));

const number = (count) => count.toLocaleString("en");
const plural = (count) => `${number(count)} ${count === 1 ? data.noun : data.plural}`;

// --- elements --------------------------------------------------------------------------------------

// What is no element is text: nothing that comes from a source or a service is ever read as HTML.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function button(attributes, act, ...children) {
  const made = element("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", act);
  return made;
}

// A name may be written from right to left: it must not turn what stands beside it.
const isolated = (text) => element("bdi", {}, text);
const small = (text) => text ? element("small", {}, isolated(text)) : null;

// --- what differs within two values ----------------------------------------------------------------

const MOST_COMPARED = 250000; // pairs of words
const LEAST_ALIKE = 0.3; // of the longer one; two values that have less in common are shown unmarked

const words = (text) => text.match(/[\p{L}\p{N}\p{M}]+|\s+|[^]/gu) ?? [];

// Which of a's words and of b's are not in their longest common subsequence.
function differing(a, b) {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j]
        ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const inA = a.map(() => true), inB = b.map(() => true);
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      inA[i++] = inB[j++] = false;
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
      i++;
    } else {
      j++;
    }
  }
  return [inA, inB];
}

// Neighbours that are both marked, or both not, are one part: {text, marked}. A space between two words that
// are marked is marked as well.
function joined(texts, marks) {
  const parts = [];
  texts.forEach((text, i) => {
    const last = parts.at(-1);
    const marked = marks[i] || Boolean(last?.marked && marks[i + 1] && text.trim() === "");
    if (last && last.marked === marked) last.text += text;
    else parts.push({ text, marked });
  });
  return parts;
}

// -> the parts of the old value and those of the new one
function compared(old, now) {
  const a = words(old), b = words(now);
  let before = 0, after = 0;
  const shorter = Math.min(a.length, b.length);
  while (before < shorter && a[before] === b[before]) before++;
  while (after < shorter - before && a[a.length - 1 - after] === b[b.length - 1 - after]) after++;
  const middleA = a.slice(before, a.length - after), middleB = b.slice(before, b.length - after);
  const [inA, inB] = middleA.length * middleB.length > MOST_COMPARED
    ? [middleA.map(() => true), middleB.map(() => true)]
    : differing(middleA, middleB);
  const framed = (marks) => [...Array(before).fill(false), ...marks, ...Array(after).fill(false)];
  const parts = [joined(a, framed(inA)), joined(b, framed(inB))];
  const common = parts[0].reduce((sum, part) => sum + (part.marked ? 0 : part.text.trim().length), 0);
  if (common >= LEAST_ALIKE * Math.max(old.length, now.length)) return parts;
  return [[{ text: old, marked: false }], [{ text: now, marked: false }]];
}

// --- values ----------------------------------------------------------------------------------------

const LONG = 400; // characters of a value that is not shown whole at once
const KEPT = 100; // of these, at both ends of what is left out
const MOST_ITEMS = 30; // of a list, until more are asked for

// Cut between characters, not within one that takes two units.
function cut(text, at) {
  const low = text.charCodeAt(at);
  return low >= 0xdc00 && low <= 0xdfff ? at - 1 : at;
}

// The same without the middle of long parts.
function shortened(parts) {
  return parts.flatMap(({ text, marked }) => {
    if (text.length <= 3 * KEPT) return [{ text, marked }];
    const from = cut(text, KEPT), to = cut(text, text.length - KEPT);
    return [
      { text: text.slice(0, from), marked },
      { leftOut: to - from },
      { text: text.slice(to), marked },
    ];
  });
}

function drawPart({ text, marked, leftOut }) {
  if (leftOut) return element("span", { class: "quiet" }, ` … ${number(leftOut)} characters … `);
  return marked ? element("mark", {}, text) : text;
}

// tag: "del" or "ins"
function drawParts(tag, parts) {
  const length = parts.reduce((sum, part) => sum + part.text.length, 0);
  if (length === 0) return element(tag, { class: "quiet" }, "(empty)");
  if (length <= LONG) return element(tag, { dir: "auto" }, ...parts.map(drawPart));
  const made = element(tag, { dir: "auto" }, ...shortened(parts).map(drawPart), " ");
  made.append(button({ class: "link" }, () => made.replaceChildren(...parts.map(drawPart)),
    `show all ${number(length)} characters`));
  return made;
}

function drawItems(tag, items, stay) {
  const draw = (some) => some.map((item) => element("span", { class: "item", dir: "auto" }, item));
  const made = element(tag, { class: "items" }, ...draw(items.slice(0, MOST_ITEMS)));
  if (items.length > MOST_ITEMS) {
    made.append(button({ class: "link" }, () => made.replaceChildren(...draw(items)),
      `and ${number(items.length - MOST_ITEMS)} more`));
  }
  if (items.length === 0) made.append(element("span", { class: "quiet" }, "(none)"));
  if (stay) made.append(element("span", { class: "quiet" }, `${number(stay)} stay`));
  return made;
}

// value: a text, a list of texts, or null; stay: how many of a list do not change
function drawValue(tag, value, stay) {
  if (value === null) return element(tag, { class: "quiet" }, "(none)");
  return Array.isArray(value) ? drawItems(tag, value, stay) : drawParts(tag, [{ text: value, marked: false }]);
}

// A field is [label, old, new] or [label, old, new, stay]; of what goes it is [label, old]. What is made has
// nothing old; one that has neither says all by its label.
function drawField([label, old, now, stay], isNew) {
  const head = element("span", { class: "label" }, isolated(label));
  if (old === null && now === null) return element("div", { class: "field bare" }, head);
  if (isNew) return element("div", { class: "field whole" }, head, drawValue("ins", now));
  if (now === undefined) return element("div", { class: "field whole" }, head, drawValue("del", old));
  const areTexts = typeof old === "string" && typeof now === "string";
  const [before, after] = areTexts
    ? compared(old, now).map((parts, i) => drawParts(i ? "ins" : "del", parts))
    : [drawValue("del", old, stay), drawValue("ins", now)];
  return element("div", { class: "field" }, head, before, after);
}
