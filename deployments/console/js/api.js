/** The service's HTTP interface: JSON both ways, its failures as sentences, the key where there is one. */
import { askForKey, key } from "./key.js";

const UNAUTHORISED = 401;

/** A failure in the service's own words. */
export class ServiceError extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

/** The headers of every request. */
export function headers(more = {}) {
  return key() ? { ...more, "X-API-Key": key() } : more;
}

/**
 * Send a request; asks for a key where the service wants one and tries again.
 * @param {string} method
 * @param {string} path with its query.
 * @param {{body?: object, signal?: AbortSignal}} options
 * @returns {Promise<any>} the answer's JSON.
 */
export async function send(method, path, { body, signal } = {}) {
  const answer = await exchange(path, {
    method,
    signal,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return answer.json();
}

/** Read a resource. */
export function get(path, signal) {
  return send("GET", path, { signal });
}

/** Send a request and give the raw answer, which is one of success. */
export async function exchange(path, options) {
  for (;;) {
    const used = key();
    const answer = await reach(path, { ...options, headers: headers(options.headers) });
    if (answer.ok) return answer;
    const failure = await told(answer);
    // Another request may have asked meanwhile: then the new key has not been tried yet.
    if (answer.status !== UNAUTHORISED || !(key() !== used || (await askForKey(failure.message)))) throw failure;
  }
}

async function reach(path, options) {
  try {
    return await fetch(path, { ...options, credentials: "omit", cache: options.cache ?? "default" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServiceError(0, "The service does not answer. Is it running?");
  }
}

async function told(answer) {
  let said = null;
  try {
    said = await answer.json();
  } catch {
    // Whatever stands between us and the service answered in its own way.
  }
  const text = [said?.message, said?.error].filter(Boolean).join(": ");
  return new ServiceError(answer.status, text || `The service answered ${answer.status}.`);
}
