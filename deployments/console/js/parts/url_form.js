/** An image URL that answers a new image each time, and how many of them to read. */
import { h } from "../dom.js";

/**
 * The form.
 * @param {(body: {image_url: string, time: number, session_id: string}) => Promise<void>} take
 * @param {{images_per_request: number}} limits
 */
export function urlForm(take, limits) {
  const url = h("input", { id: "image-url", type: "url", required: true, placeholder: "https://", autocomplete: "off" });
  const time = h("input", { id: "image-count", type: "number", min: "1", max: String(limits.images_per_request), value: "1", required: true });
  const session = h("input", { id: "session", value: "console", required: true, autocomplete: "off" });
  const button = h("button", { type: "submit" }, "Download and read");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    await take({ image_url: url.value, time: time.valueAsNumber, session_id: session.value });
    button.disabled = false;
  };
  return h(
    "form",
    { class: "panel url-form", onsubmit: submit, "aria-label": "Read from a URL" },
    h("div", { class: "field wide" }, h("label", { for: "image-url" }, "Image URL"), url),
    h("div", { class: "field" }, h("label", { for: "image-count" }, "Count"), time),
    h("div", { class: "field" }, h("label", { for: "session" }, "Session cookie"), session),
    button,
  );
}
