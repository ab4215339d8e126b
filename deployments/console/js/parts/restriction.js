/** What the answer may look like, for who knows more than the image tells. */
import { h } from "../dom.js";

/** A folded panel; value() gives the fields of a request's body that were filled in. */
export function restriction() {
  const charset = h("input", { id: "charset", autocomplete: "off", spellcheck: "false", placeholder: "0123456789" });
  const [fewest, most] = ["min-length", "max-length"].map((id) => h("input", { id, type: "number", min: "1", max: "20" }));
  const element = h(
    "details",
    { class: "restriction" },
    h("summary", {}, "Restrict the answer"),
    h(
      "div",
      { class: "row" },
      h("div", { class: "field wide" }, h("label", { for: "charset" }, "Only these characters"), charset),
      h("div", { class: "field" }, h("label", { for: "min-length" }, "At least"), fewest),
      h("div", { class: "field" }, h("label", { for: "max-length" }, "At most"), most),
    ),
  );
  const value = () => ({
    ...(charset.value && { charset: charset.value }),
    ...(fewest.value && { min_length: fewest.valueAsNumber }),
    ...(most.value && { max_length: most.valueAsNumber }),
  });
  return { element, value };
}
