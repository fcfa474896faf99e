import type { Rewrite } from '../plan/query-plan.ts'
import type { World } from '../plan/world.ts'
import type { AnswerShape } from './answer-shape.ts'
import { applyRewrites } from './rewrites.ts'
import { type DataObject, isObject, own } from './targets.ts'

/** An answer, and what is to be done with it before it is part of the data. */
export interface Incoming {
  readonly answer: DataObject
  readonly shape: AnswerShape
  readonly rewrites: readonly Rewrite[]
  readonly world: World
}

/**
 * Merges an answer into every object that waits for it. Only what was asked for is taken: a subgraph that sends more must
 * change nothing, not the merged data, not what later requests carry. The first object takes the answer's values over, the
 * others get copies, because each may be written to later.
 */
export const mergeIntoAll = (receivers: readonly DataObject[], incoming: Incoming): void => {
  const { answer, shape, rewrites, world } = incoming
  const asked = shape.askedOf(answer)
  for (const [key, inner] of asked.nested) settle(own(answer, key), inner, 0)
  const settled = rewrites.length === 0 ? answer : rewritten(incoming)
  const keys = rewrites.length === 0 ? asked.keys : Object.keys(settled)
  let isFirst = true
  for (const receiver of receivers) {
    for (const key of keys) {
      const value = own(settled, key)
      if (value !== undefined) put(receiver, key, isFirst ? value : copyOf(value), world)
    }
    isFirst = false
  }
}

const rewritten = ({ answer, shape, rewrites, world }: Incoming): DataObject => {
  const asked: DataObject = {}
  for (const key of shape.askedOf(answer).keys) {
    const value = own(answer, key)
    if (value !== undefined) asked[key] = value
  }
  applyRewrites(asked, rewrites, world)
  return asked
}

/** Lists directly inside one another. No schema nests so many; an answer that does is not followed down. */
const MOST_LISTS = 16

/** Takes out, in place, what nobody asked for: an answer is nobody else's. */
const settle = (value: unknown, shape: AnswerShape, lists: number): void => {
  if (Array.isArray(value)) {
    if (lists === MOST_LISTS) value.length = 0
    else for (const item of value as unknown[]) settle(item, shape, lists + 1)
    return
  }
  if (!isObject(value)) return
  const { fields } = shape.askedOf(value)
  for (const key in value) {
    const inner = fields.get(key)
    if (inner === undefined) delete value[key]
    else if (inner !== null) settle(value[key], inner, 0)
  }
}

/** Objects are merged deeply, lists by position; null never wipes an object out. */
const put = (target: DataObject, key: string, value: unknown, world: World): void => {
  if (key === '__typename') return putTypename(target, value, world)
  // A custom scalar may hold any key; this one would be a prototype.
  if (key === '__proto__') return
  const known = own(target, key)
  target[key] = known === undefined ? value : merged(known, value, world)
}

const merged = (known: unknown, value: unknown, world: World): unknown => {
  if (known === undefined) return value
  if (value === null || value === undefined) return known
  if (isObject(known) && isObject(value)) {
    for (const key of Object.keys(value)) put(known, key, value[key], world)
    return known
  }
  if (Array.isArray(known) && Array.isArray(value) && known.length === value.length)
    return known.map((item: unknown, index) => merged(item ?? undefined, value[index], world) ?? null)
  return value
}

/** An interface object answers under the interface's name; the name of a concrete type, once known, stays. */
const putTypename = (target: DataObject, value: unknown, world: World): void => {
  const known = own(target, '__typename')
  const isConcrete = typeof known === 'string' && world.supergraph.types.get(known)?.kind === 'object'
  if (!isConcrete && typeof value === 'string') target['__typename'] = value
}

const PLAIN = { configurable: true, enumerable: true, writable: true }

const copyOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  const copy: DataObject = {}
  for (const key in value) {
    const inner = copyOf((value as DataObject)[key])
    // An assignment to this one key, which a custom scalar may hold, would set a prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, { ...PLAIN, value: inner })
    else copy[key] = inner
  }
  return copy
}
