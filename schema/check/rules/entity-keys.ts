import { print } from 'graphql'
import { parseFieldSet } from '../../field-set.ts'
import type { Check } from '../check-context.ts'
import { at } from '../places.ts'
import type { Graph } from '../side.ts'
import type { Told } from '../tell.ts'

/** By its keys an entity can be asked for from any subgraph (Federation subgraph specification, `@key`). */
export const entityKeys: Check = (context) => {
  const { base, head } = context
  if (base.graph === null || head.graph === null || base.graph === head.graph) return []
  const { protection } = head.graph
  const [before, after] = [keysOf(base.graph), keysOf(head.graph)]
  return [...head.graph.supergraph.types.keys()].flatMap((type): Told[] => {
    if (!base.graph?.supergraph.types.has(type)) return []
    const [earlier, keys] = [before.get(type) ?? new Set<string>(), after.get(type) ?? new Set<string>()]
    const added = protection.subjects.has(type) ? 'NEW_ENTITY_KEY' : 'ENTITY_KEY_ADDED'
    const come = [...keys].filter((key) => !earlier.has(key))
    const gone = [...earlier].filter((key) => !keys.has(key))
    return [
      ...come.map((key) => ({ ...at(context, type), code: added, after: key })),
      ...gone.map((key) => ({ ...at(context, type), code: 'ENTITY_KEY_REMOVED', before: key })),
    ]
  })
}

const keysOf = ({ supergraph }: Graph): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>()
  const types = [...supergraph.subgraphs.values()].flatMap((view) => [...view.types.values()])
  for (const { name, keys } of types)
    for (const { fields, resolvable } of keys)
      if (resolvable) found.set(name, (found.get(name) ?? new Set()).add(spelled(fields)))
  return found
}

const spelled = (fields: string): string => {
  try {
    return print(parseFieldSet(fields)).replaceAll(/\s+/g, ' ').slice(2, -2)
  } catch {
    return fields.trim()
  }
}
