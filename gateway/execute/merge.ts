import type { World } from '../plan/world.ts'
import { type DataObject, isObject, own } from './targets.ts'

/**
 * Merges one subgraph's object into the merged data: objects deeply, lists by position; null never wipes an object out.
 * Takes the source over: it must be the target's own copy.
 */
export const mergeInto = (target: DataObject, source: DataObject, world: World): void => {
  for (const key of Object.keys(source)) {
    const value = source[key]
    if (key === '__typename') mergeTypename(target, value, world)
    else target[key] = merged(own(target, key), value, world)
  }
}

const merged = (known: unknown, value: unknown, world: World): unknown => {
  if (known === undefined) return value
  if (value === null || value === undefined) return known
  if (isObject(known) && isObject(value)) {
    mergeInto(known, value, world)
    return known
  }
  if (Array.isArray(known) && Array.isArray(value) && known.length === value.length)
    return known.map((item: unknown, index) => merged(item ?? undefined, value[index], world) ?? null)
  return value
}

/** An interface object answers under the interface's name; the name of a concrete type, once known, stays. */
const mergeTypename = (target: DataObject, value: unknown, world: World): void => {
  const known = own(target, '__typename')
  const isConcrete = typeof known === 'string' && world.supergraph.types.get(known)?.kind === 'object'
  if (!isConcrete && typeof value === 'string') target['__typename'] = value
}
