#include "policy/tool/matrix_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace gatehouse::policy::tool {
namespace {

constexpr char kHead[] = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who may do what</title>
<style>
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #fff; --ink: #1d2327; --quiet: #6b747b; --line: #e4e1d8;
  --yes: #1f7a4d; --yes-soft: #e3f2e9; --if: #a86400; --if-soft: #fdf1dc;
  --no: #b9b6ad; --bad: #a3322b; --accent: #2a5d9f; --accent-soft: #e5eefa;
  --shadow: 0 1px 2px rgb(0 0 0 / 6%), 0 8px 24px rgb(0 0 0 / 8%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1c2024; --ink: #e6e4de; --quiet: #969ea5; --line: #2c3238;
    --yes: #6fcf97; --yes-soft: #17322433; --if: #f0b45a; --if-soft: #3a2c1266;
    --no: #4b5258; --bad: #f08a80; --accent: #8ab8f5; --accent-soft: #1e304a;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 8px 24px rgb(0 0 0 / 45%);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
code, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .86em; }
header { max-width: 1500px; margin: 0 auto; padding: 36px 32px 12px; }
h1 { margin: 0; font-size: 28px; font-weight: 650; letter-spacing: -.02em; }
header p { margin: 6px 0 0; color: var(--quiet); max-width: 70ch; }
.tools { display: flex; flex-wrap: wrap; gap: 14px 24px; align-items: center; margin-top: 22px; }
.states { display: flex; flex-wrap: wrap; gap: 4px; padding: 4px; border-radius: 12px;
  background: var(--card); border: 1px solid var(--line); }
.states button { border: 0; border-radius: 8px; padding: 6px 12px; font: inherit; font-size: 13px;
  color: var(--quiet); background: none; cursor: pointer; }
.states button:hover { color: var(--ink); }
.states button[aria-pressed=true] { background: var(--accent-soft); color: var(--accent);
  font-weight: 600; }
.tools input { font: inherit; font-size: 14px; padding: 8px 12px; width: 220px; color: inherit;
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.legend { display: flex; gap: 18px; color: var(--quiet); font-size: 13px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
main { max-width: 1500px; margin: 0 auto; padding: 12px 32px 64px; display: grid; gap: 28px;
  grid-template-columns: minmax(0, 1fr) 380px; align-items: start; }
table { border-collapse: separate; border-spacing: 0; width: 100%; background: var(--card);
  border: 1px solid var(--line); border-radius: 14px; }
thead th { position: sticky; top: 0; z-index: 1; background: var(--card); padding: 14px 6px 10px;
  border-bottom: 1px solid var(--line); font-size: 11.5px; font-weight: 600; color: var(--quiet);
  letter-spacing: .03em; line-height: 1.25; vertical-align: bottom; }
thead th:first-child { border-top-left-radius: 14px; }
thead th:last-child { border-top-right-radius: 14px; }
tbody th { text-align: left; font-weight: 450; padding: 4px 8px 4px 18px; white-space: nowrap;
  font-size: 13px; }
tr.group th { padding: 18px 18px 6px; font-size: 12px; font-weight: 650; color: var(--accent);
  text-transform: uppercase; letter-spacing: .07em; }
tbody tr.action:hover { background: var(--accent-soft); }
td { text-align: center; padding: 2px; }
td button { width: 100%; min-width: 44px; height: 30px; border: 1px solid transparent;
  border-radius: 8px; background: none; cursor: pointer; font: inherit; color: inherit; }
td button.yes { background: var(--yes-soft); }
td button.if { background: var(--if-soft); }
td button:hover { border-color: var(--accent); }
td button[aria-pressed=true] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.dot { display: inline-block; width: 12px; height: 12px; border-radius: 50%;
  vertical-align: -1px; }
.yes .dot { background: var(--yes); }
.if .dot { border: 2px solid var(--if);
  background: linear-gradient(90deg, var(--if) 50%, transparent 50%); }
.no .dot { width: 8px; height: 2px; border-radius: 1px; background: var(--no);
  vertical-align: 4px; }
aside { position: sticky; top: 16px; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; padding: 22px; box-shadow: var(--shadow); max-height: calc(100vh - 32px);
  overflow: auto; }
aside h2 { margin: 0 0 2px; font-size: 17px; letter-spacing: -.01em; overflow-wrap: anywhere; }
aside .who { color: var(--quiet); font-size: 13.5px; margin: 0 0 14px; }
.verdict { display: inline-block; padding: 3px 11px; border-radius: 999px; font-weight: 600;
  font-size: 13px; }
.verdict.yes { background: var(--yes-soft); color: var(--yes); }
.verdict.if { background: var(--if-soft); color: var(--if); }
.verdict.no { background: var(--line); color: var(--quiet); }
aside h3 { font-size: 11.5px; text-transform: uppercase; letter-spacing: .07em;
  color: var(--quiet); margin: 20px 0 6px; }
.hurdle { border-left: 3px solid var(--line); padding: 0 0 0 12px; margin: 0 0 14px; }
.hurdle.stands { border-color: var(--bad); }
.hurdle b { font-size: 12.5px; letter-spacing: .02em; }
.hurdle div { font-size: 13px; overflow-wrap: anywhere; }
.hurdle .quiet { color: var(--quiet); }
.wait { color: var(--accent); font-size: 12.5px; }
footer { max-width: 1500px; margin: 0 auto; padding: 0 32px 40px; color: var(--quiet);
  font-size: 12.5px; }
@media (max-width: 1080px) {
  main { grid-template-columns: minmax(0, 1fr); }
  aside { position: static; max-height: none; }
  .wide { overflow-x: auto; }
}
@media print { aside, .tools input, .states { display: none; } main { display: block; } }
</style>
</head>
<body>
<header>
  <h1 id="title"></h1>
  <p>Each cell holds for every case there can be: <b>yes</b> whatever else is so, <b>no</b> whatever
  else is so, <b>if</b> it depends on what the panel lists. Choose the state that the account is in,
  and a cell to see why.</p>
  <div class="tools">
    <div class="states" id="states" role="group" aria-label="State of the account"></div>
    <input id="search" type="search" placeholder="Find an action" aria-label="Find an action">
    <div class="legend">
      <span class="yes"><i class="dot"></i>yes</span>
      <span class="if"><i class="dot"></i>if</span>
      <span class="no"><i class="dot"></i>no</span>
    </div>
  </div>
</header>
<main>
  <div class="wide"><table><thead id="head"></thead><tbody id="body"></tbody></table></div>
  <aside id="panel" aria-live="polite"></aside>
</main>
<footer id="foot"></footer>
<noscript>This page draws its table by script.</noscript>
<script type="application/json" id="data">)html";

constexpr char kTail[] = R"html(</script>
<script>
"use strict";
const matrix = JSON.parse(document.getElementById("data").textContent);
const groups = [[1, "Signing in and sessions"], [30, "Accounts"], [80, "Self-service reset"],
  [90, "Organisations and the acceptable use policy"], [110, "Policy"], [130, "Audit"]];
const byId = (id) => document.getElementById(id);
let state = -1;  // of matrix.states; -1: any
let chosen = null;

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const words = (name) => name.toLowerCase().replaceAll("_", " ");
const sentence = (name) => words(name).replace(/^./, (letter) => letter.toUpperCase());
const accessOf = (cell) => state < 0 ? cell.access : cell.by_state[state].access;

function drawStates() {
  const buttons = [["Any state", "whatever the account is"],
    ...matrix.states.map((one) => [sentence(one.name), one.remark])];
  byId("states").replaceChildren(...buttons.map(([name, remark], i) => {
    const button = make("button", {title: remark, "aria-pressed": i - 1 === state}, name);
    button.onclick = () => { state = i - 1; draw(); };
    return button;
  }));
}

function drawTable() {
  byId("head").replaceChildren(make("tr", {}, make("th", {}),
    ...matrix.seats.map((seat) => make("th", {title: seat.remark, scope: "col"},
      sentence(seat.name)))));
  const sought = words(byId("search").value.trim());
  const rows = [];
  let group = -1;
  for (const row of matrix.rows) {
    if (sought && !words(row.action).includes(sought)) continue;
    const at = groups.findLastIndex(([first]) => row.number >= first);
    if (at !== group) {
      group = at;
      rows.push(make("tr", {class: "group"},
        make("th", {colspan: matrix.seats.length + 1, scope: "colgroup"}, groups[at][1])));
    }
    rows.push(make("tr", {class: "action"}, make("th", {scope: "row"}, sentence(row.action)),
      ...row.cells.map((cell, i) => drawCell(row, cell, i))));
  }
  byId("body").replaceChildren(...rows);
}

function drawCell(row, cell, seat) {
  const access = accessOf(cell);
  const pressed = chosen && chosen.row === row && chosen.seat === seat;
  const button = make("button", {class: access, "aria-pressed": Boolean(pressed),
    "aria-label": `${sentence(matrix.seats[seat].name)}, ${words(row.action)}: ${access}`},
    make("i", {class: "dot"}));
  button.onclick = () => { chosen = {row, seat}; draw(); };
  return make("td", {}, button);
}

function drawHurdle(hurdle, stands) {
  const parts = [make("b", {}, hurdle.reason),
    make("div", {}, make("span", {class: "quiet"}, "stands while "),
      make("code", {}, hurdle.stands_while))];
  for (const mend of hurdle.mends) parts.push(make("div", {}, `\u2192 ${words(mend.split(":")[0])}:`,
    make("code", {}, mend.split(":")[1])));
  if (hurdle.waiting_helps) {
    parts.push(make("div", {class: "wait"},
      "\u29D6 time alone can end it; a refusal names the instant"));
  }
  parts.push(make("div", {class: "quiet mono"}, hurdle.rule_id));
  return make("div", {class: stands ? "hurdle stands" : "hurdle"}, ...parts);
}

function drawPanel() {
  if (!chosen) return;
  const {row, seat} = chosen;
  const cell = row.cells[seat];
  const access = accessOf(cell);
  const inState = state < 0 ? null : matrix.states[state];
  const against = state < 0 ? [] : cell.by_state[state].against;
  const seatText = `${sentence(matrix.seats[seat].name)}, ${matrix.seats[seat].remark}`;
  const parts = [make("h2", {}, sentence(row.action)),
    make("p", {class: "who"}, seatText,
      inState ? `; the account is ${words(inState.name)}: ${inState.remark}` : ""),
    make("span", {class: `verdict ${access}`},
      {yes: "Yes, always", if: "If nothing stands against it", no: "No, never"}[access])];
  if (row.undecided) parts.push(make("p", {}, "The rules are too many to tell: nothing here holds."));
  parts.push(make("h3", {}, "Permitted by"));
  parts.push(cell.permits.length ? make("div", {class: "mono"}, cell.permits.join(", "))
    : make("div", {class: "quiet"}, "No rule lets them in."));
  const hurdles = cell.hurdles.map((i) => row.hurdles[i]);
  if (hurdles.length) parts.push(make("h3", {}, "Can stand against it"));
  for (const hurdle of hurdles) parts.push(drawHurdle(hurdle, against.includes(hurdle.reason)));
  byId("panel").replaceChildren(...parts);
}

function draw() { drawStates(); drawTable(); drawPanel(); }

byId("title").textContent = `Who may do what: ${matrix.name}`;
byId("foot").append("Policy ", make("code", {}, matrix.policy_revision),
  ", computed from its rules by gatehouse-policy.");
byId("search").oninput = drawTable;
const first = matrix.rows.find((row) => row.action === "RESECURE_ACCOUNT") || matrix.rows[0];
const admin = matrix.seats.findIndex((seat) => seat.name === "LOCAL_ADMIN");
if (first) chosen = {row: first, seat: admin};
draw();
</script>
</body>
</html>
)html";

}  // namespace

std::string MatrixPage(const nlohmann::ordered_json& matrix) {
  // Within a script element only "</" would end it.
  return absl::StrCat(kHead, absl::StrReplaceAll(matrix.dump(), {{"</", "<\\/"}}), kTail);
}

}  // namespace gatehouse::policy::tool
