/** Which view is shown: the part of the address behind the #. */
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { askForKey } from "./key.js";
import { notice } from "./notices.js";
import * as correct from "./views/correct.js";
import * as job from "./views/job.js";
import * as live from "./views/live.js";
import * as models from "./views/models.js";
import * as read from "./views/read.js";
import * as train from "./views/train.js";

const VIEWS = { read, correct, train, job, models, live };
const OF_TAB = { job: "train" };
const place = document.getElementById("view");
let leaving = new AbortController();

async function go() {
  const [, name = "read", parameter = ""] = location.hash.split("/");
  const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : read;
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  mark(OF_TAB[name] ?? name);
  document.title = `${view.title} – glyphserve`;
  const root = h("div", { class: `view ${view.title.toLowerCase()}` });
  fill(place, root);
  scrollTo(0, 0);
  try {
    await view.show(root, { parameter: decodeURIComponent(parameter), signal });
  } catch (error) {
    if (!signal.aborted) fill(root, h("h1", {}, view.title), failed(error));
  }
  if (!signal.aborted && !root.contains(document.activeElement)) place.focus({ preventScroll: true });
}

function failed(error) {
  return h(
    "div",
    { class: "empty", role: "alert" },
    h("p", {}, error.message),
    h("button", { type: "button", onclick: go }, "Try again"),
  );
}

function mark(name) {
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

document.querySelector(".skip").addEventListener("click", (event) => {
  // The address names the view, so the link may not change it.
  event.preventDefault();
  place.focus();
});
document.getElementById("key-button").addEventListener("click", async () => {
  if (await askForKey()) go();
});
addEventListener("hashchange", go);
addEventListener("unhandledrejection", (event) => {
  if (event.reason?.name !== "AbortError") notice(event.reason?.message ?? "Something went wrong.", { fault: true });
});
go();
get("/v1/status").then(
  ({ version }) => { document.getElementById("version").textContent = `glyphserve ${version}`; },
  () => {},
);
