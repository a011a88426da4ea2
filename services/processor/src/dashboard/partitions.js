// A row a partition: where it stands, how it got there, and a button to pause it.

import { command, perform } from "./admin.js";
import { makeChart, Series } from "./charts.js";
import { byId, compact, count, data, duration, make, pill, rate, say, showState } from "./page.js";

const table = byId("partitions");
const body = table.tBodies[0];
const said = byId("partitions-said");
const rows = new Map();
let everythingPaused = false;

const cell = (label, content, kind = "") =>
  make("td", { role: "cell", "data-label": label, class: kind || null }, ...content);

function toggle(button, target, paused) {
  const query = target ? `?topic=${encodeURIComponent(target.topic)}&partition=${target.partition}` : "";
  const what = target ? `${target.topic}/${target.partition}` : "All partitions";
  perform(button, said, () => command("POST", `v1/${paused ? "resume" : "pause"}${query}`),
    () => `${what}: ${paused ? "resumed" : "paused"}.`);
}

function makeRow(p) {
  const name = `${p.topic}/${p.partition}`;
  const text = () => make("span");
  const row = {
    p, before: null, lags: new Series(), rates: new Series(),
    lagChart: makeChart(`Lag of ${name}`, count, { tone: "warn", floor: 20 }),
    rateChart: makeChart(`Rate of ${name}, events a second`, rate),
    state: pill("unknown"), lag: text(), rate: text(), committed: text(), finished: text(), end: text(), flight: text(),
    button: make("button", { type: "button" }, "Pause"),
  };
  row.button.addEventListener("click", () => toggle(row.button, row.p, row.p.state === "paused"));
  row.element = make("tr", { role: "row" },
    make("th", { role: "rowheader", scope: "row" }, data(p.topic), make("span", { class: "quiet" }, "/"), `${p.partition}`),
    cell("State", [row.state]),
    cell("Lag", [row.lagChart.element, row.lag], "number charted"),
    cell("Rate", [row.rateChart.element, row.rate], "number charted"),
    cell("Committed", [row.committed], "number"),
    cell("Finished", [row.finished], "number"),
    cell("End", [row.end], "number"),
    cell("In flight", [row.flight], "number"),
    cell("", [row.button], "action"));
  return row;
}

function updateRow(row, p, uptime, now) {
  row.p = p;
  const finished = p.processed_offset;
  if (row.before && row.before.offset !== null && finished !== null && uptime > row.before.uptime)
    row.rates.add(now, Math.max(0, finished - row.before.offset) / (uptime - row.before.uptime));
  row.before = { offset: finished, uptime };
  row.lags.add(now, p.lag);
  row.lagChart.update(row.lags, now);
  row.rateChart.update(row.rates, now);
  showState(row.state, p.state);
  say(row.lag, compact(p.lag));
  say(row.rate, `${rate(row.rates.last)}/s`);
  say(row.committed, count(p.committed_offset));
  say(row.finished, count(finished));
  say(row.end, count(p.end_offset));
  const oldest = p.oldest_in_flight_seconds;
  say(row.flight, count(p.in_flight) + (oldest >= 1 ? ` · ${duration(oldest)}` : ""));
  const paused = p.state === "paused";
  say(row.button, paused ? "Resume" : "Pause");
  row.button.setAttribute("aria-label", `${paused ? "Resume" : "Pause"} ${p.topic}/${p.partition}`);
  row.button.hidden = everythingPaused;
}

export function showPartitions(status, now) {
  everythingPaused = status.state === "paused";
  const seen = new Set();
  status.partitions.forEach((p, i) => {
    const name = `${p.topic}/${p.partition}`;
    seen.add(name);
    if (!rows.has(name)) rows.set(name, makeRow(p));
    const row = rows.get(name);
    if (row.before && status.uptime_seconds < row.before.uptime) row.before = null; // another process
    updateRow(row, p, status.uptime_seconds, now);
    if (body.children[i] !== row.element) body.insertBefore(row.element, body.children[i] ?? null);
  });
  for (const [name, row] of rows) {
    if (seen.has(name)) continue;
    row.element.remove();
    rows.delete(name);
  }
  table.hidden = rows.size === 0;
  byId("partitions-none").hidden = rows.size > 0;
  say(byId("partitions-note"), rows.size > 0 ? `${rows.size} of this member` : "");
  const all = byId("pause-all");
  all.hidden = false;
  say(all, everythingPaused ? "Resume all" : "Pause all");
}

byId("pause-all").addEventListener("click", (event) => toggle(event.currentTarget, null, everythingPaused));
