/** Retrain jobs: start one, see how they stand. */
import { get, send } from "../api.js";
import { fill, h } from "../dom.js";
import { count, moment } from "../format.js";
import { stateBadge } from "../parts/state_badge.js";

export const title = "Train";

const JOBS = 50;

export async function show(root, { signal }) {
  const status = await get("/v1/status", signal);
  const page = await get(`/v1/retrains?limit=${Math.min(JOBS, status.limits.page_rows)}`, signal);
  fill(root, h("h1", {}, "Train"), order(status), jobs(page.items));
}

function order({ corrections, limits, trains }) {
  const rehearse = h("input", { type: "checkbox", id: "rehearse" });
  const fault = h("p", { class: "fault", role: "alert" });
  const button = h("button", { type: "submit", class: "primary", disabled: corrections === 0 }, "Retrain on corrections");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    fault.textContent = "";
    try {
      const job = await send("POST", "/v1/retrains", { body: { debug: rehearse.checked } });
      location.hash = `#/job/${job.id}`;
    } catch (error) {
      fault.textContent = error.message;
      button.disabled = false;
    }
  };
  const few = corrections < limits.min_examples;
  return h(
    "form",
    { class: "panel order", onsubmit: submit },
    h("p", { class: "lead" }, count(corrections, "correction")),
    few ? h("p", { class: "soft" }, `A model is trained on ${limits.min_examples} different images at least.`) : null,
    trains ? null : h("p", { class: "soft" }, "Training is switched off here: jobs are taken in and wait."),
    h("div", { class: "row" }, button, h("label", { class: "check", for: "rehearse" }, rehearse, "Rehearse: a few steps, never rolled out")),
    fault,
  );
}

function jobs(items) {
  if (!items.length) return h("div", { class: "empty" }, h("p", {}, "No retrain was ordered yet."), h("a", { class: "button", href: "#/correct" }, "Correct some images"));
  const rows = items.map((job) =>
    h(
      "li",
      { class: "panel" },
      h(
        "div",
        { class: "row" },
        h("a", { href: `#/job/${job.id}` }, moment(job.created_at)),
        stateBadge(job.state, job.queue_position),
        h("span", { class: "soft" }, [count(job.examples, "image"), job.debug && "rehearsal"].filter(Boolean).join(" · ")),
      ),
      job.reason ? h("p", { class: "soft" }, job.reason) : null,
    ),
  );
  return h("ol", { class: "jobs", "aria-label": "Retrain jobs, newest first" }, rows);
}
