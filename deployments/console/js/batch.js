/** What was read in this tab, kept while people go from view to view. */

/** Recognitions and failures, in the order in which the images were given. */
export const batch = [];

/** Forget all of it. */
export function clearBatch() {
  batch.length = 0;
}
