/** How a job was judged: both models' scores, what they read differently, labels that look wrong. */
import { h } from "../dom.js";
import { points } from "../format.js";

const SETS = { held_out: "Your images, held out", golden: "Golden set", remembered: "Of earlier retrains" };

/**
 * The parts of a verdict.
 * @param {object} job the resource of a job that has ended.
 * @param {Record<number, string>} images index of an example -> data: URL.
 */
export function verdict(job, images) {
  const found = job.verdict;
  const parts = [h("p", { class: `outcome ${job.state}` }, job.reason || job.state)];
  if (!found) return parts;
  if (found.held_out || found.golden) parts.push(scores(found));
  if (job.candidate) {
    parts.push(h("p", {}, "The candidate is ", h("code", {}, job.candidate), ". ", h("a", { href: "#/models" }, "All models")));
  }
  parts.push(
    ...section("Read differently", found.examples, images, (row) => [
      ["Label", row.label, "right"],
      ["Before", row.serving, row.serving === row.label ? "right" : "wrong"],
      ["After", row.candidate, row.candidate === row.label ? "right" : "wrong"],
    ]),
    ...section("Labels that look wrong", found.suspects, images, (row) => [
      ["Label", row.label, "wrong"],
      ["Read", row.read, ""],
    ]),
  );
  if (found.new_characters) parts.push(h("p", {}, "New characters: ", h("code", {}, found.new_characters)));
  return [h("section", { class: "panel verdict", "aria-label": "Verdict" }, parts)];
}

function scores(found) {
  const rows = Object.entries(SETS).filter(([name]) => found[name]).map(([name, text]) => {
    const { n, serving, candidate, margin_points: margin = 0 } = found[name];
    const change = candidate.exact - serving.exact;
    // The golden set is judged by probability, which tells less of chance than images read.
    const { fallen_points: fallen = -change } = found[name];
    const kind = change > 0 ? "up" : fallen > margin ? "down" : "";
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, text),
      h("td", { class: "number" }, n.toLocaleString()),
      h("td", { class: "number" }, points(serving.exact)),
      h("td", { class: "number" }, points(candidate.exact)),
      h("td", { class: `number ${kind}` }, `${change >= 0 ? "+" : "−"}${points(Math.abs(change))}`),
    );
  });
  const head = ["Read exactly, %", "Images", "Before", "After", "Change"];
  return h(
    "table",
    { class: "scores" },
    h("caption", { class: "hidden" }, "Scores of both models"),
    h("thead", {}, h("tr", {}, head.map((name, at) => h("th", { scope: "col", class: at ? "number" : "" }, name)))),
    h("tbody", {}, rows),
  );
}

function section(title, rows, images, pairs) {
  if (!rows?.length) return [];
  const cards = rows.map((row) =>
    h(
      "li",
      {},
      images[row.index] ? h("img", { src: images[row.index], alt: `Image labelled ${row.label}` }) : null,
      h("dl", {}, pairs(row).map(([name, text, kind]) => h("div", { class: kind }, h("dt", {}, name), h("dd", {}, text || "–")))),
    ),
  );
  return [h("h2", {}, title), h("ul", { class: "differences" }, cards)];
}
