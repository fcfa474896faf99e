import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  type Source,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql'
import { normalizeConsent } from '../directives/link.ts'
import {
  applications,
  type Definitions,
  hasFields,
  possibleTypes,
  readDefinitions,
  type TypeKind,
} from './definitions.ts'
import { readSubgraphs, type SubgraphView } from './subgraph-view.ts'

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
  readonly kind: TypeKind
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

/** Reads a supergraph; where its parts stand is of no use when it was composed here. Throws `GraphQLError` when the text does not parse. */
export const readSupergraph = (
  source: string | Source,
  options: { readonly noLocation?: boolean } = {},
): Supergraph => {
  const sdl = typeof source === 'string' ? source : source.body
  const document = normalizeConsent(parse(source, options))
  const definitions = readDefinitions(document)
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

const KINDS: Readonly<Record<string, TypeKind>> = {
  [Kind.OBJECT_TYPE_DEFINITION]: 'object',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'interface',
  [Kind.UNION_TYPE_DEFINITION]: 'union',
}

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

const readRoots = (document: DocumentNode, definitions: Definitions): Supergraph['roots'] => {
  const schema = document.definitions.find((node) => node.kind === Kind.SCHEMA_DEFINITION)
  const named =
    schema?.operationTypes.map((root) => [root.operation as 'query', root.type.name.value] as const) ??
    (['Query', 'Mutation', 'Subscription'] as const).map(
      (name) => [name.toLowerCase() as 'query', name] as const,
    )
  return new Map(named.filter(([, name]) => definitions.has(name)))
}
