--- What each page of html.lua has in it: its style, its script, and their digests, by which the page's
-- Content-Security-Policy lets in these two and nothing else (spec/lua/bulk/html_spec.lua compares them).

local page = {}

page.style = [[
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 90rem; font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
p { margin: .2rem 0; max-width: 70rem; overflow-wrap: anywhere; }
.blocked { border-left: 4px solid #c33; padding-left: .7rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0 .8rem; margin: .3rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
ul { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: .8rem 0; list-style: none; }
li { border: 1px solid var(--line); border-radius: .4rem; padding: .2rem .6rem; }
li b { font-size: 1.2rem; margin-right: .3rem; }
#tools { display: flex; flex-wrap: wrap; gap: .8rem; align-items: center; position: sticky; top: 0;
  padding: .6rem 0; background: Canvas; border-bottom: 1px solid var(--line); }
#tools[hidden] { display: none; }
#tools input { font: inherit; padding: .3rem .5rem; width: min(30rem, 100%); }
#tools button { font: inherit; padding: .2rem .6rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem; overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid var(--line); }
tbody { border-bottom: 1px solid var(--line); }
tbody[hidden] { display: none; }
.n { width: 4.5rem; } .a { width: 6.5rem; } .k { width: 24%; } .f { width: 8rem; } .o { width: 18%; }
small { opacity: .75; display: block; font-weight: normal; }
del, ins { text-decoration: none; }
del { color: light-dark(#a11, #f99); } ins { color: light-dark(#172, #8e9); }
.create th, .create .act { color: light-dark(#172, #8e9); }
.update .act { color: light-dark(#850, #fc6); }
.delete .act, .failed .out, .unknown .out { color: light-dark(#a11, #f99); }
.conflict .act { color: light-dark(#817, #f9f); }
.unchanged { color: GrayText; }
@media print { #tools { display: none; } }
]]

page.script = [[
"use strict";
const rows = Array.from(document.querySelectorAll("tbody")).map(
  (body) => ({ body, text: body.textContent.toLowerCase() + " " + body.className }));
const input = document.getElementById("search");
const count = document.getElementById("count");
function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter((word) => word);
  let shown = 0;
  for (const row of rows) {
    const is = words.every((word) => row.text.includes(word));
    if (row.body.hidden === is) row.body.hidden = !is;
    if (is) shown++;
  }
  count.textContent = shown + " of " + rows.length + " shown";
}
function readAddress() {
  try { input.value = decodeURIComponent(location.hash.slice(1)); } catch (_) { input.value = ""; }
  filter();
}
let waiting = 0;
input.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    filter();
    try { history.replaceState(null, "", "#" + encodeURIComponent(input.value)); } catch (_) {}
  }, 80);
});
for (const button of document.querySelectorAll("#tools button")) {
  button.addEventListener("click", () => { location.hash = encodeURIComponent(button.value); });
}
addEventListener("hashchange", readAddress);
document.getElementById("tools").hidden = false;
readAddress();
]]

page.style_digest = "E5AXfJvA0MWqs0FY+aWEdE4yYftW9QiT7wgVqTy1T0A="
page.script_digest = "APs5SPTru/ebwE10VH183y/ncHkXhHbHnj7mj6MDYtU="

return page
