import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type Source,
  type TypeDefinitionNode,
  type TypeNode,
  print,
  valueFromASTUntyped,
} from 'graphql'
import { normalizeConsent } from '../directives/link.ts'

/**
 * A supergraph as the join specification writes it, read once into maps:
 * which subgraph has which type, field, key and possible type. Everything that walks a subgraph's operation uses these.
 */
export interface Supergraph {
  readonly sdl: string
  /** With every consent directive under its canonical name. */
  readonly document: DocumentNode
  readonly types: ReadonlyMap<string, SupergraphType>
  readonly subgraphs: ReadonlyMap<string, SubgraphView>
  readonly roots: ReadonlyMap<'query' | 'mutation' | 'subscription', string>
}

export interface SupergraphType {
  readonly name: string
  readonly kind: 'object' | 'interface' | 'union' | 'other'
  readonly directives: readonly ConstDirectiveNode[]
  readonly fields: ReadonlyMap<string, SupergraphField>
  readonly interfaces: readonly string[]
  /** Object types a value of this type can be, in the whole supergraph; an object type is its own only one. */
  readonly possible: readonly string[]
}

export interface SupergraphField {
  readonly name: string
  readonly named: string
  readonly type: TypeNode
  readonly directives: readonly ConstDirectiveNode[]
  readonly hasArguments: boolean
  /** The field set of `@requires`, by subgraph. */
  readonly requires: ReadonlyMap<string, string>
}

/** What one subgraph knows, by the name the planner calls it. */
export interface SubgraphView {
  /** As the join specification spells it (`join__Graph`). */
  readonly id: string
  readonly name: string
  readonly url: string
  readonly types: ReadonlyMap<string, SubgraphType>
}

export interface SubgraphType {
  readonly name: string
  readonly kind: SupergraphType['kind']
  readonly fields: ReadonlyMap<string, SubgraphField>
  /** Object types this subgraph can answer with where this type is declared; an interface object answers as itself. */
  readonly possible: readonly string[]
  readonly keys: readonly SubgraphKey[]
  readonly isInterfaceObject: boolean
}

export interface SubgraphField {
  readonly named: string
  readonly type: string
}

export interface SubgraphKey {
  readonly fields: string
  readonly resolvable: boolean
}

type Arguments = Readonly<Record<string, unknown>>

/** Reads a supergraph. Throws `GraphQLError` when the text does not parse. */
export const readSupergraph = (source: string | Source): Supergraph => {
  const sdl = typeof source === 'string' ? source : source.body
  const document = normalizeConsent(parse(source))
  const definitions = new Map(
    document.definitions.flatMap((node) =>
      'name' in node && isTypeDefinition(node) ? [[node.name.value, node] as const] : [],
    ),
  )
  const types = new Map([...definitions].map(([name, node]) => [name, readType(node, definitions)]))
  return {
    sdl,
    document,
    types,
    subgraphs: readSubgraphs(definitions, types),
    roots: readRoots(document, definitions),
  }
}

/** The name in a type, its list and non-null wrappers taken off. */
export const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)

/** Applications of one directive, each as its arguments. */
export const applications = (
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): Arguments[] => (directives ?? []).filter((directive) => directive.name.value === name).map(readArguments)

