import {
  GraphQLEnumType,
  type GraphQLObjectType,
  type GraphQLInterfaceType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { type DataObject, isObject, own } from '../execute/targets.ts'
import type { Ledger } from '../fence/ledger.ts'
import type { Denial } from '../fence/denial.ts'
import type { World } from '../plan/world.ts'
import { collectFields, type Field, type FieldMemory } from './collect-fields.ts'
import { fitsScalar } from './scalars.ts'
import type { WithheldReport } from './withheld.ts'
import type { ErrorBook } from './error-book.ts'

export interface Projection {
  readonly world: World
  readonly schema: GraphQLSchema
  readonly variables: Readonly<Record<string, unknown>>
  readonly ledger: Ledger
  readonly withheld: WithheldReport
  readonly errors: ErrorBook
  /** Why this caller can never get a coordinate; null when that depends on the person. */
  readonly callerDenial: (coordinate: string) => Denial | null
  readonly collected: FieldMemory
  /** Answers of root fields about the schema, by response key. */
  readonly meta: DataObject
}

/** Null with its error already said: it becomes null at the nearest place that may be null (GraphQL, "Handling Field Errors"). */
const BUBBLE = Symbol('bubble')
type Completed = unknown

/** Merged data → the shape that was asked for. Nothing that was not granted gets through here, whatever subgraphs sent. */
export const project = (
  operation: OperationDefinitionNode,
  data: DataObject,
  projection: Projection,
): DataObject | null => {
  const root = projection.schema.getRootType(operation.operation)
  if (root === null || root === undefined) return null
  const at: At = { ...projection, path: [], person: null }
  const result = completeObject(root, [operation.selectionSet], data, at)
  return result === BUBBLE ? null : (result as DataObject)
}

/** Where the walk stands: one object for the whole walk, because there is a step a field. What keeps a path copies it. */
interface At extends Projection {
  readonly path: (string | number)[]
  /** The nearest enclosing object that belongs to a person. */
  person: DataObject | null
}

type Composite = GraphQLObjectType | GraphQLInterfaceType

const completeObject = (
  type: Composite,
  sets: readonly SelectionSetNode[],
  source: DataObject,
  at: At,
): Completed => {
  const result = Object.create(null) as DataObject
  const outer = at.person
  if (at.world.protection.subjects.has(type.name)) at.person = source
  let bubbles = false
  for (const field of collectFields(type, sets, at)) {
    at.path.push(field.key)
    const value = completeField(type, field, source, at)
    at.path.pop()
    bubbles = value === BUBBLE
    if (bubbles) break
    result[field.key] = value
  }
  at.person = outer
  return bubbles ? BUBBLE : result
}

const completeField = (type: Composite, field: Field, source: DataObject, at: At): Completed => {
  if (field.name === '__typename') return type.name
  if (field.type === null) return own(at.meta, field.key) ?? null
  const known = own(source, field.dataKey)
  const value = field.decidedAs.length > 0 ? permitted(field, known, at) : known
  return completeValue(field.type, field.inner, value, at)
}

/**
 * The second line: a protected value is shown only where the fence decided so for this very object.
 * A subgraph that sends more than it was asked for changes nothing.
 */
const permitted = ({ decidedAs }: Field, value: unknown, at: At): unknown => {
  const decision = decisionFor(decidedAs, at)
  if (decision?.kind === 'granted') return value
  const [coordinate = ''] = decidedAs
  const denial = decision ?? at.callerDenial(coordinate)
  if (denial === null) return undefined
  const instead =
    decision !== undefined && at.world.protection.protections.get(coordinate)?.otherwise === 'ANONYMOUS'
  const shown = instead ? value : undefined
  at.withheld.add(coordinate, at.path, denial, shown !== undefined && shown !== null)
  if (shown === undefined || shown === null) at.errors.withheld([...at.path], coordinate, denial)
  return shown
}

/** A field of an interface object was decided under the interface's name. */
const decisionFor = (coordinates: readonly string[], at: At) => {
  if (at.person === null) return undefined
  for (const coordinate of coordinates) {
    const decision = at.ledger.decision(at.person, coordinate)
    if (decision !== undefined) return decision
  }
  return undefined
}

const completeValue = (
  type: GraphQLOutputType,
  inner: readonly SelectionSetNode[],
  value: unknown,
  at: At,
): Completed => {
  if (!isNonNullType(type)) {
    const completed = completeNullable(type, inner, value, at)
    return completed === BUBBLE ? null : completed
  }
  const completed = completeNullable(type.ofType, inner, value, at)
  if (completed === null) at.errors.nonNull([...at.path])
  return completed === null ? BUBBLE : completed
}

/** BUBBLE where the value is null and the reason has been said. */
const completeNullable = (
  type: GraphQLOutputType,
  inner: readonly SelectionSetNode[],
  value: unknown,
  at: At,
): Completed => {
  if (value === undefined || value === null) return at.errors.said(at.path) ? BUBBLE : null
  if (isListType(type)) return completeList(type.ofType, inner, value, at)
  if (isLeafType(type)) {
    // A value that clients may not know, such as an inaccessible enum value, is null and no error tells of it.
    if (type instanceof GraphQLEnumType)
      return typeof value === 'string' && type.getValue(value) !== undefined ? value : null
    return fitsScalar(type.name, value) ? value : invalid(at)
  }
  return completeComposite(type, inner, value, at)
}

const completeComposite = (
  type: GraphQLOutputType,
  inner: readonly SelectionSetNode[],
  value: unknown,
  at: At,
): Completed => {
  const runtime = isObject(value) ? runtimeType(type, value, at) : INVALID
  if (runtime === INVALID || !isObject(value)) return invalid(at)
  return runtime === null ? null : completeObject(runtime, inner, value, at)
}

const completeList = (
  item: GraphQLOutputType,
  inner: readonly SelectionSetNode[],
  value: unknown,
  at: At,
): Completed => {
  if (!Array.isArray(value)) return invalid(at)
  const result: unknown[] = []
  for (const [index, one] of value.entries()) {
    at.path.push(index)
    const completed = completeValue(item, inner, one, at)
    at.path.pop()
    if (completed === BUBBLE) return BUBBLE
    result.push(completed)
  }
  return result
}

const invalid = (at: At): typeof BUBBLE => {
  at.errors.add('SUBGRAPH_RESPONSE_INVALID', [...at.path])
  return BUBBLE
}

/**
 * The type a value says it is. INVALID where it says none, or one that cannot stand here; null where clients may not know
 * the type. Only an interface object may say its interface's name.
 */
const runtimeType = (
  declared: GraphQLOutputType,
  value: DataObject,
  at: At,
): Composite | null | typeof INVALID => {
  const name = own(value, '__typename')
  if (name === undefined && isObjectType(declared)) return declared
  if (typeof name !== 'string' || !at.world.supergraph.types.has(name)) return INVALID
  const type = at.schema.getType(name)
  if (isInterfaceType(type)) return isInterfaceObject(name, at.world) ? type : INVALID
  if (!isObjectType(type)) return null
  const fits = type === declared || (isAbstractType(declared) && at.schema.isSubType(declared, type))
  return fits ? type : INVALID
}

const INVALID = Symbol('invalid')

const isInterfaceObject = (name: string, world: World): boolean =>
  [...world.supergraph.subgraphs.values()].some((view) => view.types.get(name)?.isInterfaceObject === true)
