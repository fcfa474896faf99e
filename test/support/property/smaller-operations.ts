import {
  type ASTNode,
  type DocumentNode,
  type FragmentSpreadNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  type SelectionNode,
  validate,
  visit,
} from 'graphql'
import type { Operation } from './operation.ts'

/** The same operation with one thing less, larger parts first; only what is still valid. */
export function* smallerOperations(operation: Operation, schema: GraphQLSchema): IterableIterator<Operation> {
  const document = parse(operation.query, { noLocation: true })
  for (const candidate of candidates(document)) {
    const tidied = tidy(candidate)
    const query = print(tidied)
    if (query.length >= operation.query.length || isEmpty(tidied) || validate(schema, tidied).length > 0)
      continue
    yield { query, variables: variablesOf(tidied, operation.variables) }
  }
}

/** Some definition has nothing left to select. */
export const isEmpty = (document: DocumentNode): boolean =>
  document.definitions.some((node) => 'selectionSet' in node && node.selectionSet.selections.length === 0)

/** Every node that can go, is taken out once; every fragment is opened once. */
function* candidates(document: DocumentNode): IterableIterator<DocumentNode> {
  const total = count(document)
  for (let index = 0; index < total; index += 1) yield change(document, index, () => null)
  for (let index = 0; index < total; index += 1)
    yield change(document, index, (node) => {
      if (node.kind === Kind.INLINE_FRAGMENT) return node.selectionSet.selections
      if (node.kind === Kind.FRAGMENT_SPREAD) return opened(node, document)
      if (node.kind === Kind.FIELD && node.alias !== undefined) {
        const { alias: _, ...plain } = node
        return [plain]
      }
      return undefined
    })
}

const opened = (spread: FragmentSpreadNode, document: DocumentNode): readonly SelectionNode[] | undefined =>
  document.definitions.flatMap((node) =>
    node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === spread.name.value
      ? [
          {
            kind: Kind.INLINE_FRAGMENT as const,
            typeCondition: node.typeCondition,
            selectionSet: node.selectionSet,
          },
        ]
      : [],
  )

const REMOVABLE: ReadonlySet<string> = new Set([
  Kind.FIELD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_SPREAD,
  Kind.DIRECTIVE,
  Kind.ARGUMENT,
])

const count = (document: DocumentNode): number => {
  let found = 0
  visit(document, { enter: (node) => void (REMOVABLE.has(node.kind) && (found += 1)) })
  return found
}

/** The document with its `index`th node replaced; null takes it out, undefined leaves it. */
const change = (
  document: DocumentNode,
  index: number,
  by: (node: ASTNode) => null | readonly SelectionNode[] | undefined,
): DocumentNode => {
  let seen = -1
  let isDone = false
  return visit(document, {
    enter: (node) => {
      if (isDone || !REMOVABLE.has(node.kind)) return undefined
      seen += 1
      if (seen !== index) return undefined
      isDone = true
      const replaced = by(node)
      if (replaced === null || replaced === undefined) return replaced
      return {
        kind: Kind.INLINE_FRAGMENT,
        directives: [],
        selectionSet: { kind: Kind.SELECTION_SET, selections: replaced },
      }
    },
  })
}

/** Fragments without conditions are opened; fragments and variables that nobody uses go; empty selections take their field along. */
export const tidy = (document: DocumentNode): DocumentNode => {
  const flat = visit(document, {
    SelectionSet: {
      leave: (node) => ({
        ...node,
        selections: node.selections.flatMap((one): readonly SelectionNode[] =>
          one.kind === Kind.INLINE_FRAGMENT &&
          one.typeCondition === undefined &&
          (one.directives ?? []).length === 0
            ? one.selectionSet.selections
            : [one],
        ),
      }),
    },
    Field: { leave: (node) => (node.selectionSet?.selections.length === 0 ? null : undefined) },
    InlineFragment: { leave: (node) => (node.selectionSet.selections.length === 0 ? null : undefined) },
  })
  return withoutUnused(flat)
}

const withoutUnused = (document: DocumentNode): DocumentNode => {
  const spread = new Set<string>()
  const used = new Set<string>()
  visit(document, {
    FragmentSpread: (node) => void spread.add(node.name.value),
    VariableDefinition: () => false,
    Variable: (node) => void used.add(node.name.value),
  })
  const kept = visit(document, {
    FragmentDefinition: (node) => (spread.has(node.name.value) ? undefined : null),
    VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null),
  })
  return kept.definitions.length === document.definitions.length ? kept : withoutUnused(kept)
}

export const variablesOf = (
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const declared = new Set<string>()
  visit(document, { VariableDefinition: (node) => void declared.add(node.variable.name.value) })
  return Object.fromEntries(Object.entries(variables).filter(([name]) => declared.has(name)))
}
