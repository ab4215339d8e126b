/** What each recognizer replica reads with. */
import { h } from "../dom.js";

/** A table of the replicas of /v1/status. */
export function replicaTable(replicas) {
  if (!replicas.length) return h("p", { class: "fault" }, "No replica answers.");
  const rows = replicas.map((replica) =>
    h(
      "tr",
      {},
      h("td", {}, h("code", {}, replica.id)),
      h("td", {}, h("code", {}, replica.model_version)),
      h("td", { class: "number" }, String(replica.generation)),
      h("td", { class: "number" }, replica.images_read.toLocaleString()),
      h("td", {}, replica.fault ? h("span", { class: "fault" }, replica.fault) : h("span", { class: "badge good" }, "ok")),
    ),
  );
  const head = [["Replica", ""], ["Model", ""], ["Generation", "number"], ["Images read", "number"], ["State", ""]];
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Replicas" },
    h(
      "table",
      {},
      h("caption", { class: "hidden" }, "Replicas"),
      h("thead", {}, h("tr", {}, head.map(([name, kind]) => h("th", { scope: "col", class: kind }, name)))),
      h("tbody", {}, rows),
    ),
  );
}
