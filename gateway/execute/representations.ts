import type { Candidate } from '../fence/admission.ts'
import type { Admitted } from '../fence/fence.ts'
import { ANONYMOUS } from '../../directives/grant.ts'
import type { Lookup, ProofField, Requirement } from '../plan/query-plan.ts'
import { admits, type World } from '../plan/world.ts'
import { applyRewrites } from './rewrites.ts'
import { type DataObject, isObject, isOfType, own, type Target, targetsAt } from './targets.ts'

/** A target of a lookup, with what the fence must know of it. */
export interface EntityCandidate extends Candidate, Target {
  readonly object: DataObject
}

/** One distinct representation and every object that waits for its answer. */
export interface Entity {
  readonly representation: DataObject
  readonly items: readonly EntityCandidate[]
}

export const candidatesOf = (root: DataObject, lookup: Lookup, world: World): EntityCandidate[] =>
  lookup.paths.flatMap((path) =>
    targetsAt(root, path, world).map((target) => {
      const type = typeOf(target.object, lookup)
      return { ...target, type, subject: subjectOf(target.object, lookup, type, world) }
    }),
  )

/** The concrete type; where the plan did not fetch it, only a lookup of one type says what it is. */
const typeOf = (object: DataObject, lookup: Lookup): string | null => {
  const name = own(object, '__typename')
  if (typeof name === 'string') return name
  const types = new Set(lookup.requires.flatMap((one) => (one.kind === 'type' ? [one.type] : [])))
  return types.size === 1 ? ([...types][0] ?? null) : null
}

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
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null
}

/** Distinct representations of a partition. The whole text is the key: with consent at stake a hash is not enough. */
export const entitiesOf = (admitted: Admitted<EntityCandidate>, lookup: Lookup, world: World): Entity[] => {
  if (admitted.anonymousKey !== null)
    return [{ representation: nobody(admitted, lookup, world), items: admitted.items }]
  const entities = new Map<string, { representation: DataObject; items: EntityCandidate[] }>()
  for (const item of admitted.items) {
    const representation = represent(item.object, admitted.requires, world)
    if (!hasKey(representation)) continue
    representation['__typename'] ??= item.type ?? admitted.type
    applyRewrites(representation, lookup.inputRewrites, world)
    const key = `${JSON.stringify(representation)} ${item.subject ?? ''}`
    const known = entities.get(key)
    if (known === undefined) entities.set(key, { representation, items: [item] })
    else known.items.push(item)
  }
  return [...entities.values()]
}

const nobody = (
  { type, anonymousKey }: Admitted<EntityCandidate>,
  lookup: Lookup,
  world: World,
): DataObject => {
  const representation: DataObject = { __typename: type, [anonymousKey ?? '']: ANONYMOUS }
  applyRewrites(representation, lookup.inputRewrites, world)
  return representation
}

/** Without a single value there is nobody to ask about: an entity whose key is null is not asked for. */
const hasKey = (representation: DataObject): boolean =>
  Object.entries(representation).some(([key, value]) => key !== '__typename' && value !== null)

/** An object as its requirements ask for it; what was never fetched is left out. */
const represent = (object: DataObject, requires: readonly Requirement[], world: World): DataObject => {
  const result: DataObject = {}
  for (const requirement of requires) {
    if (requirement.kind === 'type') {
      if (isOfType(object, [requirement.type], world))
        Object.assign(result, represent(object, requirement.children, world))
      continue
    }
    const value = representValue(own(object, requirement.source), requirement.children, world)
    if (value !== undefined) result[requirement.name] = value
  }
  return result
}

const representValue = (value: unknown, children: readonly Requirement[] | null, world: World): unknown => {
  if (children === null || value === null || value === undefined) return value
  if (Array.isArray(value)) return value.map((item) => representValue(item, children, world) ?? null)
  return isObject(value) ? represent(value, children, world) : undefined
}

/** Whether an answer says of itself that it is about what was asked: the same key, and a type that fits. */
export const proves = (
  answer: DataObject,
  representation: DataObject,
  proof: readonly ProofField[],
  world: World,
): boolean => {
  const asked = String(representation['__typename'])
  const told = own(answer, '__typename')
  return (
    typeof told === 'string' &&
    (told === asked || admits(world, asked, told)) &&
    provesFields(answer, representation, proof)
  )
}

const provesFields = (answer: unknown, asked: unknown, proof: readonly ProofField[]): boolean =>
  proof.every(({ responseKey, name, children }) => {
    const told = isObject(answer) ? own(answer, responseKey) : undefined
    const sent = isObject(asked) ? own(asked, name) : undefined
    return provesValue(told, sent, children)
  })

const provesValue = (told: unknown, sent: unknown, children: readonly ProofField[]): boolean => {
  if (Array.isArray(told) && Array.isArray(sent))
    return (
      told.length === sent.length && told.every((item, index) => provesValue(item, sent[index], children))
    )
  if (children.length > 0) return isObject(told) && isObject(sent) && provesFields(told, sent, children)
  return isScalar(told) && isScalar(sent) && String(told) === String(sent)
}

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value)
