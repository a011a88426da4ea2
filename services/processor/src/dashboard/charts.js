// A line over the last three minutes, in SVG, with its figures in words for those who do not see it.

import { draw, make, say } from "./page.js";

export const windowSeconds = 180;
const gapSeconds = 4; // after which a line is broken: nothing was heard meanwhile
const width = 180;
const height = 36;

/** Readings with their times; those that are too old go. */
export class Series {
  #points = [];

  add(seconds, value) {
    if (typeof value === "number" && Number.isFinite(value)) this.#points.push({ t: seconds, v: value });
    while (this.#points.length > 0 && this.#points[0].t < seconds - windowSeconds) this.#points.shift();
  }

  get points() {
    return this.#points;
  }

  get last() {
    return this.#points.at(-1)?.v ?? null;
  }

  get highest() {
    return this.#points.reduce((most, p) => Math.max(most, p.v), 0);
  }

  clear() {
    this.#points = [];
  }
}

/** `name`: what is shown; `words`: a value as text. With `scale` the highest value is written into the chart. It is
 * never drawn higher than `floor` would be: a few events are no mountain. */
export function makeChart(name, words, { scale = false, tone = "accent", floor = 1e-9 } = {}) {
  const area = draw("path", { class: "area" });
  const line = draw("path", { class: "line", "vector-effect": "non-scaling-stroke" });
  const picture = draw("svg", {
    viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": `${name}: no reading yet`,
  }, area, line);
  const most = scale ? make("span", { class: "most", "aria-hidden": "true" }) : null;
  const element = make("div", { class: scale ? "chart" : "spark", "data-tone": tone }, picture, most);

  function update(series, now) {
    const top = Math.max(series.highest, floor);
    const x = (p) => (((p.t - now + windowSeconds) / windowSeconds) * width).toFixed(1);
    const y = (p) => (height - 1.5 - (p.v / top) * (height - 4)).toFixed(1);
    let path = "";
    let filled = "";
    let run = [];
    const close = () => {
      if (run.length === 0) return;
      const points = run.map((p) => `${x(p)} ${y(p)}`).join("L");
      path += `M${points}${run.length === 1 ? "h0.01" : ""}`;
      filled += `M${x(run[0])} ${height}L${points}L${x(run.at(-1))} ${height}Z`;
      run = [];
    };
    for (const p of series.points) {
      if (run.length > 0 && p.t - run.at(-1).t > gapSeconds) close();
      run.push(p);
    }
    close();
    line.setAttribute("d", path);
    area.setAttribute("d", filled);
    if (most) say(most, series.highest > 0 ? `highest in 3 min: ${words(series.highest)}` : "");
    picture.setAttribute("aria-label", series.last === null ? `${name}: no reading yet`
      : `${name}, last 3 minutes: now ${words(series.last)}, highest ${words(series.highest)}`);
  }
  return { element, update };
}
