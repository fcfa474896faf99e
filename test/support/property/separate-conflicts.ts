import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  OverlappingFieldsCanBeMergedRule,
  validate,
  visit,
} from 'graphql'

/**
 * Aliases apart the fields that cannot share a response key, as a client would have to (GraphQL, "Field Selection Merging").
 * Null where that does not come to an end.
 */
export const separateConflicts = (document: DocumentNode, schema: GraphQLSchema): DocumentNode | null => {
  let current = document
  let next = 0
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
    const errors = validate(schema, current, [OverlappingFieldsCanBeMergedRule])
    if (errors.length === 0) return current
    const aliases = new Map<ASTNode, string>()
    for (const { nodes = [] } of errors)
      for (const node of deepest(nodes)) if (!aliases.has(node)) aliases.set(node, `z${(next += 1)}`)
    current = visit(current, {
      Field: {
        enter: (node): FieldNode | undefined => {
          const alias = aliases.get(node)
          return alias === undefined ? undefined : { ...node, alias: { kind: Kind.NAME, value: alias } }
        },
      },
    })
  }
  return null
}

const MOST_ROUNDS = 8

/** The fields at fault come last in each half of the report; renaming all but the first is always enough. */
const deepest = (nodes: readonly ASTNode[]): readonly ASTNode[] => nodes.slice(1)
