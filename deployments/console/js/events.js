/** Server-sent events over fetch, which can carry a key; EventSource cannot. */
import { exchange, ServiceError } from "./api.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const NO_MORE = 204;

/**
 * Every event of a stream, over breaks of the connection, until the service says that there are no more.
 * @param {string} path
 * @param {AbortSignal} signal ends it.
 * @returns {AsyncGenerator<{kind: string, data: any}>}
 */
export async function* events(path, signal) {
  let seen = "0";
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const answer = await exchange(path, { signal, headers: { "Last-Event-ID": seen }, cache: "no-store" });
      if (answer.status === NO_MORE) return;
      for await (const event of parsed(answer.body)) {
        pauseMs = FIRST_PAUSE_MS;
        seen = event.id;
        yield { kind: event.event, data: JSON.parse(event.data) };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ServiceError && error.status >= 400 && error.status < 500) throw error;
    }
    await pause(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** Blocks of a text/event-stream body that carry data. */
async function* parsed(body) {
  let text = "";
  for await (const chunk of decoded(body)) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const block = fields(text.slice(0, end));
      text = text.slice(end + 2);
      if (block.data !== undefined) yield block;
    }
  }
}

async function* decoded(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}

function fields(block) {
  const found = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) found[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
  }
  return found;
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
