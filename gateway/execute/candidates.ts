import type { Candidate } from '../fence/admission.ts'
import { isMarked, unmarked } from '../exact-numbers.ts'
import type { Lookup } from '../plan/query-plan.ts'
import type { World } from '../plan/world.ts'
import { type DataObject, isObject, own } from './targets.ts'

/** A target of a lookup, with what the fence must know of it. */
export interface EntityCandidate extends Candidate {
  readonly object: DataObject
}

export const candidatesOf = (
  objects: readonly DataObject[],
  lookup: Lookup,
  world: World,
): EntityCandidate[] => {
  const single = singleType(lookup)
  return objects.map((object) => {
    const told = own(object, '__typename')
    const type = typeof told === 'string' ? told : single
    return { object, type, subject: subjectOf(object, lookup, type, world) }
  })
}

/** Where the plan did not fetch what an object is, only a lookup of one type says it. */
export const singleType = (lookup: Lookup): string | null => {
  const known = singles.get(lookup)
  if (known !== undefined) return known
  const types = new Set(lookup.requires.flatMap((one) => (one.kind === 'type' ? [one.type] : [])))
  const single = types.size === 1 ? ([...types][0] ?? null) : null
  singles.set(lookup, single)
  return single
}

const singles = new WeakMap<Lookup, string | null>()

// eslint-disable-next-line max-params -- what is asked of whom
const subjectOf = (object: DataObject, lookup: Lookup, type: string | null, world: World): string | null => {
  const path = type === null ? undefined : lookup.guards.get(type)?.subject
  if (type === null || path === undefined) return null
  const subject = keyAt(object, path)
  // Where the object names its person itself, a name that was fetched for it must be the same.
  const named = keyAt(object, world.protection.subjects.get(type)?.keyPath ?? [])
  return named !== null && named !== subject ? null : subject
}

const keyAt = (object: DataObject, path: readonly string[]): string | null => {
  let value: unknown = path.length === 0 ? undefined : object
  for (const key of path) value = isObject(value) ? own(value, key) : undefined
  if (isMarked(value)) return /^\d+$/.test(unmarked(value) ?? '') ? (unmarked(value) ?? null) : null
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null
}
