/** One retrain job, as it happens. */
import { get, send } from "../api.js";
import { fill, h } from "../dom.js";
import { events } from "../events.js";
import { left, moment, points } from "../format.js";
import { notice } from "../notices.js";
import { curve } from "../parts/curve.js";
import { stateBadge } from "../parts/state_badge.js";
import { verdict } from "../parts/verdict.js";
import { WAY, isCancellable, isFinal, nothingKnown, progress, take } from "../standing.js";

export const title = "Train";

export async function show(root, { parameter: id, signal }) {
  const path = `/v1/retrains/${encodeURIComponent(id)}`;
  const job = await get(path, signal);
  const standing = nothingKnown();
  const result = h("div", {});
  const progressed = panel(path);
  const plotted = curves(signal);
  const badge = h("span", { role: "status" });
  const draw = () => {
    fill(badge, stateBadge(standing.state, job.queue_position));
    progressed.draw(standing);
    plotted.draw(standing.epochs);
  };
  fill(
    root,
    h("p", {}, h("a", { href: "#/train" }, "All retrains")),
    h("div", { class: "row spread" }, h("h1", {}, `Retrain of ${moment(job.created_at)}`), badge),
    progressed.element,
    result,
    plotted.element,
  );
  draw();
  watch(path, standing, draw, signal).then((parts) => fill(result, ...parts));
}

/** Take in what happens until the job has ended; the parts of its verdict. */
async function watch(path, standing, draw, signal) {
  for await (const event of events(`${path}/events`, signal)) {
    take(standing, event);
    draw();
    if (isFinal(standing)) break;
  }
  if (signal.aborted) return [];
  const ended = await get(path, signal);
  const images = ended.verdict ? (await get(`${path}/examples`, signal)).images : {};
  return verdict(ended, images);
}

function panel(path) {
  const way = h("ol", { class: "way", "aria-label": "Way of the job" });
  const bar = h("progress", { max: 1, "aria-label": "Progress of the training" });
  const figures = h("p", { class: "figures-line" });
  const cancel = h("button", { type: "button", class: "quiet", onclick: () => callOff(path) }, "Cancel this job");
  const foot = h("div", { class: "row spread bar-foot" }, figures, cancel);
  const draw = (standing) => {
    fill(way, steps(standing));
    bar.value = progress(standing);
    figures.textContent = told(standing);
    cancel.hidden = !isCancellable(standing);
  };
  return { element: h("section", { class: "panel", "aria-label": "Progress" }, way, bar, foot), draw };
}

function curves(signal) {
  const axis = { xLabel: (seconds) => `${seconds} s`, signal };
  const loss = curve({ title: "Loss", from: 0, ...axis });
  const exact = curve({ title: "Held-out images read exactly", unit: " %", from: 0, to: 100, ...axis });
  const element = h("div", { class: "curves" }, loss.element, exact.element);
  const draw = (epochs) => {
    element.hidden = epochs.length === 0;
    plot(epochs, loss, exact);
  };
  return { element, draw };
}

async function callOff(path) {
  try {
    await send("DELETE", path);
  } catch (error) {
    notice(error.message, { fault: true });
  }
}

function steps({ state, reached }) {
  const at = WAY.indexOf(reached);
  return WAY.map((step, place) => {
    const current = step === state;
    const done = place < at || state === "promoted";
    return h("li", { class: done ? "done" : current ? "now" : "", "aria-current": current ? "step" : null }, step);
  });
}

function told(standing) {
  const last = standing.epochs.at(-1);
  const parts = [];
  if (standing.dataset) parts.push(`${standing.dataset.used} images, ${standing.dataset.held_out} of them held out`);
  if (standing.waiting) parts.push("waiting for a free CPU");
  if (last) parts.push(`epoch ${last.epoch}`, `loss ${Number(last.loss.toPrecision(3))}`);
  if (typeof last?.held_out_exact === "number") parts.push(`${points(last.held_out_exact)} % exact`);
  if (last && standing.state === "running") parts.push(left(last.left_s));
  return parts.filter(Boolean).join(" · ") || "Waits for its turn.";
}

function plot(epochs, loss, exact) {
  if (!epochs.length) return;
  const began = Date.parse(epochs[0].at);
  const seconds = epochs.map((epoch) => (Date.parse(epoch.at) - began) / 1000);
  const last = epochs.at(-1);
  loss.draw(seconds, epochs.map((epoch) => epoch.loss), `From ${epochs[0].loss} to ${last.loss}.`);
  exact.draw(seconds, epochs.map((epoch) => epoch.held_out_exact ?? null), `${points(last.held_out_exact)} percent last.`);
}
