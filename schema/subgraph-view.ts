import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  Kind,
  print,
  type TypeDefinitionNode,
} from 'graphql'
import {
  applications,
  type Arguments,
  type Definitions,
  hasFields,
  possibleTypes,
  type TypeKind,
} from './definitions.ts'

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
  readonly kind: TypeKind
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

/** What each subgraph knows, by its name. Every join is read once, however many subgraphs there are. */
export const readSubgraphs = (definitions: Definitions, types: Types): Map<string, SubgraphView> => {
  const graphs = definitions.get('join__Graph')
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) return new Map()
  const joined = new Map([...definitions].map(([name, node]) => [name, joinedOf(node)]))
  const byGraph = typesByGraph(joined, { definitions, types })
  return new Map(
    (graphs.values ?? []).map((value) => {
      const graph = applications(value.directives, 'join__graph')[0] ?? {}
      const name = String(graph['name'])
      const url = typeof graph['url'] === 'string' ? graph['url'] : ''
      return [name, { id: value.name.value, name, url, types: byGraph.get(value.name.value) ?? new Map() }]
    }),
  )
}

/** What the whole supergraph says a type is. */
type Types = ReadonlyMap<string, { readonly kind: TypeKind }>

type ByGraph = ReadonlyMap<unknown, readonly Arguments[]>

/** A definition with what its joins say of each subgraph. */
interface Joined {
  readonly node: TypeDefinitionNode
  readonly types: ByGraph
  readonly implements: ByGraph
  readonly members: ByGraph
  readonly fields: readonly JoinedField[]
}

interface JoinedField {
  readonly node: FieldDefinitionNode
  readonly joins: ByGraph
}

const joinedOf = (node: TypeDefinitionNode): Joined => ({
  node,
  types: joinsOf(node.directives, 'join__type'),
  implements: joinsOf(node.directives, 'join__implements'),
  members: joinsOf(node.directives, 'join__unionMember'),
  fields: hasFields(node)
    ? (node.fields ?? []).map((field) => ({ node: field, joins: joinsOf(field.directives, 'join__field') }))
    : [],
})

const NONE: ByGraph = new Map()

const joinsOf = (directives: readonly ConstDirectiveNode[] | undefined, name: string): ByGraph => {
  const all = applications(directives, name)
  if (all.length === 0) return NONE
  const found = new Map<unknown, Arguments[]>()
  for (const join of all) {
    const others = found.get(join['graph'])
    if (others === undefined) found.set(join['graph'], [join])
    else others.push(join)
  }
  return found
}

interface Read {
  readonly definitions: Definitions
  readonly types: Types
}

const typesByGraph = (
  joined: ReadonlyMap<string, Joined>,
  read: Read,
): Map<unknown, Map<string, SubgraphType>> => {
  const found = new Map<unknown, Map<string, SubgraphType>>()
  for (const [name, one] of joined)
    for (const [graph, joins] of one.types) {
      const types = found.get(graph) ?? new Map<string, SubgraphType>()
      types.set(name, readSubgraphType({ graph, joined, read }, one, joins))
      found.set(graph, types)
    }
  return found
}

interface Within {
  readonly graph: unknown
  readonly joined: ReadonlyMap<string, Joined>
  readonly read: Read
}

const readSubgraphType = (
  within: Within,
  { node, fields }: Joined,
  joins: readonly Arguments[],
): SubgraphType => {
  const { graph, read } = within
  const isInterfaceObject = joins.some((join) => join['isInterfaceObject'] === true)
  return {
    name: node.name.value,
    kind: isInterfaceObject ? 'object' : (read.types.get(node.name.value)?.kind ?? 'other'),
    fields: new Map(fields.flatMap((field) => readSubgraphField(graph, field))),
    possible: isInterfaceObject
      ? [node.name.value]
      : possibleTypes(node, read.definitions, (member) => answersAs(within, member.name.value, node)),
    keys: joins.flatMap((join) =>
      typeof join['key'] === 'string'
        ? [{ fields: join['key'], resolvable: join['resolvable'] !== false }]
        : [],
    ),
    isInterfaceObject,
  }
}

/** A field without `@join__field` is in every subgraph that has the type; with it, only in those named. */
const readSubgraphField = (graph: unknown, { node, joins }: JoinedField): [string, SubgraphField][] => {
  const mine = joins.get(graph)?.[0]
  if (joins.size > 0 && mine === undefined) return []
  const type = typeof mine?.['type'] === 'string' ? mine['type'] : print(node.type)
  return [[node.name.value, { named: type.replaceAll(/[[\]!]/g, ''), type }]]
}

/** Whether one subgraph says that `member` can stand where `abstract` is declared. */
const answersAs = ({ graph, joined }: Within, member: string, abstract: TypeDefinitionNode): boolean => {
  const one = joined.get(member)
  if (!one?.types.has(graph)) return false
  if (abstract.kind !== Kind.UNION_TYPE_DEFINITION)
    return (one.implements.get(graph) ?? []).some((join) => join['interface'] === abstract.name.value)
  const members = joined.get(abstract.name.value)?.members ?? NONE
  return members.size === 0 || (members.get(graph) ?? []).some((join) => join['member'] === member)
}
