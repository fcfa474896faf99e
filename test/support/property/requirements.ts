import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type FieldNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type InterfaceTypeDefinitionNode,
  parse,
  type SelectionSetNode,
  type TypeDefinitionNode,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql'
import type { PropertyGraph } from './property-graph.ts'

/** An OR of ANDs of scopes. */
export type Clause = readonly (readonly string[])[]

/** What the schemas ask, read by nothing that the gateway reads with: the second opinion of the property test. */
export interface Requirements {
  /** By coordinate of an object type; every clause must hold. */
  readonly clauses: ReadonlyMap<string, readonly Clause[]>
  /** Coordinates with a default for nobody. */
  readonly anonymous: ReadonlySet<string>
  /** Types of people → names down to the key. */
  readonly subjects: ReadonlyMap<string, readonly string[]>
  /** Protected coordinates that `@requires` hands to a subgraph → subgraph → coordinates computed from them there. */
  readonly inputs: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
  /** Fields that an interface object brings: there a coordinate may carry the interface's name. */
  readonly interfaceObjectFields: ReadonlyMap<string, string>
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

export const readRequirements = ({ subgraphs, nobody }: PropertyGraph): Requirements => {
  const reading: Reading = {
    nobody,
    types: subgraphs.flatMap(({ sdl }) => definitions(sdl)),
    subjects: new Map(),
  }
  for (const type of reading.types)
    for (const { arguments: given } of named(type, ['dataSubject']))
      reading.subjects.set(
        type.name.value,
        text(given?.[0])
          .split(/[{}\s]+/)
          .filter((part) => part !== ''),
      )
  for (const type of composites(reading))
    for (const parent of type.interfaces ?? []) {
      const inherited = reading.subjects.get(parent.name.value)
      if (inherited !== undefined) reading.subjects.set(type.name.value, inherited)
    }
  return {
    ...collect(reading),
    subjects: reading.subjects,
    inputs: handedOn(reading, subgraphs),
    interfaceObjectFields: brought(reading),
  }
}

interface Reading {
  readonly nobody: ReadonlySet<string>
  readonly types: readonly TypeDefinitionNode[]
  readonly subjects: Map<string, readonly string[]>
}

const definitions = (sdl: string): TypeDefinitionNode[] =>
  parse(sdl).definitions.filter((node): node is TypeDefinitionNode => node.kind.endsWith('TypeDefinition'))

const composites = ({ types }: Reading): Composite[] =>
  types.filter(
    (type): type is Composite =>
      type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION,
  )

/** `@ask` is how one of the subgraphs spells `@requiresScope`. */
const RULE = ['requiresScope', 'ask']

const named = (node: { readonly directives?: readonly ConstDirectiveNode[] }, names: readonly string[]) =>
  (node.directives ?? []).filter(({ name }) => names.includes(name.value))

const text = (argument: { value: Parameters<typeof valueFromASTUntyped>[0] } | undefined): string =>
  argument === undefined ? '' : String(valueFromASTUntyped(argument.value))

const clausesOn = (node: { readonly directives?: readonly ConstDirectiveNode[] }): Clause[] =>
  named(node, RULE).map(({ arguments: given }) => {
    const scope = given?.find(({ name }) => name.value === 'scope')
    const value: unknown = scope === undefined ? [] : valueFromASTUntyped(scope.value)
    const groups: unknown[] = Array.isArray(value) ? value : [value]
    return groups.map((group) => (Array.isArray(group) ? group : [group]).map(String))
  })

const collect = (reading: Reading): Pick<Requirements, 'clauses' | 'anonymous'> => {
  const clauses = new Map<string, Clause[]>()
  const anonymous = new Set<string>()
  for (const type of objectNames(reading)) {
    if (reading.nobody.has(type)) continue
    for (const field of fieldNames(reading, type)) {
      const found = clausesFor(reading, type, field, new Set())
      if (found.length > 0) clauses.set(`${type}.${field}`, found)
      const own = declarations(reading, type, field).flatMap((node) => named(node, RULE))
      const isDefaulted = (node: ConstDirectiveNode) =>
        node.arguments?.some(({ value }) => value.kind === Kind.ENUM && value.value === 'ANONYMOUS') === true
      if (own.length > 0 && own.every(isDefaulted)) anonymous.add(`${type}.${field}`)
    }
  }
  return { clauses, anonymous }
}

/** Concrete types: an interface object is not one. */
const objectNames = (reading: Reading): Set<string> => {
  const interfaces = new Set(
    reading.types.flatMap(({ kind, name }) => (kind === Kind.INTERFACE_TYPE_DEFINITION ? [name.value] : [])),
  )
  const objects = reading.types.flatMap(({ kind, name }) =>
    kind === Kind.OBJECT_TYPE_DEFINITION ? [name.value] : [],
  )
  return new Set(objects.filter((name) => !interfaces.has(name)))
}

const nodesOf = (reading: Reading, name: string): Composite[] =>
  composites(reading).filter((type) => type.name.value === name)

const interfacesOf = (reading: Reading, type: string): string[] => [
  ...new Set(nodesOf(reading, type).flatMap((node) => (node.interfaces ?? []).map(({ name }) => name.value))),
]

/** The type itself, and interfaces that an interface object gives more fields. */
const sourcesOf = (reading: Reading, type: string): string[] => [
  type,
  ...interfacesOf(reading, type).filter((name) => isInterfaceObject(reading, name)),
]

const isInterfaceObject = (reading: Reading, name: string): boolean =>
  nodesOf(reading, name).some((node) => named(node, ['interfaceObject']).length > 0)

const fieldNames = (reading: Reading, type: string): Set<string> =>
  new Set(
    sourcesOf(reading, type)
      .flatMap((name) => nodesOf(reading, name))
      .flatMap((node) => (node.fields ?? []).map(({ name }) => name.value)),
  )

const declarations = (reading: Reading, type: string, field: string): FieldDefinitionNode[] =>
  nodesOf(reading, type).flatMap((node) => (node.fields ?? []).filter(({ name }) => name.value === field))

const clausesFor = (reading: Reading, type: string, field: string, seen: Set<string>): Clause[] => {
  if (seen.has(`${type}.${field}`)) return []
  const inner = new Set(seen).add(`${type}.${field}`)
  const names = [type, ...interfacesOf(reading, type)].filter(
    (name) => name === type || declarations(reading, name, field).length > 0,
  )
  const nodes = names.flatMap((name) => declarations(reading, name, field))
  return [
    ...nodes.flatMap(clausesOn),
    ...(isKey(reading, type, field)
      ? []
      : names.flatMap((name) => nodesOf(reading, name).flatMap(clausesOn))),
    ...nodes.flatMap((node) => returned(reading, node)),
    ...nodes.flatMap((node) => inputs(reading, type, node, inner)),
  ]
}

const isKey = (reading: Reading, type: string, field: string): boolean =>
  reading.subjects.get(type)?.[0] === field ||
  nodesOf(reading, type).some((node) =>
    named(node, ['key']).some(({ arguments: given }) =>
      text(given?.[0])
        .split(/[{}\s]+/)
        .includes(field),
    ),
  )

const leafName = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : leafName(type.type)

/** A value type, a scalar or an enum with a rule protects whatever returns it. */
const returned = (reading: Reading, { type }: FieldDefinitionNode): Clause[] => {
  const name = leafName(type)
  if (reading.subjects.has(name)) return []
  return reading.types
    .filter((node) => node.name.value === name && node.kind !== Kind.INTERFACE_TYPE_DEFINITION)
    .flatMap(clausesOn)
}

const inputs = (reading: Reading, type: string, node: FieldDefinitionNode, seen: Set<string>): Clause[] =>
  requiredSets(node).flatMap((set) => inputsIn(reading, type, set, seen))

const inputsIn = (reading: Reading, type: string, set: SelectionSetNode, seen: Set<string>): Clause[] =>
  set.selections
    .filter((selection): selection is FieldNode => selection.kind === Kind.FIELD)
    .flatMap(({ name, selectionSet }) => {
      const next = declarations(reading, type, name.value)[0]
      return [
        ...clausesFor(reading, type, name.value, seen),
        ...(selectionSet === undefined || next === undefined
          ? []
          : inputsIn(reading, leafName(next.type), selectionSet, seen)),
      ]
    })

const brought = (reading: Reading): Map<string, string> =>
  new Map(
    composites(reading)
      .filter((node) => named(node, ['interfaceObject']).length > 0)
      .flatMap((node) =>
        [...objectNames(reading)]
          .filter((name) => interfacesOf(reading, name).includes(node.name.value))
          .flatMap((name) =>
            (node.fields ?? []).map(
              (field) => [`${name}.${field.name.value}`, `${node.name.value}.${field.name.value}`] as const,
            ),
          ),
      ),
  )

const handedOn = (
  reading: Reading,
  subgraphs: PropertyGraph['subgraphs'],
): Map<string, Map<string, string[]>> => {
  const found = new Map<string, Map<string, string[]>>()
  for (const { name: subgraph, sdl } of subgraphs)
    for (const type of composites({ ...reading, types: definitions(sdl) }))
      for (const field of type.fields ?? [])
        for (const input of inputNames(reading, type.name.value, field)) {
          const places = found.get(input) ?? new Map<string, string[]>()
          places.set(subgraph, [...(places.get(subgraph) ?? []), `${type.name.value}.${field.name.value}`])
          found.set(input, places)
        }
  return found
}

const inputNames = (reading: Reading, type: string, field: FieldDefinitionNode): string[] => {
  const names = (on: string, set: SelectionSetNode): string[] =>
    set.selections.flatMap((one) => {
      if (one.kind !== Kind.FIELD) return []
      const next = declarations(reading, on, one.name.value)[0]
      const below =
        one.selectionSet === undefined || next === undefined
          ? []
          : names(leafName(next.type), one.selectionSet)
      return [`${on}.${one.name.value}`, ...below]
    })
  return requiredSets(field).flatMap((set) => names(type, set))
}

const requiredSets = (field: FieldDefinitionNode): SelectionSetNode[] =>
  named(field, ['requires']).flatMap(({ arguments: given }) => {
    const [operation] = parse(`{ ${text(given?.[0])} }`).definitions
    return operation !== undefined && 'selectionSet' in operation ? [operation.selectionSet] : []
  })
