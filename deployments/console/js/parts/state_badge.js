/** A job's state as a badge. */
import { h } from "../dom.js";

const KIND = { promoted: "good", rejected: "warn", failed: "bad", cancelled: "off" };

/** The badge; `ahead` counts the jobs that have their turn first. */
export function stateBadge(state, ahead = null) {
  const text = state === "queued" && ahead ? `queued, ${ahead} ahead` : state;
  return h("span", { class: `badge ${KIND[state] ?? "busy"}` }, text);
}
