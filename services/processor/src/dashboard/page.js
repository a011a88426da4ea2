// Small helpers: elements whose content is text and never markup, and numbers as people read them.

export const byId = (id) => document.getElementById(id);

/** An element; children that are no elements become text. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  set(made, attributes);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function draw(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(made, attributes);
  made.append(...children);
  return made;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
}

/** Changes a text only where it is another one, so that nothing is announced or selected anew for nothing. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Text that senders chose: apart from what is around it, also where it runs from right to left. */
export const data = (text) => make("bdi", { class: "data" }, text);

const tones = {
  running: "good", active: "good", processed: "good", stable: "good", steady: "good",
  starting: "news", rebalancing: "news", revoking: "news", in_flight: "news", pending: "quiet",
  paused: "warn", throttled: "warn", draining: "warn", retrying: "warn", duplicate: "quiet", no_event: "quiet",
  stalled: "bad", dead_lettered: "bad",
};

/** A state as a word on a colour. */
export function showState(pill, word) {
  say(pill, word.replaceAll("_", " "));
  pill.dataset.tone = tones[word] ?? "quiet";
  return pill;
}

export const pill = (word) => showState(make("span", { class: "pill" }), word);

const integer = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const unknown = "–";
const known = (n) => typeof n === "number" && Number.isFinite(n);

export const count = (n) => (known(n) ? integer.format(n) : unknown);
export const compact = (n) => (known(n) ? (Math.abs(n) < 10000 ? integer.format(n) : short.format(n)) : unknown);

export function rate(n) {
  if (!known(n)) return unknown;
  return n > 0 && n < 9.95 ? n.toFixed(1) : integer.format(n);
}

export function milliseconds(n) {
  if (!known(n)) return unknown;
  if (n >= 1000) return `${(n / 1000).toFixed(n < 100000 ? 1 : 0)} s`;
  return `${n < 10 ? n.toFixed(n < 1 ? 2 : 1) : integer.format(n)} ms`;
}

export function duration(seconds) {
  if (!known(seconds)) return unknown;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  const [d, h, m] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (d > 0) return `${d} d ${h} h`;
  return h > 0 ? `${h} h ${m} min` : `${m} min ${Math.floor(seconds) % 60} s`;
}

/** The time of day of an RFC 3339 timestamp, with the date where it is another day. */
export function clock(timestamp) {
  const at = new Date(timestamp ?? NaN);
  if (Number.isNaN(at.getTime())) return unknown;
  const time = at.toLocaleTimeString("en-GB");
  return at.toDateString() === new Date().toDateString() ? time : `${at.toISOString().slice(0, 10)} ${time}`;
}

export const place = (of) => `${of.topic}/${of.partition}/${of.offset}`;

/** Names and values of a list of definitions, changed in place: [name, text or element] each. */
export function list(dl, entries) {
  while (dl.children.length > entries.length) dl.lastElementChild.remove();
  entries.forEach(([name, value], i) => {
    let row = dl.children[i];
    if (!row) {
      row = make("div", {}, make("dt"), make("dd"));
      dl.append(row);
    }
    say(row.firstElementChild, name);
    const dd = row.lastElementChild;
    if (typeof value === "string") say(dd, value);
    else if (dd.firstElementChild?.outerHTML !== value.outerHTML) dd.replaceChildren(value);
  });
}
