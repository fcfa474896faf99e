import { type ConstDirectiveNode, Kind, type SelectionSetNode } from 'graphql'
import { readRequiresScope } from '../directives/requires-scope.ts'
import type { OnTheWay } from '../directives/types-on-the-way.ts'
import { applications } from './definitions.ts'
import { parseFieldSet, topLevelNames } from './field-set.ts'
import { personalTypes } from './personal-types.ts'
import { keysOf, protectedKeys } from './protected-keys.ts'
import { fault, type ProtectionFault } from './protection-fault.ts'
import { type DataSubject, readSubjects, waysToKeys } from './read-subjects.ts'
import type { Supergraph, SupergraphField, SupergraphType } from './supergraph.ts'

/** Why a clause stands on a coordinate. */
export type ClauseOrigin = 'own' | 'parent' | 'return' | 'interface' | 'input'

/** An OR of ANDs: one of the groups must be granted whole. */
export type ScopeGroups = readonly (readonly string[])[]

/** One requirement, with the coordinate that brought it. Clauses of a protection are AND-ed. */
export interface Clause {
  readonly anyOf: ScopeGroups
  readonly origin: ClauseOrigin
  readonly from: string
}

/** What a concrete coordinate (`Customer.email`) asks before it may be fetched. */
export interface Protection {
  readonly coordinate: string
  readonly clauses: readonly Clause[]
  /** Protected coordinates it is computed from, directly or through others. */
  readonly inputs: readonly string[]
  readonly otherwise: 'NULL' | 'ANONYMOUS'
}

export interface ProtectionMap {
  readonly protections: ReadonlyMap<string, Protection>
  readonly subjects: ReadonlyMap<string, DataSubject>
}

/**
 * Requirements from several subgraphs, from the parent type, from the return type, from interfaces and from every
 * field named by `@requires` are AND-ed, transitively (design, "Protection").
 * A supergraph with faults must not be served: each of them is a place the fence could not stand.
 */
export const readProtection = (supergraph: Supergraph): { map: ProtectionMap; faults: ProtectionFault[] } => {
  const faults: ProtectionFault[] = []
  const subjects = readSubjects(supergraph, faults)
  const reading: Reading = {
    supergraph,
    subjects,
    personal: personalTypes(supergraph, subjects),
    onTheWay: waysToKeys(supergraph, subjects),
    faults,
    done: new Map(),
  }
  for (const type of supergraph.types.values()) {
    for (const field of type.fields.values()) {
      if (type.kind === 'object') protectionOf(reading, type, field)
      refuseContextArguments(reading, type, field)
    }
  }
  const protections = new Map(
    [...reading.done].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
  )
  for (const protection of interfaceObjectProtections(reading, protections))
    protections.set(protection.coordinate, protection)
  faults.push(...protectedKeys(supergraph, subjects, (coordinate) => protections.has(coordinate)))
  return { map: { protections, subjects }, faults }
}

interface Reading {
  readonly supergraph: Supergraph
  readonly subjects: ReadonlyMap<string, DataSubject>
  /** Value types whose every occurrence lies inside a person's own data. */
  readonly personal: ReadonlySet<string>
  readonly onTheWay: ReadonlyMap<string, readonly OnTheWay[]>
  readonly faults: ProtectionFault[]
  /** Null while in progress and for coordinates that ask nothing. */
  readonly done: Map<string, Protection | null>
}

const protectionOf = (reading: Reading, type: SupergraphType, field: SupergraphField): Protection | null => {
  const coordinate = `${type.name}.${field.name}`
  const known = reading.done.get(coordinate)
  if (known !== undefined) return known
  reading.done.set(coordinate, null)
  const inputs = inputsOf(reading, type, field)
  const carried = inputs.flatMap((input) =>
    input.clauses.map((clause) => ({ ...clause, origin: 'input' as const })),
  )
  const clauses = [...directClauses(reading, type, field), ...carried]
  if (clauses.length === 0) return null
  if (!isFenceable(reading, type.name))
    reading.faults.push(fault('PROTECTED_WITHOUT_SUBJECT', coordinate, NO_SUBJECT))
  const protection: Protection = {
    coordinate,
    clauses: distinct(clauses),
    inputs: [...new Set(inputs.flatMap((input) => [input.coordinate, ...input.inputs]))],
    otherwise: otherwiseOf(field),
  }
  reading.done.set(coordinate, protection)
  return protection
}

