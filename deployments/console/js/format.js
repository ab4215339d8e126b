/** Numbers and times as people read them. */

const SPACE = "\u00a0";

/** 0.934 -> "93 %"; never 100 % for what is not certain. */
export function percent(share) {
  return `${share >= 1 ? 100 : Math.min(99, Math.round(share * 100))}${SPACE}%`;
}

/** 98.234 -> "98.2" for what is in percent already; "–" where there is none. */
export function points(value) {
  return typeof value === "number" ? value.toFixed(1) : "–";
}

/** Milliseconds or seconds, whichever reads better; "–" where there is none. */
export function duration(ms) {
  if (typeof ms !== "number") return "–";
  return ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}${SPACE}ms` : `${(ms / 1000).toFixed(1)}${SPACE}s`;
}

/** Seconds that something still takes. */
export function left(seconds) {
  if (typeof seconds !== "number") return "";
  return seconds < 90 ? `${Math.ceil(seconds)}${SPACE}s left` : `${Math.ceil(seconds / 60)}${SPACE}min left`;
}

/** A time, as the reader's clock has it. */
export function moment(iso) {
  return new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** "1 image", "2 images". */
export function count(number, thing, things = `${thing}s`) {
  return `${number.toLocaleString()} ${number === 1 ? thing : things}`;
}
