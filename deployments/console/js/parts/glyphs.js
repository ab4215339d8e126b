/** What was read, each character marked by how sure it is: by colour, underline and, where there is room, a number. */
import { h } from "../dom.js";
import { percent } from "../format.js";

const SURE = 0.9;
const DOUBTFUL = 0.6;

/** "sure", "fair" or "poor": the class of a confidence. */
export function grade(confidence) {
  return confidence >= SURE ? "sure" : confidence >= DOUBTFUL ? "fair" : "poor";
}

/**
 * The text of a recognition.
 * @param {{text: string, character_confidences: number[]}} reading
 * @param {{figures?: boolean}} options whether each character's percentage stands below it.
 */
export function glyphs({ text, character_confidences: confidences }, { figures = false } = {}) {
  if (!text) return h("span", { class: "glyphs empty" }, "nothing");
  const cells = [...text].map((character, place) => {
    const confidence = confidences[place] ?? 0;
    const cell = h("span", { class: `glyph ${grade(confidence)}`, title: percent(confidence) }, h("b", {}, character));
    if (figures) cell.append(h("small", {}, String(Math.round(confidence * 100))));
    return cell;
  });
  const said = [...text].map((character, place) => `${character} ${percent(confidences[place] ?? 0)}`).join(", ");
  return h(
    "span",
    { class: figures ? "glyphs figures" : "glyphs" },
    h("span", { class: "hidden" }, figures ? said : text),
    h("span", { class: "cells", "aria-hidden": "true" }, cells),
  );
}

/** The place of the character that is least sure, or -1 if none is in doubt. */
export function weakest(confidences) {
  const place = confidences.indexOf(Math.min(...confidences));
  return place >= 0 && confidences[place] < SURE ? place : -1;
}
