import { ANONYMOUS } from '../../directives/grant.ts'
import type { Admitted } from '../fence/fence.ts'
import type { Standing } from '../fence/standing.ts'
import type { Lookup, Requirement } from '../plan/query-plan.ts'
import type { World } from '../plan/world.ts'
import { type EntityCandidate, singleType } from './candidates.ts'
import { keyTextOf, sourcesOf } from './proof.ts'
import { type RepresentationWriter, representationWriter } from './representations.ts'
import { type DataObject, own } from './targets.ts'

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
  const source = onlySource(requires)
  const byValue = new Map<string, DataObject[]>()
  const byText = new Map<string, DataObject[]>()
  const representations: string[] = []
  const receivers: DataObject[][] = []
  for (const object of objects) {
    // A key's only value tells as much as the text, and need not be written first.
    const value = source === null ? null : valueOf(object, source, single)
    const text = value !== null && byValue.has(value) ? undefined : write(object, single)
    const waiting = value !== null ? byValue : byText
    const known = waiting.get(value ?? text ?? '')
    if (known !== undefined) known.push(object)
    else if (text !== undefined) {
      const first = [object]
      waiting.set(value ?? text, first)
      representations.push(text)
      receivers.push(first)
    }
  }
  return { representations, receivers, keys: null }
}

const valueOf = (object: DataObject, source: string, single: string | null): string | null => {
  const value = own(object, source)
  const told = own(object, '__typename')
  return typeof value === 'string' && (told === undefined || told === single) ? value : null
}

const onlySources = new WeakMap<readonly Requirement[], string | null>()

/** Where nothing but one value is required of an object of one type: that value is its key. */
const onlySource = (requires: readonly Requirement[]): string | null => {
  const known = onlySources.get(requires)
  if (known !== undefined) return known
  const [only, ...others] = requires
  // Of one type, whether it is named or not: what the fence lets through is of one.
  const ofType = only?.kind === 'type' && others.length === 0 ? only.children : requires
  const [field, ...more] = ofType.filter((one) => !isTypename(one))
  const isOne = more.length === 0 && field?.kind === 'field' && field.children === null
  const source = isOne ? field.source : null
  onlySources.set(requires, source)
  return source
}

const isTypename = (one: Requirement): boolean => one.kind === 'field' && one.name === '__typename'

/** Of objects that the fence let through together. Two people under one key are not one: each has a representation. */
export const guardedEntitiesOf = (
  admitted: Admitted<EntityCandidate>,
  lookup: Lookup,
  world: World,
): Entities => {
  const { requires, proof, type, items, standings, anonymousKey } = admitted
  if (anonymousKey !== null) return nobody(admitted, anonymousKey, { lookup, world })
  const write = representationWriter({ requires, rewrites: lookup.inputRewrites, world })
  const textOf = createTextOf(write, onlySource(requires))
  const sources = proof === null ? null : sourcesOf(proof, requires, type, world)
  const placeOf = createPlaceOf()
  const representations: string[] = []
  const receivers: DataObject[][] = []
  const keys: (string | null)[] = []
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index]
    if (item === undefined) continue
    const standing = standings?.[index]
    const text = textOf(item, item.type ?? type, standing)
    if (text === undefined) continue
    const place = placeOf(item, text, { representations, standing })
    if (place < representations.length) {
      receivers[place]?.push(item.object)
      continue
    }
    representations.push(text)
    receivers.push([item.object])
    if (sources !== null) keys.push(keyTextOf(item.object, sources))
  }
  return { representations, receivers, keys: sources === null ? null : keys }
}

/**
 * The representation of one candidate. Where a single value is all that is written of it, and how its person stands is kept, the
 * text that was written from the same value before is kept with that.
 */
const createTextOf =
  (write: RepresentationWriter, source: string | null) =>
  ({ object }: EntityCandidate, type: string, standing: Standing | undefined): string | undefined => {
    if (source === null || standing?.isKept !== true) return write(object, type)
    const key = own(object, source)
    const told = own(object, '__typename')
    const { asked } = standing
    if (asked?.write === write && asked.key === key && asked.told === told && asked.type === type)
      return asked.text
    const text = write(object, type)
    if (text !== undefined && isTextOrAbsent(key) && isTextOrAbsent(told))
      standing.asked = { write, type, told, key, text: whole(text) }
    return text
  }

/** What is the same whenever it is equal. */
const isTextOrAbsent = (value: unknown): boolean => typeof value === 'string' || value === undefined

/** A text that is put together stays in its parts, which are gone through again each time it is copied somewhere. */
const whole = (text: string): string => Buffer.from(text).toString()

interface Before {
  readonly representations: readonly string[]
  readonly standing: Standing | undefined
}

/**
 * Which place a representation of a person takes in a list: the next one, or that of the same text about the same person.
 * Nearly always a person has one; where there are several, they are told apart by their text.
 */
const createPlaceOf = () => {
  const people = new Map<string | null, number>()
  const others = new Map<string, number>()
  const list = (lastAsked += 1)
  /** The first place of a person, whose way of standing remembers it where it is the only one of that person. */
  const firstOf = (subject: string | null, standing: Standing | undefined, next: number): number => {
    if (standing?.isKept !== true) {
      const known = people.get(subject) ?? next
      if (known === next) people.set(subject, next)
      return known
    }
    if (standing.askedIn !== list) {
      standing.askedIn = list
      standing.askedAt = next
    }
    return standing.askedAt
  }
  return ({ subject }: EntityCandidate, text: string, { representations, standing }: Before): number => {
    const next = representations.length
    const first = firstOf(subject, standing, next)
    if (first === next || representations[first] === text) return first
    const other = `${text} ${subject}`
    const known = others.get(other) ?? next
    if (known === next) others.set(other, next)
    return known
  }
}

/** The number of the last list in which it is remembered who was asked about. */
let lastAsked = 0

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
