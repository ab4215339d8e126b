/** Short messages at the edge of the page, which screen readers say. */
import { h } from "./dom.js";

const SHOWN_MS = 6000;

/**
 * Tell the person something.
 * @param {string} text one sentence.
 * @param {{fault?: boolean, action?: {label: string, run: () => void}}} options faults stay until they are dismissed.
 */
export function notice(text, { fault = false, action } = {}) {
  const box = h("div", { class: fault ? "notice bad" : "notice" }, h("span", {}, text));
  if (action) {
    box.append(h("button", { type: "button", class: "link", onclick: () => { box.remove(); action.run(); } }, action.label));
  }
  box.append(h("button", { type: "button", class: "link", "aria-label": "Dismiss", onclick: () => box.remove() }, "×"));
  document.getElementById("notices").append(box);
  if (!fault) setTimeout(() => box.remove(), SHOWN_MS);
}
