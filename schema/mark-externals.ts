import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
} from 'graphql'
import type { RuleContext } from './rule-context.ts'
import { applications } from './definitions.ts'

/**
 * A field that an interface object takes from elsewhere (`@external`) is not its own. Composition forgets to say so on the
 * interface, and a field without `@join__field` is everybody's: the planner would ask for it where it is not known.
 */
export const markExternals = (document: DocumentNode, context: RuleContext): DocumentNode => {
  const interfaces = interfaceObjects(context)
  if (interfaces.size === 0) return document
  const graphs = graphsIn(document)
  const definitions = document.definitions.map((node) =>
    node.kind === Kind.INTERFACE_TYPE_DEFINITION && interfaces.has(node.name.value)
      ? withExternals(node, context, graphs)
      : node,
  )
  return { ...document, definitions }
}

/** How the join specification spells a subgraph, by its name. */
const graphsIn = ({ definitions }: DocumentNode): ReadonlyMap<string, string> =>
  new Map(
    definitions
      .flatMap((node) => (node.kind === Kind.ENUM_TYPE_DEFINITION ? (node.values ?? []) : []))
      .flatMap(({ name, directives }) =>
        applications(directives, 'join__graph').map((graph) => [String(graph['name']), name.value] as const),
      ),
  )

/** Interfaces of which some subgraph has an object with external fields. */
const interfaceObjects = ({ subgraphs }: RuleContext): ReadonlySet<string> =>
  new Set(
    subgraphs.flatMap(({ types }) =>
      [...types.values()]
        .filter(
          ({ isInterfaceObject, fields }) =>
            isInterfaceObject && [...fields.values()].some(({ isExternal }) => isExternal),
        )
        .map(({ name }) => name),
    ),
  )

const withExternals = (
  node: InterfaceTypeDefinitionNode,
  { subgraphs }: RuleContext,
  graphs: ReadonlyMap<string, string>,
): InterfaceTypeDefinitionNode => ({
  ...node,
  fields: (node.fields ?? []).map((field) => {
    const joined = new Set(applications(field.directives, 'join__field').map((join) => join['graph']))
    const having = subgraphs.flatMap(({ name, types }) => {
      const type = types.get(node.name.value)
      const own = type?.fields.get(field.name.value)
      const graph = graphs.get(name)
      if (type === undefined || own === undefined || graph === undefined) return []
      return [{ graph, isExternal: type.isInterfaceObject && own.isExternal }]
    })
    if (!having.some(({ isExternal }) => isExternal)) return field
    const missing = having.filter(
      ({ graph, isExternal }) => !joined.has(graph) && (isExternal || joined.size === 0),
    )
    return joinedIn(field, missing)
  }),
})

const joinedIn = (
  field: FieldDefinitionNode,
  missing: readonly { readonly graph: string; readonly isExternal: boolean }[],
): FieldDefinitionNode => ({
  ...field,
  directives: [
    ...(field.directives ?? []),
    ...missing.map(({ graph, isExternal }): ConstDirectiveNode => ({
      kind: Kind.DIRECTIVE,
      name: { kind: Kind.NAME, value: 'join__field' },
      arguments: [
        {
          kind: Kind.ARGUMENT,
          name: { kind: Kind.NAME, value: 'graph' },
          value: { kind: Kind.ENUM, value: graph },
        },
        ...(isExternal
          ? [
              {
                kind: Kind.ARGUMENT,
                name: { kind: Kind.NAME, value: 'external' },
                value: { kind: Kind.BOOLEAN, value: true },
              } as const,
            ]
          : []),
      ],
    })),
  ],
})
