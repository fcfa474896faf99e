import { ANONYMOUS } from '../../directives/grant.ts'
import type { Admitted } from '../fence/fence.ts'
import type { Lookup } from '../plan/query-plan.ts'
import type { World } from '../plan/world.ts'
import { type EntityCandidate, singleType } from './candidates.ts'
import { keyTextOf, sourcesOf } from './proof.ts'
import { representationWriter } from './representations.ts'
import type { DataObject } from './targets.ts'

/** Distinct representations of one partition, each with every object that waits for its answer. */
export interface Entities {
  readonly representations: readonly string[]
  readonly receivers: readonly (readonly DataObject[])[]
  /** What an answer's key must read; null where nothing is protected. */
  readonly keys: readonly (string | null)[] | null
}

/** Of objects nobody has to be asked about. The whole text is the key: with consent at stake a hash is not enough. */
export const openEntitiesOf = (objects: readonly DataObject[], lookup: Lookup, world: World): Entities => {
  const { requires, inputRewrites: rewrites } = lookup
  const write = representationWriter({ requires, rewrites, world })
  const single = singleType(lookup)
  const receivers = new Map<string, DataObject[]>()
  for (const object of objects) {
    const text = write(object, single)
    if (text === undefined) continue
    const known = receivers.get(text)
    if (known === undefined) receivers.set(text, [object])
    else known.push(object)
  }
  return { representations: [...receivers.keys()], receivers: [...receivers.values()], keys: null }
}

/** Of objects that the fence let through together. Two people under one key are not one: each has a representation. */
export const guardedEntitiesOf = (
  admitted: Admitted<EntityCandidate>,
  lookup: Lookup,
  world: World,
): Entities => {
  const { requires, proof, type, items, anonymousKey } = admitted
  if (anonymousKey !== null) return nobody(admitted, anonymousKey, { lookup, world })
  const write = representationWriter({ requires, rewrites: lookup.inputRewrites, world })
  const sources = proof === null ? null : sourcesOf(proof, requires, type ?? '', world)
  const known = new Map<string, DataObject[]>()
  const entities = { representations: [] as string[], receivers: [] as DataObject[][] }
  const keys: (string | null)[] = []
  for (const { object, type: own, subject } of items) {
    const text = write(object, own ?? type)
    if (text === undefined) continue
    const person = `${text} ${subject ?? ''}`
    const waiting = known.get(person)
    if (waiting !== undefined) {
      waiting.push(object)
      continue
    }
    const receivers = [object]
    known.set(person, receivers)
    entities.representations.push(text)
    entities.receivers.push(receivers)
    if (sources !== null) keys.push(keyTextOf(object, sources))
  }
  return { ...entities, keys: sources === null ? null : keys }
}

/** ONE representation for all, whose key is reserved and carries no person's data. */
const nobody = (
  { type, items, proof }: Admitted<EntityCandidate>,
  key: string,
  { lookup, world }: { readonly lookup: Lookup; readonly world: World },
): Entities => {
  const requires = [{ kind: 'field', name: key, source: key, children: null }] as const
  const write = representationWriter({ requires, rewrites: lookup.inputRewrites, world })
  const stand: DataObject = { [key]: ANONYMOUS }
  const text = write(stand, type)
  if (text === undefined) return { representations: [], receivers: [], keys: [] }
  const receivers = items.map(({ object }) => object)
  return { representations: [text], receivers: [receivers], keys: [keyTextOf(stand, proof ?? [])] }
}

/** The type name in a representation's text, which begins with it. */
export const typeIn = (representation: string): string =>
  representation.slice(TYPE_AT, representation.indexOf('"', TYPE_AT))

const TYPE_AT = '{"__typename":"'.length
