/** Every version of the model, where it comes from, what serves now, and the way back. */
import { get, send } from "../api.js";
import { fill, h } from "../dom.js";
import { count, moment, points } from "../format.js";
import { family } from "../lineage.js";
import { notice } from "../notices.js";
import { replicaTable } from "../parts/replica_table.js";

export const title = "Models";

export async function show(root, { signal }) {
  const status = await get("/v1/status", signal);
  const page = await get(`/v1/models?limit=${status.limits.page_rows}`, signal);
  const again = () => { if (!signal.aborted) show(root, { signal }); };
  const serving = page.items.find((model) => model.serving);
  fill(
    root,
    h("h1", {}, "Models"),
    h("ol", { class: "family" }, family(page.items).map(({ model, depth }) => version(model, depth, serving, again))),
    h("section", {}, h("h2", {}, "What every replica serves now"), replicaTable(status.replicas)),
    h("section", {}, h("h2", {}, "What served before"), history(page.serving)),
  );
}

function version(model, depth, serving, again) {
  const older = serving && model.created_at < serving.created_at;
  const text = older ? "Roll back to this" : "Serve this";
  const button = h("button", { type: "button", "aria-label": `${text}: ${model.version}` }, text);
  button.addEventListener("click", () => activate(model.version, serving?.version, button, again));
  return h(
    "li",
    { class: `depth-${Math.min(depth, 5)} ${model.serving ? "serving" : ""}` },
    h(
      "div",
      { class: "what" },
      h("p", {}, h("code", {}, model.version), model.serving ? h("span", { class: "badge good" }, "serving") : null),
      h("p", { class: "soft" }, [moment(model.created_at), scores(model.metrics)].filter(Boolean).join(" · ")),
      model.retrain ? h("a", { href: `#/job/${model.retrain.split("/").at(-1)}` }, "Its retrain") : null,
    ),
    model.serving ? null : button,
  );
}

async function activate(wanted, before, button, again) {
  button.disabled = true;
  button.textContent = "Loading…";
  try {
    const done = await send("POST", `/v1/models/${encodeURIComponent(wanted)}/activate`, { body: { reason: "from the console" } });
    const back = before && { label: "Undo", run: () => activate(before, null, button, again) };
    notice(`${done.version} serves on ${count(done.replicas, "replica")}, switched in ${done.seconds.toFixed(1)} s.`, { action: back });
  } catch (error) {
    notice(`Nothing was switched: ${error.message}`, { fault: true });
  }
  again();
}

function scores(metrics) {
  return Object.entries(metrics)
    .filter(([name]) => name.endsWith("/exact"))
    .map(([name, value]) => `${name.replace("/exact", "").replaceAll("_", " ")} ${points(value)} %`)
    .join(" · ");
}

function history(rows) {
  return h(
    "ol",
    { class: "history" },
    rows.map((row) => h("li", {}, h("span", { class: "soft" }, `${row.generation}`), h("code", {}, row.version), h("span", { class: "soft" }, `${moment(row.since)}, ${row.reason}`))),
  );
}
