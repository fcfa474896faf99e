import {
  type ConstDirectiveNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  type TypeDefinitionNode,
  visit,
} from 'graphql'
import { applications } from '../../schema/definitions.ts'
import { readSupergraph, type Supergraph } from '../../schema/supergraph.ts'
import { type Entrance, entrances } from './entrances.ts'
import { parseFieldSet } from '../../schema/field-set.ts'

/**
 * The planner's supergraph with a way into every entity: each subgraph gets a twin that knows nothing but the keys by which
 * that subgraph knows its entities, with a root field for each. What follows an entity can so be planned by itself.
 * Nothing is hidden in it: what is planned here was checked before, and keys may be what clients cannot see.
 */
export const enteredSupergraph = (sdl: string): string => {
  const supergraph = readSupergraph(sdl)
  const all = entrances(supergraph)
  const known = knownByTwins(all, supergraph)
  const root = supergraph.roots.get('query') ?? ''
  const twins = [...new Set(all.map(({ twin }) => twin))]
  const document = visit(supergraph.document, {
    Directive: (node) => (node.name.value === 'inaccessible' ? null : undefined),
    EnumTypeDefinition: (node) =>
      node.name.value === 'join__Graph' ? withGraphs(node, twins) : joined(node, known),
    ScalarTypeDefinition: (node) => joined(node, known),
    ObjectTypeDefinition: (node) =>
      node.name.value === root ? withEntrances(node, all, twins) : joined(node, known),
  })
  return print(document)
}

/** By type: which twins know it, and which of its fields. */
type Known = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>

const knownByTwins = (all: readonly Entrance[], supergraph: Supergraph): Known => {
  const known = new Map<string, Map<string, Set<string>>>()
  const fieldsIn = (type: string, twin: string): Set<string> => {
    const twins = known.get(type) ?? new Map<string, Set<string>>()
    known.set(type, twins)
    const fields = twins.get(twin) ?? new Set<string>()
    twins.set(twin, fields)
    return fields
  }
  const enter = (set: SelectionSetNode, type: string, twin: string): void => {
    for (const selection of set.selections) {
      if (selection.kind !== Kind.FIELD) continue
      fieldsIn(type, twin).add(selection.name.value)
      const named = supergraph.types.get(type)?.fields.get(selection.name.value)?.named ?? ''
      if (selection.selectionSet !== undefined) enter(selection.selectionSet, named, twin)
      else if (supergraph.types.has(named)) fieldsIn(named, twin)
    }
  }
  for (const { type, twin, keys } of all) for (const key of keys) enter(parseFieldSet(key), type, twin)
  return known
}

const withGraphs = (node: EnumTypeDefinitionNode, twins: readonly string[]): EnumTypeDefinitionNode => ({
  ...node,
  values: [
    ...(node.values ?? []),
    ...twins.map((twin) => ({
      kind: Kind.ENUM_VALUE_DEFINITION as const,
      name: { kind: Kind.NAME as const, value: twin },
      directives: [written(`@join__graph(name: "${twin}", url: "")`)],
    })),
  ],
})

const withEntrances = (
  node: ObjectTypeDefinitionNode,
  all: readonly Entrance[],
  twins: readonly string[],
): ObjectTypeDefinitionNode => {
  const fields = parse(
    `type Root { ${all.map(({ field, type, twin }) => `${field}: ${type} @join__field(graph: ${twin})`).join(' ')} }`,
    { noLocation: true },
  ).definitions[0] as ObjectTypeDefinitionNode
  return {
    ...node,
    directives: [...(node.directives ?? []), ...twins.map(typeOf)],
    fields: [...(node.fields ?? []).map((field) => explicit(field, node)), ...(fields.fields ?? [])],
  }
}

const joined = <Node extends TypeDefinitionNode>(node: Node, known: Known): Node => {
  const twins = known.get(node.name.value)
  if (twins === undefined) return node
  const directives = [...(node.directives ?? []), ...[...twins.keys()].map(typeOf)]
  if (node.kind === Kind.OBJECT_TYPE_DEFINITION) {
    const fields = (node.fields ?? []).map((field) => {
      const there = [...twins].flatMap(([twin, names]) => (names.has(field.name.value) ? [twin] : []))
      const { directives: own = [], ...rest } = explicit(field, node)
      return {
        ...rest,
        directives: [...own, ...there.map((twin) => written(`@join__field(graph: ${twin})`))],
      }
    })
    return { ...node, directives, fields }
  }
  if (node.kind !== Kind.ENUM_TYPE_DEFINITION) return { ...node, directives }
  const values = (node.values ?? []).map((value) => ({
    ...value,
    directives: [
      ...(value.directives ?? []),
      ...[...twins.keys()].map((twin) => written(`@join__enumValue(graph: ${twin})`)),
    ],
  }))
  return { ...node, directives, values }
}

/** A field that does not say whose it is would be the twins', too. */
const explicit = (field: FieldDefinitionNode, owner: ObjectTypeDefinitionNode): FieldDefinitionNode => {
  if (applications(field.directives, 'join__field').length > 0) return field
  const graphs = new Set(applications(owner.directives, 'join__type').map((join) => String(join['graph'])))
  return {
    ...field,
    directives: [
      ...(field.directives ?? []),
      ...[...graphs].map((graph) => written(`@join__field(graph: ${graph})`)),
    ],
  }
}

const typeOf = (twin: string): ConstDirectiveNode => written(`@join__type(graph: ${twin})`)

const written = (text: string): ConstDirectiveNode => {
  const [node] = parse(`scalar X ${text}`, { noLocation: true }).definitions
  const [directive] = node?.kind === Kind.SCALAR_TYPE_DEFINITION ? (node.directives ?? []) : []
  if (directive === undefined) throw new Error(text)
  return directive
}
