/** One image, large, with the field in which its text is put right. */
import { fill, h } from "../dom.js";
import { percent } from "../format.js";
import { picture } from "../pictures.js";
import { glyphs, weakest } from "./glyphs.js";

/**
 * The desk.
 * @param {{total: number, longest: number, confirm: (label: string) => void, step: (by: number) => void}} options
 *   confirm takes what the image says; step goes to another image and keeps nothing.
 */
export function desk({ total, longest, confirm, step }) {
  const shown = h("div", { class: "shown large" });
  const read = h("div", { class: "read" });
  const field = h("input", {
    id: "says", class: "says", maxlength: String(longest), autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    "aria-describedby": "read-as",
  });
  const whence = h("p", { class: "soft", id: "read-as" });
  let readAs = "";

  const keys = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Escape: () => { field.value = readAs; field.select(); } };
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  const submit = (event) => {
    event.preventDefault();
    if (field.value.trim()) confirm(field.value);
    else field.focus();
  };
  const element = h(
    "form",
    { class: "desk panel", onsubmit: submit },
    shown,
    read,
    h("label", { for: "says" }, "The image says"),
    field,
    whence,
    h(
      "div",
      { class: "row centre" },
      h("button", { type: "button", class: "quiet", onclick: () => step(-1) }, "Back ", h("kbd", {}, "↑")),
      h("button", { type: "submit", class: "primary" }, "Confirm ", h("kbd", {}, "Enter")),
      h("button", { type: "button", class: "quiet", onclick: () => step(1) }, "Skip ", h("kbd", {}, "↓")),
    ),
  );

  const show = ({ recognition, label }, place) => {
    readAs = recognition.text;
    fill(shown, picture(recognition.image, "The image to read"));
    fill(read, glyphs(recognition, { figures: true }));
    whence.textContent = `Image ${place + 1} of ${total}, read as ${recognition.text || "nothing"}, ${percent(recognition.confidence)} sure`;
    field.value = label;
    field.focus();
    selectWeakest(field, label === recognition.text ? recognition.character_confidences : []);
  };
  return { element, show };
}

/** Select the character that is most likely wrong, so that typing replaces it; all of the text where none stands out. */
function selectWeakest(field, confidences) {
  const place = confidences.length ? weakest(confidences) : -1;
  if (place < 0) {
    field.select();
    return;
  }
  const characters = [...field.value];
  const start = characters.slice(0, place).join("").length;
  field.setSelectionRange(start, start + characters[place].length);
}
