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
import { type DataObject, isObject, own, type ResponsePath } from '../execute/targets.ts'
import type { Ledger } from '../fence/ledger.ts'
import type { Denial } from '../fence/denial.ts'
import { dataKey } from '../plan/response-keys.ts'
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
  const result = completeObject(root, [operation.selectionSet], data, {
    ...projection,
    path: [],
    person: null,
  })
  return result === BUBBLE ? null : (result as DataObject)
}

interface At extends Projection {
  readonly path: ResponsePath
  /** The nearest enclosing object that belongs to a person. */
  readonly person: DataObject | null
}

type Composite = GraphQLObjectType | GraphQLInterfaceType

const completeObject = (
  type: Composite,
  sets: readonly SelectionSetNode[],
  source: DataObject,
  at: At,
): Completed => {
  const result = Object.create(null) as DataObject
  const person = at.world.protection.subjects.has(type.name) ? source : at.person
  for (const field of collectFields(type, sets, at)) {
    const value = completeField(type, field, source, { ...at, path: [...at.path, field.key], person })
    if (value === BUBBLE) return BUBBLE
    result[field.key] = value
  }
  return result
}

const completeField = (
  type: Composite,
  { node, inner, key }: Field,
  source: DataObject,
  at: At,
): Completed => {
  const name = node.name.value
  if (name === '__typename') return type.name
  if (name === '__schema' || name === '__type') return own(at.meta, key) ?? null
  const definition = type.getFields()[name]
  if (definition === undefined) return null
  const known = own(source, dataKey(node, at.world))
  const value = mayBeProtected(type, name, at.world) ? permitted(type, name, known, at) : known
  return completeValue(definition.type, inner, value, at)
}

/** An object that only says an interface's name may be any of its types. */
const mayBeProtected = (type: Composite, field: string, world: World): boolean =>
  [type.name, ...(world.supergraph.types.get(type.name)?.possible ?? [])].some((name) =>
    world.protection.protections.has(`${name}.${field}`),
  )

/**
 * The second line: a protected value is shown only where the fence decided so for this very object.
 * A subgraph that sends more than it was asked for changes nothing.
 */
const permitted = (type: Composite, field: string, value: unknown, at: At): unknown => {
  const coordinate = `${type.name}.${field}`
  const decision = decisionFor(type, field, at)
  if (decision?.kind === 'granted') return value
  const denial = decision ?? at.callerDenial(coordinate)
  if (denial === null) return undefined
  const instead =
    decision !== undefined && at.world.protection.protections.get(coordinate)?.otherwise === 'ANONYMOUS'
  const shown = instead ? value : undefined
  at.withheld.add(coordinate, at.path, denial, shown !== undefined && shown !== null)
  if (shown === undefined || shown === null) at.errors.withheld(at.path, coordinate)
  return shown
}

/** A field of an interface object was decided under the interface's name. */
const decisionFor = (type: Composite, field: string, at: At) => {
  const { person } = at
  if (person === null) return undefined
  const names = [type.name, ...type.getInterfaces().map((parent) => parent.name)]
  return names
    .map((name) => at.ledger.decision(person, `${name}.${field}`))
    .find((decision) => decision !== undefined)
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
  if (completed === null) at.errors.nonNull(at.path)
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
    const completed = completeValue(item, inner, one, { ...at, path: [...at.path, index] })
    if (completed === BUBBLE) return BUBBLE
    result.push(completed)
  }
  return result
}

const invalid = (at: At): typeof BUBBLE => {
  at.errors.add('SUBGRAPH_RESPONSE_INVALID', at.path)
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
