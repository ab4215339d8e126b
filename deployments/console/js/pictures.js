/** Images of the service in <img> elements, also where a key is needed for them. */
import { exchange } from "./api.js";
import { h } from "./dom.js";
import { key } from "./key.js";

/**
 * An <img> that shows a path of the service.
 * @param {string} path
 * @param {string} alt what it says, for those who do not see it.
 */
export function picture(path, alt) {
  const image = h("img", { alt, decoding: "async" });
  show(image, path);
  return image;
}

/** Have the browser fetch an image before it is needed. */
export function prefetch(path) {
  if (!key()) new Image().src = path;
}

async function show(image, path) {
  if (!key()) {
    image.src = path;
    return;
  }
  try {
    const url = URL.createObjectURL(await (await exchange(path, {})).blob());
    image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
    image.src = url;
  } catch {
    // The alternative text stands in for it.
  }
}
