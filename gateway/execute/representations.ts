import { quoted, written } from '../json-writer.ts'
import type { Requirement, Rewrite } from '../plan/query-plan.ts'
import { admits, type World } from '../plan/world.ts'
import { applyRewrites } from './rewrites.ts'
import { type DataObject, isObject, own } from './targets.ts'

/**
 * Writes an object as a representation: the text is both what is sent and the key by which it is sent once. Undefined where
 * there is nobody to ask about: no type, or not a single value.
 */
export type RepresentationWriter = (object: DataObject, type: string | null) => string | undefined

export interface Representing {
  readonly requires: readonly Requirement[]
  readonly rewrites: readonly Rewrite[]
  readonly world: World
}

const writers = new WeakMap<readonly Requirement[], RepresentationWriter>()

/** One writer a list of requirements, which belongs to one lookup and one granted set. */
export const representationWriter = (representing: Representing): RepresentationWriter => {
  const known = writers.get(representing.requires)
  if (known !== undefined) return known
  const writer = createWriter(representing)
  writers.set(representing.requires, writer)
  return writer
}

const createWriter = ({ requires, rewrites, world }: Representing): RepresentationWriter => {
  const shape = createShape(requires, world)
  const rewriteText = rewriterOf(rewrites, world)
  const asksType = requires.some(asksTypename)
  return (object, type) => {
    const typename = (asksType ? typenameOf(object) : null) ?? type
    const fields = writeFields(object, shape)
    return typename === null || fields === null ? undefined : rewriteText(typename, fields)
  }
}

/** The type an object says it is of: it is sent as that, where that is required. */
const typenameOf = (object: DataObject): string | null => {
  const told = own(object, '__typename')
  return typeof told === 'string' ? told : null
}

const asksTypename = (one: Requirement): boolean =>
  one.kind === 'type' ? one.children.some(asksTypename) : one.name === '__typename'

type Rewriter = (typename: string, fields: string) => string

/** Nearly all rewrites set the type name of the representation itself: a constant, known before anything is written. */
const rewriterOf = (rewrites: readonly Rewrite[], world: World): Rewriter => {
  const renames = rewrites.map((rewrite) => typenameRewrite(rewrite))
  if (renames.includes(null))
    return (typename, fields) => {
      const representation = JSON.parse(representationText(typename, fields)) as DataObject
      applyRewrites(representation, rewrites, world)
      return written(representation) ?? ''
    }
  const renamed = (typename: string): string => {
    let name = typename
    for (const rename of renames)
      if (rename?.types.every((types) => types.some((type) => admits(world, type, name)))) name = rename.value
    return name
  }
  let last = ''
  let beginning = representationBeginning(renamed(last))
  return (typename, fields) => {
    // Objects of one type come one after the other.
    if (typename !== last) {
      beginning = representationBeginning(renamed(typename))
      last = typename
    }
    return `${beginning}${fields}}`
  }
}

const representationText = (typename: string, fields: string): string =>
  `${representationBeginning(typename)}${fields}}`

const representationBeginning = (typename: string): string => `{"__typename":${quoted(typename)}`

interface TypenameRewrite {
  /** Conditions on the type, all of which must hold. */
  readonly types: readonly (readonly string[])[]
  readonly value: string
}

const typenameRewrite = (rewrite: Rewrite): TypenameRewrite | null => {
  const last = rewrite.path.at(-1)
  const before = rewrite.path.slice(0, -1)
  const types = before.flatMap((segment) => ('types' in segment ? [segment.types] : []))
  const isTop = last !== undefined && 'key' in last && last.key === '__typename'
  return rewrite.kind === 'set' && isTop && types.length === before.length
    ? { types, value: rewrite.value }
    : null
}

/** Requirements as they apply to one object: by the type it says it is of. */
interface RequiredShape {
  fieldsOf(object: DataObject): readonly RequiredField[]
}

interface RequiredField {
  readonly source: string
  /** `,"name":` */
  readonly prefix: string
  readonly inner: RequiredShape | null
}

const createShape = (requires: readonly Requirement[], world: World): RequiredShape => {
  const byType = new Map<string | null, readonly RequiredField[]>()
  return {
    fieldsOf: (object) => {
      const told = own(object, '__typename')
      // A name the graph does not have comes from a subgraph alone and must not fill the memory.
      const type = typeof told !== 'string' ? null : world.supergraph.types.has(told) ? told : ''
      const known = byType.get(type)
      if (known !== undefined) return known
      const fields = fieldsFor(requires, type, world)
      byType.set(type, fields)
      return fields
    },
  }
}

const fieldsFor = (
  requires: readonly Requirement[],
  type: string | null,
  world: World,
): readonly RequiredField[] => {
  const found = new Map<string, { source: string; children: readonly Requirement[] | null }>()
  gather(requires, type, world, found)
  return [...found].map(([name, { source, children }]) => ({
    source,
    prefix: `,${JSON.stringify(name)}:`,
    inner: children === null ? null : createShape(children, world),
  }))
}

type Gathered = Map<string, { source: string; children: readonly Requirement[] | null }>

// eslint-disable-next-line max-params -- one walk
const gather = (
  requires: readonly Requirement[],
  type: string | null,
  world: World,
  found: Gathered,
): void => {
  for (const one of requires) {
    if (one.kind === 'type') {
      // Without `__typename` the plan did not need to tell types apart here.
      if (type === null || admits(world, one.type, type)) gather(one.children, type, world, found)
    } else {
      const known = found.get(one.name)
      const children = [...(known?.children ?? []), ...(one.children ?? [])]
      found.set(one.name, { source: one.source, children: one.children === null ? null : children })
    }
  }
}

/**
 * Members of an object, each with a comma before it, without its type name. What was never fetched is left out. Null where no
 * value but the type name is there: a representation of nothing but nulls asks about nobody.
 */
const writeFields = (object: DataObject, shape: RequiredShape): string | null => {
  let text = ''
  let hasKey = false
  for (const { source, prefix, inner } of shape.fieldsOf(object)) {
    if (prefix === TYPENAME_PREFIX) continue
    const value = own(object, source)
    const member = inner === null ? written(value) : writeValue(value, inner)
    if (member === undefined) continue
    text += prefix + member
    hasKey ||= value !== null
  }
  return hasKey ? text : null
}

const TYPENAME_PREFIX = ',"__typename":'

const writeValue = (value: unknown, inner: RequiredShape): string | undefined => {
  if (value === null) return 'null'
  if (Array.isArray(value))
    return `[${value.map((item: unknown) => writeValue(item, inner) ?? 'null').join(',')}]`
  return isObject(value) ? writeNested(value, inner) : undefined
}

const writeNested = (object: DataObject, shape: RequiredShape): string => {
  let text = ''
  for (const { source, prefix, inner } of shape.fieldsOf(object)) {
    const value = own(object, source)
    const member = inner === null ? written(value) : writeValue(value, inner)
    if (member !== undefined) text += prefix + member
  }
  return `{${text.slice(1)}}`
}
