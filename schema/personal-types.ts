import type { Supergraph } from './supergraph.ts'

/**
 * A protected field stands on a subject type, or on a value type reachable only through subject types (design, "Whose data").
 * These are the latter: object types that no root and no entity of nobody reaches except through a person.
 */
export const personalTypes = (
  supergraph: Supergraph,
  subjects: ReadonlyMap<string, unknown>,
): ReadonlySet<string> => {
  const starts = [
    ...supergraph.roots.values(),
    ...entityTypes(supergraph).filter((name) => !subjects.has(name)),
  ]
  const open = reach(supergraph, starts, subjects)
  const inside = reach(supergraph, [...subjects.keys()], new Map())
  return new Set([...inside].filter((name) => !open.has(name) && !subjects.has(name)))
}

/** Types that `_entities` can be asked for: any subgraph may be entered there. */
const entityTypes = (supergraph: Supergraph): string[] => [
  ...new Set(
    [...supergraph.subgraphs.values()].flatMap((view) =>
      [...view.types.values()].filter((type) => type.keys.length > 0).map((type) => type.name),
    ),
  ),
]

/** Object types reached by following fields, not going on through those in `stops`. */
const reach = (
  supergraph: Supergraph,
  starts: readonly string[],
  stops: ReadonlyMap<string, unknown>,
): Set<string> => {
  const seen = new Set<string>()
  const queue = starts.flatMap((name) => supergraph.types.get(name)?.possible ?? [])
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name) || stops.has(name)) continue
    seen.add(name)
    for (const field of supergraph.types.get(name)?.fields.values() ?? [])
      queue.push(...(supergraph.types.get(field.named)?.possible ?? []))
  }
  return seen
}
