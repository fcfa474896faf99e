import {
  type GraphQLLeafType,
  type GraphQLOutputType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  type SelectionSetNode,
} from 'graphql'
import { type DataObject, isObject } from '../execute/targets.ts'
import { type AskedField, askedFields, type Composite, type Scene } from './asked-fields.ts'
import { isGranted, permitted } from './permitted.ts'
import { INVALID, runtimeType } from './runtime-type.ts'
import type { ValueWriter, Walk } from './walk.ts'
import { type LeafWriter, leafWriter } from './write-leaf.ts'

type Sets = readonly SelectionSetNode[]

/** The writer of a value of a type, null propagation included (GraphQL, "Handling Field Errors"). */
const valueWriter = (type: GraphQLOutputType, inner: Sets, scene: Scene): ValueWriter => {
  if (!isNonNullType(type)) {
    const write = nullableWriter(type, inner, scene)
    return (value, walk) => write(value, walk) ?? 'null'
  }
  const write = nullableWriter(type.ofType, inner, scene)
  return (value, walk) => {
    const text = write(value, walk)
    if (text !== 'null') return text
    walk.errors.nonNull([...walk.path])
    return null
  }
}

/** Null where the value is null and the reason has been said. */
const nullableWriter = (type: GraphQLOutputType, inner: Sets, scene: Scene): ValueWriter => {
  const write = presentWriter(type, inner, scene)
  return (value, walk) => {
    // What an object inherits is a function, and no data.
    if (value !== undefined && value !== null && typeof value !== 'function') return write(value, walk)
    return walk.errors.said(walk.path) ? null : 'null'
  }
}

const presentWriter = (type: GraphQLOutputType, inner: Sets, scene: Scene): ValueWriter => {
  if (isListType(type)) return listWriter(type.ofType, inner, scene)
  if (isLeafType(type)) return wholeLeafWriter(type)
  return compositeWriter(type, inner, scene)
}

const wholeLeafWriter = (type: GraphQLLeafType): ValueWriter => {
  const leaf = leafWriter(type)
  // A value that clients may not know, such as an inaccessible enum value, is null and no error tells of it.
  if (isEnumType(type)) return (value) => leaf(value) ?? 'null'
  return (value, walk) => leaf(value) ?? invalid(walk)
}

const invalid = (walk: Walk): null => {
  walk.errors.add('SUBGRAPH_RESPONSE_INVALID', [...walk.path])
  return null
}

const listWriter = (item: GraphQLOutputType, inner: Sets, scene: Scene): ValueWriter => {
  const write = valueWriter(item, inner, scene)
  return (value, walk) => {
    if (!Array.isArray(value)) return invalid(walk)
    let text = ''
    for (let index = 0; index < value.length; index += 1) {
      walk.path.push(index)
      const one = write(value[index], walk)
      walk.path.pop()
      if (one === null) return null
      text += (index === 0 ? '[' : ',') + one
    }
    return text === '' ? '[]' : `${text}]`
  }
}

const compositeWriter = (type: GraphQLOutputType, inner: Sets, scene: Scene): ValueWriter => {
  const writers = new Map<unknown, ObjectWriter>()
  return (value, walk) => {
    if (!isObject(value)) return invalid(walk)
    const known = writers.get(value['__typename'])
    if (known !== undefined) return known(value, walk)
    const runtime = runtimeType(type, value, scene)
    if (runtime === INVALID) return invalid(walk)
    // A name the graph does not have is not kept: it comes from a subgraph alone.
    if (runtime === null) return 'null'
    const write = objectWriter(runtime, inner, scene)
    writers.set(value['__typename'], write)
    return write(value, walk)
  }
}

export type ObjectWriter = (source: DataObject, walk: Walk) => string | null

export const objectWriter = (type: Composite, sets: Sets, scene: Scene): ObjectWriter => {
  const members = askedFields(type, sets, scene).map((field, at) => memberOf(type, field, at === 0, scene))
  const isPerson = scene.world.protection.subjects.has(type.name)
  return (source, walk) => {
    const outer = walk.decisions
    if (isPerson) walk.decisions = walk.ledger.decisionsOn(source)
    const text = writeMembers(members, source, walk)
    walk.decisions = outer
    return text
  }
}

/** One member of an object: everything that is the same for all objects of its type. */
interface Member {
  readonly key: string
  /** `,"key":`; of the first member `{"key":`. */
  readonly prefix: string
  readonly dataKey: string
  /** A leaf that may be shown needs no path, as long as its value is what it should be. */
  readonly leaf: LeafWriter | null
  /** Where a protection stands on it: the names it was decided under. */
  readonly decidedAs: readonly string[]
  readonly write: (source: DataObject, walk: Walk) => string | null
}

const writeMembers = (members: readonly Member[], source: DataObject, walk: Walk): string | null => {
  let text = ''
  for (const { key, prefix, dataKey, leaf, decidedAs, write } of members) {
    const isPlain = leaf !== null && (decidedAs.length === 0 || isGranted(decidedAs, walk))
    let value = isPlain ? (leaf(source[dataKey]) ?? null) : undefined
    if (typeof value !== 'string') {
      walk.path.push(key)
      value = write(source, walk)
      walk.path.pop()
      if (value === null) return null
    }
    text += prefix + value
  }
  return text === '' ? '{}' : `${text}}`
}

const NOBODY: readonly string[] = []

/** Whatever a subgraph sent: it was not asked, and the caller may not read it. */
const deniedWriter =
  (type: GraphQLOutputType): Member['write'] =>
  (_, { errors, path }) => {
    errors.add('UNAUTHORIZED_FIELD_OR_TYPE', [...path])
    return isNonNullType(type) ? null : 'null'
  }

// eslint-disable-next-line max-params -- a field in its place
const memberOf = (owner: Composite, field: AskedField, isFirst: boolean, scene: Scene): Member => {
  const { key, name, dataKey, type, decidedAs } = field
  const member = { key, prefix: `${isFirst ? '{' : ','}${JSON.stringify(key)}:`, dataKey, decidedAs: NOBODY }
  if (name === '__typename') return { ...member, leaf: () => `"${owner.name}"`, write: () => null }
  if (type === null)
    return { ...member, leaf: null, write: (_, { meta }) => JSON.stringify(meta[key] ?? null) }
  if (scene.denied.has(`${owner.name}.${name}`)) return { ...member, leaf: null, write: deniedWriter(type) }
  const write = valueWriter(type, field.inner, scene)
  const named = isNonNullType(type) ? type.ofType : type
  const leaf = isLeafType(named) ? leafWriter(named) : null
  if (decidedAs.length === 0)
    return { ...member, leaf, write: (source, walk) => write(source[dataKey], walk) }
  return {
    ...member,
    leaf,
    decidedAs,
    write: (source, walk) => write(permitted(field, source[dataKey], walk, scene.world), walk),
  }
}
