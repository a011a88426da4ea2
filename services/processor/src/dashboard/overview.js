// What the whole processor does now: rate, lag, latency, totals, types, group.

import { makeChart, Series } from "./charts.js";
import { byId, clock, compact, count, data, duration, list, make, milliseconds, rate, say, showState } from "./page.js";

const rates = new Series();
const lags = new Series();
const latencies = new Series();
const rateChart = makeChart("Events processed a second", rate, { scale: true });
const lagChart = makeChart("Events behind", compact, { scale: true, tone: "warn", floor: 20 });
const latencyChart = makeChart("End to end latency, p99", milliseconds, { scale: true, tone: "quiet" });
const stallsShown = 3;
let before = null;

byId("rate-chart").append(rateChart.element);
byId("lag-chart").append(lagChart.element);
byId("latency-chart").append(latencyChart.element);

const sum = (partitions, of) => partitions.reduce((total, p) => total + (p[of] ?? 0), 0);

function showRate(status, now) {
  const { processed_per_second: done, received_per_second: come } = status.rates;
  if (before && status.uptime_seconds > before.uptime)
    rates.add(now, (status.totals.processed - before.processed) / (status.uptime_seconds - before.uptime));
  before = { uptime: status.uptime_seconds, processed: status.totals.processed };
  say(byId("rate"), rate(done["10s"]));
  say(byId("rate-note"), `received ${rate(come["10s"])}/s; of the last minute ${rate(done["60s"])}/s`);
  rateChart.update(rates, now);
}

function showLag(status, now) {
  const known = status.partitions.some((p) => p.lag !== null);
  const lag = known ? sum(status.partitions, "lag") : null;
  const oldest = Math.max(...status.partitions.map((p) => p.oldest_in_flight_seconds ?? 0), 0);
  lags.add(now, lag);
  say(byId("lag"), count(lag));
  say(byId("lag-note"), `${count(sum(status.partitions, "in_flight"))} in flight` +
    (oldest > 0 ? `, the oldest for ${duration(oldest)}` : ""));
  lagChart.update(lags, now);
}

function showLatency({ latency }, now) {
  for (const p of ["50", "90", "99"]) {
    say(byId(`e${p}`), milliseconds(latency.end_to_end_ms[`p${p}`]));
    say(byId(`h${p}`), milliseconds(latency.handler_ms[`p${p}`]));
  }
  latencies.add(now, latency.end_to_end_ms.p99);
  latencyChart.update(latencies, now);
}

function showTypes(status) {
  const types = Object.entries(status.by_type);
  const most = Math.max(...types.map(([, n]) => n), 1);
  const body = byId("types");
  while (body.children.length > types.length) body.lastElementChild.remove();
  types.forEach(([type, n], i) => {
    let row = body.children[i];
    if (!row) {
      row = make("tr", {}, make("th", { scope: "row" }, data(""), make("meter", { "aria-hidden": "true", min: 0 })),
        make("td", { class: "number" }));
      body.append(row);
    }
    const [name, meter] = row.firstElementChild.children;
    say(name, type);
    meter.max = most;
    meter.value = n;
    say(row.lastElementChild, count(n));
  });
  byId("types-none").hidden = types.length > 0;
}

function showGroup({ group, kafka, handler, dead_letters: letters }) {
  list(byId("group"), [
    ["Group", data(group.id)],
    ["Member", data(group.member_id ?? "–")],
    ["Assignment", group.protocol ?? "–"],
    ["State", (group.state ?? "–").replaceAll("-", " ")],
    ["Rebalances", group.last_rebalance_at ? `${count(group.rebalances)}, the last at ${clock(group.last_rebalance_at)}`
      : count(group.rebalances)],
    ["Brokers", `${count(kafka.brokers_up)} of ${count(kafka.brokers_known)} connected`],
    ["Handler", `${handler.name}, ${count(handler.in_flight)} of ${count(handler.concurrency)} at work`],
    ["Dead letters on their way", count(letters.pending)],
    ...(kafka.last_error ? [["Last error of Kafka", data(kafka.last_error)]] : []),
  ]);
}

const stallWords = {
  handler_late: "The handler has not finished",
  no_progress: "Nothing is finished any more in",
  group_unsettled: "The group does not settle",
};

function describeStall({ reason, topic, partition, offset, id, since }) {
  const spot = [topic, partition, offset].filter((part) => part !== null && part !== undefined).join("/");
  return `${stallWords[reason] ?? reason}${spot ? ` ${spot}` : ""}${id ? ` (${id})` : ""}, since ${clock(since)}.`;
}

// What stops events, in words, above all else.
function showTrouble({ kafka, dead_letters: letters, stalls = [] }) {
  const words = stalls.slice(0, stallsShown).map(describeStall);
  if (stalls.length > stallsShown) words.push(`${count(stalls.length - stallsShown)} more are stuck; /status names them.`);
  if (kafka.brokers_up === 0) words.push("No broker can be reached.");
  if (letters.pending > 0 && letters.last_error)
    words.push(`${count(letters.pending)} dead letters cannot be stored: ${letters.last_error}`);
  byId("trouble").hidden = words.length === 0;
  say(byId("trouble"), words.join("\n"));
}

export function showOverview(status, now) {
  if (before && status.uptime_seconds < before.uptime) { // another process
    before = null;
    for (const series of [rates, lags, latencies]) series.clear();
  }
  showState(byId("state"), status.state);
  say(byId("group-name"), status.group.id);
  say(byId("version"), `version ${status.version}`);
  say(byId("uptime"), `up ${duration(status.uptime_seconds)}`);
  showRate(status, now);
  showLag(status, now);
  showLatency(status, now);
  for (const name of ["received", "processed", "retried", "duplicates", "dead_lettered"])
    say(byId(`t-${name}`), count(status.totals[name]));
  showTypes(status);
  showGroup(status);
  showTrouble(status);
}
