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
  const subjectOf = createSubjectOf(lookup, world)
  return objects.map((object) => {
    const told = own(object, '__typename')
    const type = typeof told === 'string' ? told : single
    return { object, type, subject: subjectOf(object, type) }
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

/** Objects of one type come one after the other: where their person is named is looked up when the type changes. */
const createSubjectOf = (
  lookup: Lookup,
  world: World,
): ((object: DataObject, type: string | null) => string | null) => {
  let latest: string | null = null
  let named: NamedBy | null = null
  return (object, type) => {
    if (type !== latest) {
      latest = type
      named = namedBy(lookup, type, world)
    }
    return named === null ? null : subjectOf(object, named)
  }
}

/** Where objects of one type name their person. */
interface NamedBy {
  readonly path: readonly string[]
  /** Where they name it themselves, too; null where that is the same place. */
  readonly itself: readonly string[] | null
}

const namedBy = (lookup: Lookup, type: string | null, world: World): NamedBy | null => {
  const path = type === null ? undefined : lookup.guards.get(type)?.subject
  if (type === null || path === undefined) return null
  const itself = world.protection.subjects.get(type)?.keyPath ?? []
  return { path, itself: isSame(itself, path) ? null : itself }
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((key, at) => key === other[at])

const subjectOf = (object: DataObject, { path, itself }: NamedBy): string | null => {
  const subject = keyAt(object, path)
  if (itself === null) return subject
  // Where the object names its person itself, a name that was fetched for it must be the same.
  const named = keyAt(object, itself)
  return named !== null && named !== subject ? null : subject
}

const keyAt = (object: DataObject, path: readonly string[]): string | null => {
  let value: unknown = path.length === 0 ? undefined : object
  for (const key of path) value = isObject(value) ? own(value, key) : undefined
  return keyText(value)
}

const keyText = (value: unknown): string | null => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null
  if (typeof value !== 'string' || value === '') return null
  if (!isMarked(value)) return value
  const digits = unmarked(value) ?? ''
  return /^\d+$/.test(digits) ? digits : null
}
