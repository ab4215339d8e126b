/** Versions as a family: each under the one that it was made from. */

/**
 * Order versions so that each stands below its parent, siblings by age.
 * @param {{version: string, parent: string|null, created_at: string}[]} models
 * @returns {{model: object, depth: number}[]}
 */
export function family(models) {
  const known = new Set(models.map((model) => model.version));
  const children = Map.groupBy(models, (model) => (known.has(model.parent) ? model.parent : null));
  const below = (parent, depth) =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => a.created_at.localeCompare(b.created_at))
      .flatMap((model) => [{ model, depth }, ...below(model.version, depth + 1)]);
  return below(null, 0);
}
