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
import { isPlain } from '../json-writer.ts'
import { type AskedField, askedFields, type Composite, type Scene } from './asked-fields.ts'
import { grantedTest, permitted } from './permitted.ts'
import { INVALID, runtimeType } from './runtime-type.ts'
import type { ValueWriter, Walk } from './walk.ts'
import { isTextType, type LeafWriter, leafWriter } from './write-leaf.ts'

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
  readonly beginnings: Beginnings
  readonly dataKey: string
  /** A leaf that may be shown needs no path, as long as its value is what it should be. */
  readonly leaf: LeafWriter | null
  /** Whether a text is the value as it stands. */
  readonly isText: boolean
  /** Null where no protection stands on it. */
  readonly isGranted: ((walk: Walk) => boolean) | null
  readonly write: (source: DataObject, walk: Walk) => string | null
}

/**
 * The quotes of a text go with the names before and after it: every joint of two texts is an object until the answer is sent,
 * and this way there are half as many.
 */
const writeMembers = (members: readonly Member[], source: DataObject, walk: Walk): string | null => {
  let text = ''
  let wasText = false
  for (const member of members) {
    const plain = plainTextOf(member, source, walk)
    const isText = plain !== undefined
    const value = isText ? plain : writeMember(member, source, walk)
    if (value === null) return null
    text += beginningOf(member, wasText, isText) + value
    wasText = isText
  }
  if (text === '') return '{}'
  return wasText ? `${text}"}` : `${text}}`
}

/** A text that needs nothing but its quotes. */
const plainTextOf = (
  { isText, isGranted, dataKey }: Member,
  source: DataObject,
  walk: Walk,
): string | undefined => {
  if (!isText || (isGranted !== null && !isGranted(walk))) return undefined
  const value = source[dataKey]
  return typeof value === 'string' && isPlain(value) ? value : undefined
}

const writeMember = (member: Member, source: DataObject, walk: Walk): string | null => {
  const { key, dataKey, leaf, isGranted, write } = member
  const isShown = leaf !== null && (isGranted === null || isGranted(walk))
  const known = isShown ? leaf(source[dataKey]) : undefined
  if (known !== undefined) return known
  walk.path.push(key)
  const value = write(source, walk)
  walk.path.pop()
  return value
}

/** What stands before a value: `,"key":`, of the first member `{"key":`, with the quotes of a text before and of one after it. */
interface Beginnings {
  readonly plain: string
  readonly text: string
  readonly plainAfterText: string
  readonly textAfterText: string
}

const beginningsOf = (key: string, isFirst: boolean): Beginnings => {
  const plain = `${isFirst ? '{' : ','}${JSON.stringify(key)}:`
  return { plain, text: `${plain}"`, plainAfterText: `"${plain}`, textAfterText: `"${plain}"` }
}

const beginningOf = ({ beginnings }: Member, wasText: boolean, isText: boolean): string => {
  if (wasText) return isText ? beginnings.textAfterText : beginnings.plainAfterText
  return isText ? beginnings.text : beginnings.plain
}

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
  const member = { key, beginnings: beginningsOf(key, isFirst), dataKey, isText: false, isGranted: null }
  if (name === '__typename') return { ...member, leaf: () => `"${owner.name}"`, write: () => null }
  if (type === null)
    return { ...member, leaf: null, write: (_, { meta }) => JSON.stringify(meta[key] ?? null) }
  if (scene.denied.has(`${owner.name}.${name}`)) return { ...member, leaf: null, write: deniedWriter(type) }
  const write = valueWriter(type, field.inner, scene)
  const named = isNonNullType(type) ? type.ofType : type
  const leaf = isLeafType(named) ? leafWriter(named) : null
  const isText = isLeafType(named) && isTextType(named)
  if (decidedAs.length === 0)
    return { ...member, leaf, isText, write: (source, walk) => write(source[dataKey], walk) }
  return {
    ...member,
    leaf,
    isText,
    isGranted: grantedTest(decidedAs),
    write: (source, walk) => write(permitted(field, source[dataKey], walk, scene.world), walk),
  }
}