const NO_SUBJECT =
  'it is protected but can be reached without passing through a type that belongs to a person (@dataSubject)'

const isFenceable = ({ subjects, personal }: Reading, type: string): boolean =>
  subjects.has(type) || personal.has(type)

const directClauses = (reading: Reading, type: SupergraphType, field: SupergraphField): Clause[] => {
  const coordinate = `${type.name}.${field.name}`
  const interfaces = isFenceable(reading, type.name)
    ? type.interfaces.map((name) => reading.supergraph.types.get(name))
    : []
  return [
    ...clausesOf(field.directives, 'own', coordinate, reading.faults),
    ...(isExempt(reading, type.name, field.name)
      ? []
      : clausesOf(type.directives, 'parent', type.name, reading.faults)),
    ...interfaces.flatMap((source) => interfaceClauses(reading, source, type.name, field.name)),
    ...sparedTypeClauses(reading, type, field),
    ...returnClauses(reading, field),
  ]
}

/**
 * A requirement on an interface binds every implementing type that is a person's data (CVE-2025-64530 family):
 * on a field, that field; on the interface itself, all fields of what implements it.
 */
const interfaceClauses = (
  reading: Reading,
  source: SupergraphType | undefined,
  type: string,
  field: string,
): Clause[] => {
  if (source === undefined) return []
  const declared = source.fields.get(field)
  return [
    ...clausesOf(declared?.directives ?? [], 'interface', `${source.name}.${field}`, reading.faults),
    ...(isExempt(reading, type, field)
      ? []
      : clausesOf(source.directives, 'interface', source.name, reading.faults)),
  ]
}

/** What a protected scalar, enum or value type asks, every field that returns it asks; a person's type asks for itself. */
const returnClauses = (reading: Reading, field: SupergraphField): Clause[] => {
  const returned = reading.supergraph.types.get(field.named)
  if (returned === undefined || reading.subjects.has(returned.name)) return []
  if (returned.kind === 'interface' || returned.kind === 'union') return []
  return clausesOf(returned.directives, 'return', returned.name, reading.faults)
}

/** What stands beside the way to a composite subject key asks what the person's type and its interfaces ask. */
const sparedTypeClauses = (reading: Reading, type: SupergraphType, field: SupergraphField): Clause[] => {
  if (reading.subjects.has(type.name)) return []
  const beside = (reading.onTheWay.get(type.name) ?? []).filter((one) => one.field !== field.name)
  return beside
    .flatMap(({ ruledBy }) => ruledBy)
    .flatMap((name) =>
      clausesOf(reading.supergraph.types.get(name)?.directives ?? [], 'parent', name, reading.faults),
    )
}

/** A rule on a person's whole type spares what names the person: without the keys nothing could be asked at all. */
const isExempt = ({ supergraph, subjects }: Reading, type: string, field: string): boolean => {
  const subject = subjects.get(type)
  if (subject === undefined) return false
  return (
    subject.keyPath[0] === field || keysOf(supergraph, type).some((key) => topLevelNames(key).includes(field))
  )
}

/** What the field reads, also where a subgraph that knows its interface as one object says so. */
const inputsOf = (reading: Reading, type: SupergraphType, field: SupergraphField): Protection[] => {
  const { types } = reading.supergraph
  const declared = [field, ...type.interfaces.map((name) => types.get(name)?.fields.get(field.name))]
  const sets = new Set(declared.flatMap((one) => [...(one?.requires.values() ?? [])]))
  return [...sets].flatMap((requires) =>
    walkInputs(reading, type, parseFieldSet(requires), `${type.name}.${field.name}`),
  )
}

/** Every protected coordinate that a field set reads: what they ask, the field that depends on them asks too. */
const walkInputs = (
  reading: Reading,
  type: SupergraphType,
  set: SelectionSetNode,
  dependent: string,
): Protection[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const narrowed = reading.supergraph.types.get(selection.typeCondition?.name.value ?? type.name) ?? type
      return walkInputs(reading, narrowed, selection.selectionSet, dependent)
    }
    if (selection.kind !== Kind.FIELD) return []
    return type.possible.flatMap((name) =>
      inputOf(reading, name, selection.name.value, { set: selection.selectionSet, dependent }),
    )
  })

