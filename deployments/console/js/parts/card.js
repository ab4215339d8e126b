/** One image with what was read from it. */
import { h } from "../dom.js";
import { percent } from "../format.js";
import { picture } from "../pictures.js";
import { glyphs, grade } from "./glyphs.js";

/** A card of what was read, or of why it could not be. */
export function card({ name, recognition, fault }) {
  if (fault) {
    return h("article", { class: "card bad" }, h("p", { class: "name" }, name), h("p", { class: "fault" }, fault));
  }
  return h(
    "article",
    { class: "card" },
    h("div", { class: "shown" }, picture(recognition.image, `Image read as ${recognition.text || "nothing"}`)),
    h(
      "div",
      { class: "row spread" },
      glyphs(recognition),
      h("span", { class: `figure ${grade(recognition.confidence)}` }, percent(recognition.confidence)),
    ),
  );
}
