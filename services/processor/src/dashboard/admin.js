// Requests that change something: asked for first where they are large, with the admin token where one is needed.

import { byId, say } from "./page.js";

const noToken = ["admin_disabled", "foreign_origin"]; // refusals that no token changes
let token = null; // in memory only: gone with the page

/** A question to the user; true for yes. `secret`: with a field for the token. */
function ask({ title, text, yes, secret = false }) {
  const dialog = byId("ask");
  const field = byId("ask-token");
  say(byId("ask-title"), title);
  say(byId("ask-text"), text);
  say(byId("ask-yes"), yes);
  byId("ask-field").hidden = !secret;
  field.value = "";
  field.required = secret;
  dialog.returnValue = "no";
  dialog.showModal();
  (secret ? field : byId("ask-yes")).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

byId("ask-no").addEventListener("click", () => byId("ask").close("no")); // no submit button: Enter means yes

export const confirm = (title, text, yes) => ask({ title, text, yes });

/** What a problem says to people; anything else than a problem is told by its status. */
async function failureOf(answer) {
  let problem = {};
  try {
    problem = await answer.json();
  } catch {
    // no problem of ours
  }
  const text = problem.detail ?? problem.title ?? `The processor answered ${answer.status}.`;
  return Object.assign(new Error(text), { status: answer.status, code: problem.code });
}

/** JSON of an answer. Throws an Error whose message is for people, with `status`: 0 where nobody answered. */
export async function request(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", ...options });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw Object.assign(new Error("The processor does not answer."), { status: 0 });
  }
  if (!answer.ok) throw await failureOf(answer);
  return answer.json();
}

async function askForToken(why) {
  const given = await ask({ title: "Admin token", text: why, yes: "Use it", secret: true });
  token = given ? byId("ask-token").value : null;
  byId("ask-token").value = "";
  return given;
}

/** A request of an administrator: again with a token for as long as the user has another one to try. */
export async function command(method, path, body) {
  for (;;) {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    try {
      return await request(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch (failure) {
      if ((failure.status !== 401 && failure.status !== 403) || noToken.includes(failure.code)) throw failure;
      if (!(await askForToken(failure.message))) throw failure;
    }
  }
}

/** Does it for a button, which cannot be pressed meanwhile; what came of it is said. `done` makes the words. */
export async function perform(button, said, action, done) {
  button.disabled = true;
  try {
    const result = await action();
    said.dataset.tone = "good";
    say(said, done(result));
  } catch (failure) {
    said.dataset.tone = "bad";
    say(said, failure.message);
  } finally {
    button.disabled = false;
  }
}
