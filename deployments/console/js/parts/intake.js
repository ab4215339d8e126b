/** The ways in which a person hands over images: choose, drop, paste, photograph. */
import { h } from "../dom.js";
import { notice } from "../notices.js";

/**
 * A place for images; dropping and pasting work anywhere on the page while it is shown.
 * @param {(files: File[]) => void} take
 * @param {AbortSignal} signal ends dropping and pasting.
 */
export function intake(take, signal) {
  const chosen = (event) => { hand([...event.target.files]); event.target.value = ""; };
  const hand = (files) => {
    const images = files.filter((file) => file.type.startsWith("image/"));
    if (images.length < files.length) notice("Only image files are read; the others were left out.");
    if (images.length) take(images);
  };
  const choose = h("input", { type: "file", id: "choose", accept: "image/*", multiple: true, class: "hidden", "aria-label": "Choose images", onchange: chosen });
  const photograph = h("input", { type: "file", id: "photograph", accept: "image/*", capture: "environment", class: "hidden", "aria-label": "Photograph", onchange: chosen });
  const area = h(
    "div",
    { class: "drop" },
    h("p", { class: "lead" }, "Drop images here, or paste them"),
    h(
      "div",
      { class: "row centre" },
      choose,
      h("label", { class: "button primary", for: "choose" }, "Choose images"),
      h("span", { class: "touch-only" }, photograph, h("label", { class: "button", for: "photograph" }, "Photograph")),
    ),
    h("p", { class: "soft" }, "PNG, JPEG, GIF, BMP, WebP"),
  );
  onDropAndPaste(area, hand, signal);
  return area;
}

function onDropAndPaste(area, hand, signal) {
  const on = (event, act) => document.addEventListener(event, act, { signal });
  on("dragover", (event) => { event.preventDefault(); area.classList.add("over"); });
  on("dragleave", (event) => { if (!event.relatedTarget) area.classList.remove("over"); });
  on("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    if (event.dataTransfer.files.length) hand([...event.dataTransfer.files]);
  });
  on("paste", (event) => {
    if (event.clipboardData.files.length) hand([...event.clipboardData.files]);
  });
}
