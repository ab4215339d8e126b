/** Images in, text out. */
import { get, send } from "../api.js";
import { batch, clearBatch } from "../batch.js";
import { fill, h } from "../dom.js";
import { count, percent } from "../format.js";
import { intake } from "../parts/intake.js";
import { card } from "../parts/card.js";
import { restriction } from "../parts/restriction.js";
import { readFiles } from "../reading.js";
import { urlForm } from "../parts/url_form.js";

export const title = "Read";

export async function show(root, { signal }) {
  const head = h("div", { class: "row spread results-head" });
  const cards = h("ol", { class: "cards" });
  const narrow = restriction();
  const add = (item) => { batch.push(item); cards.append(h("li", {}, card(item))); summarise(); };
  const summarise = (busy = 0) => fill(head, ...headline(busy, () => { clearBatch(); fill(cards); summarise(); }));

  const files = async (given) => {
    let waiting = given.length;
    summarise(waiting);
    await readFiles(given, narrow.value(), (item) => {
      waiting -= 1;
      add(item);
      summarise(waiting);
    });
  };
  const fromUrl = async (body) => {
    summarise(body.time);
    try {
      const answer = await send("POST", "/captcha_image", { body: { ...body, ...narrow.value() } });
      for (const id of answer.content.list_id) add({ recognition: await get(`/v1/recognitions/${id}`) });
    } catch (error) {
      add({ name: body.image_url, fault: error.message });
    }
    summarise();
  };

  const limits = (await get("/v1/status", signal)).limits;
  fill(
    root,
    h("h1", {}, "Read"),
    h("div", { class: "intake" }, intake(files, signal), urlForm(fromUrl, limits)),
    narrow.element,
    h("section", { "aria-label": "What was read" }, head, cards),
  );
  fill(cards, batch.map((item) => h("li", {}, card(item))));
  summarise();
}

function headline(busy, clear) {
  const read = batch.filter((item) => item.recognition).map((item) => item.recognition);
  if (!batch.length && !busy) {
    return [h("p", { class: "soft" }, "What is read stands here, with how sure the model is of each character.")];
  }
  const mean = read.reduce((sum, item) => sum + item.confidence, 0) / (read.length || 1);
  const parts = [count(read.length, "image") + " read"];
  if (read.length) parts.push(`${percent(mean)} sure on average`);
  if (batch.length > read.length) parts.push(`${batch.length - read.length} failed`);
  if (busy) parts.push(`${busy} to go`);
  return [
    h("p", { "aria-live": "polite" }, parts.join(" · ")),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", class: "quiet", onclick: clear, disabled: Boolean(busy) }, "Clear"),
      read.length ? h("a", { class: "button primary", href: "#/correct/these" }, "Correct these") : null,
    ),
  ];
}
