/** Correcting with the keyboard alone: the least sure character is selected; type over it, Enter, next. */
import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { count } from "../format.js";
import { notice } from "../notices.js";
import { desk } from "../parts/desk.js";
import { strip } from "../parts/strip.js";
import { prefetch } from "../pictures.js";
import { KEPT, keep, load, nextOpen } from "../queue.js";

export const title = "Correct";

const AHEAD = 4;

export async function show(root, { parameter, signal }) {
  const these = parameter === "these";
  const status = await get("/v1/status", signal);
  const items = await load(these, status.limits.page_rows, signal);
  if (signal.aborted) return;
  if (!items.length) {
    fill(root, h("h1", {}, "Correct"), nothing(status.corrections));
    return;
  }
  let place = 0;
  const progress = h("progress", { max: items.length, "aria-label": "Images checked" });
  const tally = h("p", { class: "soft" });
  const body = h("div", {});

  const open = (at) => {
    place = at;
    const checked = items.filter((item) => item.state === KEPT).length;
    progress.value = checked;
    tally.textContent = `${checked} of ${items.length} checked`;
    film.mark(place);
    if (place < 0) {
      fill(body, finished(checked, these));
      body.querySelector("a").focus();
      return;
    }
    if (!body.contains(table.element)) fill(body, table.element);
    table.show(items[place], place);
    for (const item of items.slice(place + 1, place + 1 + AHEAD)) prefetch(item.recognition.image);
  };
  const confirm = (label) => {
    const item = items[place];
    const at = place;
    // The next image is there at once; what fails comes back.
    keep(item, label).catch((error) => {
      film.mark(place);
      notice(`${label} was not kept: ${error.message}`, { fault: true, action: { label: "Show it", run: () => open(at) } });
    });
    open(nextOpen(items, place));
  };
  const step = (by) => open((place + by + items.length) % items.length);

  const table = desk({ total: items.length, longest: status.limits.label_characters, confirm, step });
  const film = strip(items, open);
  fill(
    root,
    h("div", { class: "row spread" }, h("h1", {}, "Correct"), tally),
    progress,
    body,
    film.element,
  );
  open(nextOpen(items, -1));
}

function nothing(corrections) {
  return h(
    "div",
    { class: "empty" },
    h("p", {}, corrections ? `Everything is checked: ${count(corrections, "correction")} so far.` : "Nothing was read yet."),
    corrections ? h("a", { class: "button primary", href: "#/train" }, "Go on to training") : h("a", { class: "button primary", href: "#/read" }, "Read some images"),
  );
}

function finished(checked, these) {
  return h(
    "div",
    { class: "empty" },
    h("p", { role: "status" }, `${count(checked, "image")} checked.`),
    h(
      "div",
      { class: "row centre" },
      h("a", { class: "button primary", href: "#/train" }, "Retrain on corrections"),
      h("a", { class: "button", href: these ? "#/correct" : "#/read" }, these ? "Check others" : "Read more"),
    ),
  );
}
