// The status as it comes, once a second, and the plain truth about the connection.

import { byId, clock, say } from "./page.js";

const silentAfter_ms = 4000; // one a second is expected
const againAfter_ms = 2000;

/** Calls `onStatus` with every status. Loses and finds the connection by itself. */
export function follow(onStatus) {
  const link = byId("link");
  let source = null;
  let heard = 0;
  let lastTime = null;
  let again = null;

  function show(state, text) {
    link.dataset.link = state;
    document.body.dataset.link = state;
    say(link, text);
  }

  function take(text) {
    heard = Date.now();
    lastTime = new Date();
    show("live", "Live");
    onStatus(JSON.parse(text));
  }

  function lost() {
    show("lost", lastTime ? `Connection lost. Trying again; these figures are of ${clock(lastTime)}.`
      : "No connection yet. Trying again.");
  }

  function open() {
    again = null;
    source = new EventSource("status/stream");
    source.addEventListener("status", (event) => take(event.data));
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) { // refused, as when too many follow: a browser gives up then
        poll();
        again ??= setTimeout(open, againAfter_ms);
      } else {
        lost();
      }
    });
  }

  async function poll() {
    try {
      const answer = await fetch("status", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      take(await answer.text());
    } catch {
      lost();
    }
  }

  setInterval(() => {
    if (heard !== 0 && Date.now() - heard > silentAfter_ms) lost();
  }, 1000);
  open();
}
