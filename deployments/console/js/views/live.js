/** The service as it runs: traffic, latency, errors, queues, replicas. */
import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { duration } from "../format.js";
import { curve } from "../parts/curve.js";
import { replicaTable } from "../parts/replica_table.js";

export const title = "Live";

const EVERY_MS = 2000;
const RECENT_S = 10;

export async function show(root, { signal }) {
  const tiles = h("dl", { class: "tiles" });
  const replicas = h("div", {});
  const away = h("p", { class: "fault", role: "alert" });
  const rate = curve({ title: "Reading requests a second, last minute", from: 0, xLabel: (second) => `${second} s`, signal });

  const look = async () => {
    if (document.hidden) return;
    const status = await get("/v1/status", signal);
    away.textContent = "";
    fill(tiles, ...figures(status));
    fill(replicas, replicaTable(status.replicas));
    const { per_second: perSecond, window_s: windowS, requests } = status.traffic;
    rate.draw(perSecond.map((_, second) => second - windowS), perSecond, `${requests} requests in ${windowS} seconds.`);
  };
  await look();
  fill(
    root,
    h("h1", {}, "Live"),
    away,
    tiles,
    h("div", { class: "panel" }, rate.element),
    h("section", {}, h("h2", {}, "Replicas"), replicas),
    h("p", { class: "soft" }, "Traffic and waiting images are those of the ingress replica that answers this page."),
  );
  const timer = setInterval(() => look().catch((error) => { if (!signal.aborted) away.textContent = error.message; }), EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

function figures({ traffic, haproxy_refused: turnedAway, waiting_images: waiting, retrains_queued: queued, replicas }) {
  const recent = traffic.per_second.slice(-RECENT_S).reduce((sum, requests) => sum + requests, 0) / RECENT_S;
  const tile = (name, value, more = "", kind = "") => h("div", { class: `tile ${kind}` }, h("dt", {}, name), h("dd", {}, value, more && h("small", {}, more)));
  const failed = traffic.failed + traffic.refused;
  return [
    tile("Requests a second", recent.toFixed(1), `${traffic.requests} in the last minute`),
    tile("Latency", duration(traffic.p50_ms), `90 % within ${duration(traffic.p90_ms)}, 99 % within ${duration(traffic.p99_ms)}`),
    tile("Errors", String(failed), `${traffic.failed} ours, ${traffic.refused} refused, last minute`, traffic.failed ? "bad" : ""),
    ...(turnedAway === null ? [] : [tile("Turned away", String(turnedAway), "by HAProxy, last minute", turnedAway ? "bad" : "")]),
    tile("Waiting images", String(waiting), "before the model"),
    tile("Retrains queued", String(queued)),
    tile("Replicas", String(replicas.length), "that answer", replicas.length ? "" : "bad"),
  ];
}
