import { isMarked, unmarked } from '../exact-numbers.ts'
import type { ProofField, Requirement } from '../plan/query-plan.ts'
import { admits, type World } from '../plan/world.ts'
import { type DataObject, isObject, own } from './targets.ts'

/**
 * What an object's key says, as text to be compared: of the object a representation is written from, and of the answer that
 * claims to be about it. Null where it says nothing: that proves nothing.
 */
export const keyTextOf = (object: DataObject, fields: readonly ProofField[]): string | null => {
  const [first] = fields
  if (fields.length === 1 && first?.children.length === 0) {
    const value = own(object, first.responseKey)
    // Nearly every key is one text, which is its own.
    if (typeof value === 'string' && !isMarked(value)) return value
    return scalarText(value) ?? textOf(value, first.children)
  }
  let text = ''
  for (const { responseKey, children } of fields) {
    const value = textOf(own(object, responseKey), children)
    if (value === null) return null
    text += value
  }
  return text
}

/** Lengths stand before values, so that no two keys read the same. */
const textOf = (value: unknown, children: readonly ProofField[]): string | null => {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => textOf(item, children))
    return items.includes(null) ? null : `[${items.length}${items.join('')}`
  }
  if (children.length > 0) return isObject(value) ? keyTextOf(value, children) : null
  const text = scalarText(value)
  return text === null ? null : `${text.length}:${text}`
}

const scalarText = (value: unknown): string | null => {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null
  return isMarked(value) ? (unmarked(value) ?? value) : String(value)
}

/**
 * The fields of a proof, under the keys by which a representation reads them from its object. Requirements are those of one
 * type under one granted set, so this is made once a plan.
 */
export const sourcesOf = (
  proof: readonly ProofField[],
  requires: readonly Requirement[],
  type: string,
  world: World,
): readonly ProofField[] => {
  const known = madeFor.get(requires)
  if (known !== undefined && known.proof === proof && known.type === type) return known.sources
  const sources = makeSources(proof, requires, type, world)
  madeFor.set(requires, { proof, type, sources })
  return sources
}

interface MadeSources {
  readonly proof: readonly ProofField[]
  readonly type: string
  readonly sources: readonly ProofField[]
}

const madeFor = new WeakMap<readonly Requirement[], MadeSources>()

const makeSources = (
  proof: readonly ProofField[],
  requires: readonly Requirement[],
  type: string,
  world: World,
): readonly ProofField[] =>
  proof.map((field) => {
    const found = requirementsFor(requires, type, world).findLast(({ name }) => name === field.name)
    const children = found?.children ?? []
    return {
      name: field.name,
      responseKey: found?.source ?? NEVER,
      children: makeSources(field.children, children, '', world),
    }
  })

/** What a representation does not carry cannot be proved. */
const NEVER = ''

type FieldRequirement = Extract<Requirement, { kind: 'field' }>

const requirementsFor = (
  requires: readonly Requirement[],
  type: string,
  world: World,
): readonly FieldRequirement[] =>
  requires.flatMap((one) => {
    if (one.kind === 'field') return [one]
    return type === '' || admits(world, one.type, type) ? requirementsFor(one.children, type, world) : []
  })

/** Whether an answer says it is of the type that was asked for by this representation. */
export const saysType = (answer: DataObject, representation: string, world: World): boolean => {
  const told = own(answer, '__typename')
  if (typeof told !== 'string') return false
  const end = TYPE_AT + told.length
  if (representation[end] === '"' && representation.startsWith(told, TYPE_AT)) return !told.includes('"')
  return admits(world, representation.slice(TYPE_AT, representation.indexOf('"', TYPE_AT)), told)
}

/** A representation's text begins with its type. */
const TYPE_AT = '{"__typename":"'.length