const readArguments = (directive: ConstDirectiveNode): Arguments =>
  Object.fromEntries(
    (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
  )

const KINDS: Readonly<Record<string, SupergraphType['kind']>> = {
  [Kind.OBJECT_TYPE_DEFINITION]: 'object',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'interface',
  [Kind.UNION_TYPE_DEFINITION]: 'union',
}

type Definitions = ReadonlyMap<string, TypeDefinitionNode>

const isTypeDefinition = (node: DocumentNode['definitions'][number]): node is TypeDefinitionNode =>
  node.kind.endsWith('TypeDefinition')

const hasFields = (
  node: TypeDefinitionNode,
): node is ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION

const readType = (node: TypeDefinitionNode, definitions: Definitions): SupergraphType => ({
  name: node.name.value,
  kind: KINDS[node.kind] ?? 'other',
  directives: node.directives ?? [],
  fields: new Map(
    hasFields(node) ? (node.fields ?? []).map((field) => [field.name.value, readField(field)]) : [],
  ),
  interfaces: hasFields(node) ? (node.interfaces ?? []).map((name) => name.name.value) : [],
  possible: possibleTypes(node, definitions, () => true),
})

const readField = (field: FieldDefinitionNode): SupergraphField => ({
  name: field.name.value,
  named: namedType(field.type),
  type: field.type,
  directives: field.directives ?? [],
  hasArguments: (field.arguments ?? []).length > 0,
  requires: new Map(
    applications(field.directives, 'join__field').flatMap((join) =>
      typeof join['graph'] === 'string' && typeof join['requires'] === 'string'
        ? [[join['graph'], join['requires']] as const]
        : [],
    ),
  ),
})

/** Members of a union, implementers of an interface, or the object itself; `has` limits it to what one subgraph says. */
const possibleTypes = (
  node: TypeDefinitionNode,
  definitions: Definitions,
  has: (member: TypeDefinitionNode, abstract: TypeDefinitionNode) => boolean,
): string[] => {
  if (node.kind === Kind.OBJECT_TYPE_DEFINITION) return [node.name.value]
  const members =
    node.kind === Kind.UNION_TYPE_DEFINITION
      ? (node.types ?? []).map((member) => member.name.value)
      : [...definitions.values()].flatMap((other) =>
          implementsInterface(other, node) ? [other.name.value] : [],
        )
  return members.filter((name) => {
    const member = definitions.get(name)
    return member?.kind === Kind.OBJECT_TYPE_DEFINITION && has(member, node)
  })
}

const implementsInterface = (node: TypeDefinitionNode, abstract: TypeDefinitionNode): boolean =>
  hasFields(node) && (node.interfaces ?? []).some((name) => name.name.value === abstract.name.value)

const readRoots = (document: DocumentNode, definitions: Definitions): Supergraph['roots'] => {
  const schema = document.definitions.find((node) => node.kind === Kind.SCHEMA_DEFINITION)
  const named =
    schema?.operationTypes.map((root) => [root.operation as 'query', root.type.name.value] as const) ??
    (['Query', 'Mutation', 'Subscription'] as const).map(
      (name) => [name.toLowerCase() as 'query', name] as const,
    )
  return new Map(named.filter(([, name]) => definitions.has(name)))
}

const readSubgraphs = (
  definitions: Definitions,
  types: ReadonlyMap<string, SupergraphType>,
): Map<string, SubgraphView> => {
  const graphs = definitions.get('join__Graph')
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) return new Map()
  const views = (graphs.values ?? []).map((value) => {
    const graph = applications(value.directives, 'join__graph')[0] ?? {}
    return readSubgraph(
      {
        id: value.name.value,
        name: String(graph['name']),
        url: typeof graph['url'] === 'string' ? graph['url'] : '',
      },
      definitions,
      types,
    )
  })
  return new Map(views.map((view) => [view.name, view]))
}

interface Graph {
  readonly id: string
  readonly name: string
  readonly url: string
}

const inGraph = (
  graph: Graph,
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): Arguments[] => applications(directives, name).filter((join) => join['graph'] === graph.id)

const readSubgraph = (
  graph: Graph,
  definitions: Definitions,
  types: ReadonlyMap<string, SupergraphType>,
): SubgraphView => ({
  ...graph,
  types: new Map(
    [...definitions.values()].flatMap((node) => {
      const joins = inGraph(graph, node.directives, 'join__type')
      return joins.length === 0
        ? []
        : [[node.name.value, readSubgraphType(graph, node, joins, { definitions, types })] as const]
    }),
  ),
})

const readSubgraphType = (
  graph: Graph,
  node: TypeDefinitionNode,
  joins: readonly Arguments[],
  { definitions, types }: { definitions: Definitions; types: ReadonlyMap<string, SupergraphType> },
): SubgraphType => {
  const isInterfaceObject = joins.some((join) => join['isInterfaceObject'] === true)
  return {
    name: node.name.value,
    kind: isInterfaceObject ? 'object' : (types.get(node.name.value)?.kind ?? 'other'),
    fields: new Map(
      hasFields(node) ? (node.fields ?? []).flatMap((field) => readSubgraphField(graph, field)) : [],
    ),
    possible: isInterfaceObject
      ? [node.name.value]
      : possibleTypes(node, definitions, (member, abstract) => answersAs(graph, member, abstract)),
    keys: joins.flatMap((join) =>
      typeof join['key'] === 'string'
        ? [{ fields: join['key'], resolvable: join['resolvable'] !== false }]
        : [],
    ),
    isInterfaceObject,
  }
}

/** A field without `@join__field` is in every subgraph that has the type; with it, only in those named. */
const readSubgraphField = (graph: Graph, field: FieldDefinitionNode): [string, SubgraphField][] => {
  const all = applications(field.directives, 'join__field')
  const mine = all.find((join) => join['graph'] === graph.id)
  if (all.length > 0 && mine === undefined) return []
  const type = typeof mine?.['type'] === 'string' ? mine['type'] : print(field.type)
  return [[field.name.value, { named: type.replaceAll(/[[\]!]/g, ''), type }]]
}

/** Whether one subgraph says that `member` can stand where `abstract` is declared. */
const answersAs = (graph: Graph, member: TypeDefinitionNode, abstract: TypeDefinitionNode): boolean => {
  if (inGraph(graph, member.directives, 'join__type').length === 0) return false
  if (abstract.kind === Kind.UNION_TYPE_DEFINITION) {
    if (applications(abstract.directives, 'join__unionMember').length === 0) return true
    return inGraph(graph, abstract.directives, 'join__unionMember').some(
      (join) => join['member'] === member.name.value,
    )
  }
  return inGraph(graph, member.directives, 'join__implements').some(
    (join) => join['interface'] === abstract.name.value,
  )
}
