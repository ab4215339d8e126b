/** The images that a person goes through: which one is next, and what becomes of each. */
import { get, send } from "./api.js";
import { batch } from "./batch.js";

const PAGE = 100;

/** States of an item of the queue. */
export const OPEN = "open";
export const KEPT = "kept";
export const FAILED = "failed";

/**
 * What there is to go through, the least sure first.
 * @param {boolean} these only what was read in this tab.
 * @param {number} rows most rows that the service gives at once.
 * @returns {Promise<{recognition: object, state: string, label: string}[]>}
 */
export async function load(these, rows, signal) {
  const found = these
    ? await Promise.all(batch.filter((item) => item.recognition).map((item) => get(`/v1/recognitions/${item.recognition.id}`, signal)))
    : (await get(`/v1/recognitions?corrected=false&order=least_sure&limit=${Math.min(PAGE, rows)}`, signal)).items;
  const items = found.map((recognition) => ({
    recognition,
    state: recognition.corrected_text === null ? OPEN : KEPT,
    label: recognition.corrected_text ?? recognition.text,
  }));
  return items.sort((a, b) => a.recognition.confidence - b.recognition.confidence);
}

/** Keep what a person says an image shows; the item's state tells how that went. */
export async function keep(item, label) {
  item.label = label;
  item.state = KEPT;
  try {
    await send("PUT", `/v1/recognitions/${item.recognition.id}/label`, { body: { label } });
  } catch (error) {
    item.state = FAILED;
    throw error;
  }
}

/** The place of the next open item behind one, else of the first open one, else -1. */
export function nextOpen(items, place) {
  const isOpen = (item) => item.state !== KEPT;
  const behind = items.findIndex((item, at) => at > place && isOpen(item));
  return behind >= 0 ? behind : items.findIndex(isOpen);
}
