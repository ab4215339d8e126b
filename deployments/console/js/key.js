/** The key: asked for once, kept in this tab, sent as a header and never in a URL. */
const NAME = "glyphserve-key";
const dialog = document.getElementById("key-dialog");
const input = document.getElementById("key-input");
const fault = document.getElementById("key-fault");
let asking = null;
mark();

function mark() {
  document.getElementById("key-button").textContent = key() ? "Key set" : "Key";
}

/** The key, or "" without one. */
export function key() {
  return sessionStorage.getItem(NAME) ?? "";
}

/**
 * Ask for a key; all who ask at once share the answer.
 * @param {string} why what the service said.
 * @returns {Promise<boolean>} whether there is one now.
 */
export function askForKey(why = "") {
  asking ??= ask(why).finally(() => { asking = null; });
  return asking;
}

function ask(why) {
  fault.textContent = why;
  input.value = key();
  dialog.showModal();
  input.select();
  return new Promise((resolve) => {
    const answered = new AbortController();
    const end = (given) => { answered.abort(); dialog.close(); resolve(given); };
    const on = (target, event, act) => target.addEventListener(event, act, { signal: answered.signal });
    on(dialog, "cancel", () => end(false));
    on(dialog.querySelector("[value=cancel]"), "click", () => end(false));
    on(dialog.querySelector("[value=forget]"), "click", () => { sessionStorage.removeItem(NAME); mark(); end(false); });
    on(dialog.querySelector("form"), "submit", (event) => {
      event.preventDefault();
      const given = input.value.trim();
      if (!given) return;
      sessionStorage.setItem(NAME, given);
      mark();
      end(true);
    });
  });
}
