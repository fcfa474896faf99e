import { ANONYMOUS } from '../../directives/grant.ts'
import type { Admitted } from '../fence/fence.ts'
import type { Lookup, Requirement } from '../plan/query-plan.ts'
import type { World } from '../plan/world.ts'
import { type EntityCandidate, singleType } from './candidates.ts'
import { keyTextOf, sourcesOf } from './proof.ts'
import { representationWriter } from './representations.ts'
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
  const fields = only?.kind === 'type' ? only.children.filter((one) => !isTypename(one)) : []
  const [field] = fields
  const isOne =
    others.length === 0 && fields.length === 1 && field?.kind === 'field' && field.children === null
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
  const { requires, proof, type, items, anonymousKey } = admitted
  if (anonymousKey !== null) return nobody(admitted, anonymousKey, { lookup, world })
  const write = representationWriter({ requires, rewrites: lookup.inputRewrites, world })
  const sources = proof === null ? null : sourcesOf(proof, requires, type, world)
  const waiting = createWaiting()
  const representations: string[] = []
  const receivers: DataObject[][] = []
  const keys: (string | null)[] = []
  for (const { object, type: told, subject } of items) {
    const text = write(object, told ?? type)
    const begun = text === undefined ? null : waiting.join(object, subject, text)
    if (text === undefined || begun === null) continue
    representations.push(text)
    receivers.push(begun)
    if (sources !== null) keys.push(keyTextOf(object, sources))
  }
  return { representations, receivers, keys: sources === null ? null : keys }
}

/** Objects that wait for the answer to one representation of one person. */
interface Waiting {
  readonly text: string
  readonly objects: DataObject[]
}

/** Nearly always a person has one representation; where there are several, they are told apart by their text. */
const createWaiting = () => {
  const people = new Map<string | null, Waiting>()
  const others = new Map<string, Waiting>()
  return {
    /** Null where it joins those that wait already; otherwise it begins a list of its own. */
    join(object: DataObject, subject: string | null, text: string): DataObject[] | null {
      const first = people.get(subject)
      const other = first === undefined || first.text === text ? null : `${text} ${subject}`
      const known = other === null ? first : others.get(other)
      if (known !== undefined) {
        known.objects.push(object)
        return null
      }
      const waiting = { text, objects: [object] }
      if (other === null) people.set(subject, waiting)
      else others.set(other, waiting)
      return waiting.objects
    },
  }
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
