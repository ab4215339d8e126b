/** Where a watched job stands, put together from its events. */

/** States that a job passes on its way, in order. */
export const WAY = ["queued", "running", "evaluating", "rolling out", "promoted"];
const FINAL = new Set(["promoted", "rejected", "failed", "cancelled"]);
const CANCELLABLE = new Set(["queued", "running", "evaluating"]);

/** Nothing is known yet. */
export function nothingKnown() {
  return { state: "queued", reason: "", waiting: false, dataset: null, epochs: [], reached: "queued" };
}

/** The standing after one more event; it is changed in place. */
export function take(standing, { kind, data }) {
  if (kind === "state") {
    Object.assign(standing, { state: data.state, reason: data.reason ?? "", waiting: false });
    if (WAY.includes(data.state)) standing.reached = data.state;
  } else if (kind === "waiting") standing.waiting = true;
  else if (kind === "dataset") standing.dataset = data;
  else if (kind === "epoch") {
    standing.waiting = false;
    standing.epochs.push(data);
  }
}

/** Whether nothing more will happen. */
export function isFinal({ state }) {
  return FINAL.has(state);
}

/** Whether the job can be called off. */
export function isCancellable({ state }) {
  return CANCELLABLE.has(state);
}

/** Progress of the training, 0..1. */
export function progress({ state, epochs }) {
  if (state === "queued") return 0;
  return state === "running" ? epochs.at(-1)?.progress ?? 0 : 1;
}
