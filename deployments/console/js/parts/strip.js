/** All images of a queue in a row: what is done, what is next. */
import { h } from "../dom.js";
import { picture } from "../pictures.js";

/**
 * The strip.
 * @param {{recognition: object, state: string, label: string}[]} items
 * @param {(place: number) => void} open
 */
export function strip(items, open) {
  const buttons = items.map((item, place) => {
    const image = picture(item.recognition.image, "");
    image.loading = "lazy";
    return h("button", { type: "button", onclick: () => open(place) }, image, h("span", {}, item.label || "–"));
  });
  const element = h("ol", { class: "strip", "aria-label": "All images, the least sure first" }, buttons.map((button) => h("li", {}, button)));
  const mark = (current) => {
    buttons.forEach((button, place) => {
      const { state, label } = items[place];
      button.className = state;
      button.lastChild.textContent = label || "–";
      button.setAttribute("aria-label", `Image ${place + 1}, ${label || "nothing"}, ${state === "kept" ? "checked" : state}`);
      if (place === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    const button = buttons[current];
    if (button) element.scrollTo({ left: button.offsetLeft - (element.clientWidth - button.clientWidth) / 2 });
  };
  return { element, mark };
}