const inputOf = (
  reading: Reading,
  typeName: string,
  fieldName: string,
  { set, dependent }: { set: SelectionSetNode | undefined; dependent: string },
): Protection[] => {
  const type = reading.supergraph.types.get(typeName)
  const field = type?.fields.get(fieldName)
  if (type === undefined || field === undefined) return []
  const own = protectionOf(reading, type, field)
  const returned = reading.supergraph.types.get(field.named)
  const found = own === null ? [] : [own]
  if (set === undefined || returned === undefined) return found
  const nested = walkInputs(reading, returned, set, dependent)
  if (nested.length > 0 && returned.possible.some((name) => reading.subjects.has(name)))
    reading.faults.push(
      fault('INPUT_OF_ANOTHER_PERSON', dependent, 'its @requires reads a protected field of another person'),
    )
  return [...found, ...nested]
}

const clausesOf = (
  directives: readonly ConstDirectiveNode[],
  origin: ClauseOrigin,
  from: string,
  faults: ProtectionFault[],
): Clause[] =>
  directives
    .filter((directive) => directive.name.value === 'requiresScope')
    .map((directive) => {
      const anyOf = readRequiresScope(directive).scope
      const empty =
        anyOf.length === 0 ||
        anyOf.some((group) => group.length === 0 || group.some((scope) => scope.trim() === ''))
      if (empty) faults.push(fault('SCOPE_LIST_EMPTY', from, 'its @requiresScope names no scope'))
      return { anyOf, origin, from }
    })

const otherwiseOf = (field: SupergraphField): Protection['otherwise'] => {
  const own = field.directives.filter((directive) => directive.name.value === 'requiresScope')
  return own.length > 0 && own.every((directive) => readRequiresScope(directive).otherwise === 'ANONYMOUS')
    ? 'ANONYMOUS'
    : 'NULL'
}

const distinct = (clauses: readonly Clause[]): Clause[] => [
  ...new Map(
    clauses.map((clause) => [JSON.stringify([clause.anyOf, clause.origin, clause.from]), clause]),
  ).values(),
]

/** An interface object answers under the interface's name, so its coordinates ask what any implementer asks. */
const interfaceObjectProtections = (
  reading: Reading,
  protections: ReadonlyMap<string, Protection>,
): Protection[] => {
  const views = [...reading.supergraph.subgraphs.values()]
  const types = [...reading.supergraph.types.values()].filter((type) =>
    views.some((view) => view.types.get(type.name)?.isInterfaceObject === true),
  )
  return types.flatMap((type) =>
    [...type.fields.keys()].flatMap((field) => {
      const found = type.possible.flatMap((name) => protections.get(`${name}.${field}`) ?? [])
      if (found.length === 0) return []
      const otherwise = found.every((one) => one.otherwise === 'ANONYMOUS') ? 'ANONYMOUS' : 'NULL'
      if (!reading.subjects.has(type.name))
        reading.faults.push(
          fault('PROTECTED_WITHOUT_SUBJECT', `${type.name}.${field}`, 'its interface needs @dataSubject'),
        )
      return [
        {
          coordinate: `${type.name}.${field}`,
          clauses: distinct(found.flatMap((one) => one.clauses)),
          inputs: [...new Set(found.flatMap((one) => one.inputs))],
          otherwise,
        } as const,
      ]
    }),
  )
}

/** A context argument carries a value from an outer object; which person's it is cannot be proved, so a protected one is refused. */
const refuseContextArguments = (reading: Reading, type: SupergraphType, field: SupergraphField): void => {
  const uses = applications(field.directives, 'join__field').some(
    (join) => join['contextArguments'] !== undefined,
  )
  if (uses && reading.subjects.size > 0)
    reading.faults.push(
      fault(
        'CONTEXT_UNSUPPORTED',
        `${type.name}.${field.name}`,
        '@fromContext is not supported in a graph with personal data',
      ),
    )
}
