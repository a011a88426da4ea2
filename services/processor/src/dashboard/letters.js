// Dead letters: what failed, why, and a button that sends it back.

import { command, confirm, perform, request } from "./admin.js";
import { byId, clock, count, data, make, place, say } from "./page.js";

const page = 20;
const emptyPages = 10;
const refreshAfter_ms = 1500; // what has just failed is gathered for as long
const againAfter_ms = 5000;
const table = byId("letters");
const body = table.tBodies[0];
const classes = byId("letters-class");
const said = byId("letters-said");
let cursor = null;
let total = null;
let redriving = false;
let planned = null;
let excuse = null; // why there is no list, until there is one

const cell = (label, content, kind = "") =>
  make("td", { role: "cell", "data-label": label, class: kind || null }, ...content);

function redrive(button, what, words) {
  return perform(button, said, () => command("POST", "v1/dead-letters/redrive", what), (result) => {
    plan();
    const more = [["already_redriven", "sent back before"], ["failed", "could not be"], ["left", "to go"]]
      .filter(([name]) => result[name] > 0).map(([name, text]) => `, ${count(result[name])} ${text}`);
    return `${words}: ${count(result.redriven)} sent back${more.join("")}.`;
  });
}

function makeRow(letter) {
  const name = letter.id ?? place(letter);
  const button = make("button", { type: "button", "aria-label": `Redrive ${name}` }, "Redrive");
  const { topic, partition, offset } = letter.dlq;
  button.addEventListener("click", () => redrive(button, { dead_letters: [{ topic, partition, offset }] }, name));
  const last = letter.redriven_at
    ? make("p", { class: "note" }, "sent back ", make("time", { datetime: letter.redriven_at }, clock(letter.redriven_at)))
    : button;
  return make("tr", { role: "row" },
    cell("Failed", [make("time", { datetime: letter.failed_at ?? "" }, clock(letter.failed_at))], "when"),
    cell("Event", [
      make("p", {}, data(letter.id ?? "no id")),
      make("p", { class: "note" }, data(letter.type ?? "no type"), " from ", data(letter.source ?? "nobody")),
      make("p", { class: "note" }, data(place(letter))),
    ], "event"),
    cell("Reason", [
      make("p", { class: "pill", "data-tone": "bad" }, data(letter.error_class ?? "unknown")),
      make("p", { class: "reason" }, data(letter.error_message ?? "")),
    ], "event"),
    cell("Attempts", [count(letter.attempts)], "number"),
    cell("", [last], "action"));
}

/** Classes that were seen can be chosen; the choice stays. */
function offer(letters) {
  const known = new Set([...classes.options].map((option) => option.value));
  for (const { error_class: of } of letters) {
    if (!of || known.has(of)) continue;
    known.add(of);
    classes.append(make("option", { value: of }, of));
  }
}

async function load(more, empty = 0) {
  const query = (more && cursor ? `&cursor=${encodeURIComponent(cursor)}` : "") +
    (classes.value ? `&error_class=${encodeURIComponent(classes.value)}` : "");
  let found;
  try {
    found = await request(`v1/dead-letters?limit=${page}${query}`);
  } catch (failure) {
    excuse = `The dead letters cannot be listed: ${failure.message}`;
    said.dataset.tone = "bad";
    say(said, excuse);
    if (!more && (failure.status === 0 || failure.status === 503)) plan(againAfter_ms); // as before their topics are there
    return;
  }
  if (said.textContent === excuse) say(said, "");
  excuse = null;
  offer(found.dead_letters);
  const rows = found.dead_letters.map(makeRow);
  if (more) body.append(...rows);
  else body.replaceChildren(...rows);
  cursor = found.next_cursor ?? null;
  if (rows.length === 0 && cursor !== null && empty < emptyPages) return load(true, empty + 1); // its filter found none
  const some = body.children.length;
  table.hidden = some === 0;
  byId("letters-none").hidden = some > 0;
  byId("letters-all").hidden = some === 0;
  byId("letters-filter").hidden = some === 0 && classes.value === "";
  byId("letters-more").hidden = cursor === null;
  say(byId("letters-note"), some > 0 ? `newest first, ${some} shown` : "");
}

function plan(after_ms = refreshAfter_ms) {
  planned ??= setTimeout(() => {
    planned = null;
    load(false);
  }, after_ms);
}

/** Lists anew when this processor has made one, or has sent some back. */
export function showLetters(status) {
  const { redrive: order } = status;
  const running = order?.state === "running" && !order.dry_run;
  say(byId("letters-progress"), running
    ? `Redriving: ${count(order.redriven + order.already_redriven)} of ${count(order.selected)} so far.` : "");
  if (redriving && !running) plan();
  redriving = running;
  const now = status.totals.dead_lettered;
  if (total === null) load(false);
  else if (now !== total) plan();
  total = now;
}

byId("letters-refresh").addEventListener("click", () => {
  say(said, "");
  load(false);
});
classes.addEventListener("change", () => load(false));
byId("letters-more").addEventListener("click", () => load(true));
byId("letters-all").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const of = classes.value;
  const what = of ? `All dead letters of ${of}` : "All dead letters";
  const sure = await confirm(`Redrive ${what.toLowerCase().slice(0, 3)}${what.slice(3)}?`,
    "Each one that was not sent back yet is published to its topic again and handled anew.", "Redrive");
  if (sure) await redrive(button, of ? { error_class: of } : { all: true }, what);
});
