// A receipt, from whatever a user has of it, followed until its state is final.

import { request } from "./admin.js";
import { byId, clock, count, data, list, make, pill, place, say } from "./page.js";

const final = ["processed", "duplicate", "dead_lettered", "no_event"];
const again_ms = 2000;
const said = byId("receipt-said");
let following = null;

const byPlace = (topic, partition, offset, id) =>
  `v1/events/${encodeURIComponent(topic)}/${partition}/${offset}?${id ? `id=${encodeURIComponent(id)}&` : ""}`;
const byName = (id, source) =>
  `v1/events?id=${encodeURIComponent(id)}&${source ? `source=${encodeURIComponent(source)}&` : ""}`;

/** Path of the receipt that is meant, ready for one more parameter; none where nothing is. */
export function pathOf(text) {
  const given = text.trim();
  if (given === "") return null;
  if (/^[{[]/.test(given)) {
    try {
      const json = JSON.parse(given);
      const receipt = json.events?.[0] ?? json[0] ?? json;
      if (receipt.topic !== undefined && receipt.offset !== undefined)
        return byPlace(receipt.topic, receipt.partition, receipt.offset, receipt.id);
      return receipt.id ? byName(receipt.id, receipt.source) : null;
    } catch {
      return null;
    }
  }
  const at = given.match(/\/v1\/events\/([^/?#\s]+)\/(\d+)\/(\d+)(?:\?([^#\s]*))?/);
  if (at) return byPlace(decodeURIComponent(at[1]), at[2], at[3], new URLSearchParams(at[4] ?? "").get("id"));
  const named = given.match(/\/v1\/events\?([^#\s]*)/);
  if (named) {
    const query = new URLSearchParams(named[1]);
    return query.get("id") ? byName(query.get("id"), query.get("source")) : null;
  }
  const spot = given.match(/^([A-Za-z0-9._-]+)[/:\s]+(\d+)[/:\s]+(\d+)$/);
  return spot ? byPlace(spot[1], spot[2], spot[3]) : byName(given);
}

function tell(text, tone = "quiet") {
  said.dataset.tone = tone;
  say(said, text);
}

function show(receipt, steps) {
  const latest = steps.at(-1);
  if (latest !== `${receipt.state} ${receipt.attempts}`) {
    steps.push(`${receipt.state} ${receipt.attempts}`);
    byId("receipt-steps").append(make("li", {}, pill(receipt.state),
      make("span", { class: "note" }, receipt.updated_at ? `at ${clock(receipt.updated_at)}` : "")));
  }
  list(byId("receipt-facts"), [
    ["Event", data(receipt.id ?? "unknown")],
    ["Source", data(receipt.source ?? "unknown")],
    ["Place", data(place(receipt))],
    ["Attempts", count(receipt.attempts)],
    ...(receipt.error ? [["Error", data(`${receipt.error.class}: ${receipt.error.message}`)]] : []),
  ]);
  byId("receipt").hidden = false;
}

// A second at a time, so that what lies between the first state and the last is seen too.
async function follow(path, signal) {
  const steps = [];
  for (let wait = 0; !signal.aborted; wait = 1) {
    let receipt;
    try {
      receipt = await request(`${path}wait=${wait}`, { signal });
    } catch (failure) {
      if (signal.aborted) return;
      if (failure.status !== 0 && failure.status !== 503) return tell(failure.message, "bad");
      tell(`${failure.message} Trying again.`, "bad");
      await new Promise((resolve) => setTimeout(resolve, again_ms));
      continue;
    }
    show(receipt, steps);
    if (final.includes(receipt.state)) return tell(`This event is ${receipt.state.replaceAll("_", " ")}.`);
    tell("Following…");
  }
}

byId("receipt-form").addEventListener("submit", (event) => {
  event.preventDefault();
  following?.abort();
  byId("receipt").hidden = true;
  byId("receipt-steps").replaceChildren();
  byId("receipt-facts").replaceChildren();
  const path = pathOf(byId("receipt-what").value);
  if (path === null)
    return tell("That is no receipt. Paste what the ingress answered, a status URL, topic/partition/offset or an id.", "bad");
  tell("Looking…");
  following = new AbortController();
  return follow(path, following.signal);
});
