import {
  type ConstArgumentNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { accessSpelling } from '../../directives/caller-access.ts'
import { parseFieldSet } from '../../schema/field-set.ts'
import { namedType, type Supergraph } from '../../schema/supergraph.ts'
import { asMoved, withoutMoved } from './moved-fields.ts'
import { plannerNames } from './planner-names.ts'

/** The planner needs no words about people and callers, and must not take a protected field on the promise of `@provides`. */
export const plannerSupergraph = (
  supergraph: Supergraph,
  isProtected: (coordinate: string) => boolean,
): DocumentNode => {
  const access = accessSpelling(supergraph.document)
  const names = plannerNames(supergraph)
  const isWord = (name: string) => CONSENT_DIRECTIVES.has(name) || access.directives.has(name)
  return visit(supergraph.document, {
    Directive: (node) => (isWord(node.name.value) ? null : undefined),
    DirectiveDefinition: (node) => (isWord(node.name.value) ? null : undefined),
    EnumValueDefinition: (node) => named(node, names),
    InterfaceTypeDefinition: { leave: (node) => withoutMoved(node, supergraph) },
    ScalarTypeDefinition: (node) => (access.types.has(node.name.value) ? null : undefined),
    FieldDefinition: (node) => {
      const named = namedType(node.type)
      const directives = (node.directives ?? []).map((directive) =>
        directive.name.value === 'join__field'
          ? {
              ...directive,
              arguments: (directive.arguments ?? []).flatMap((argument) =>
                keepProvided(argument, named, { supergraph, isProtected }),
              ),
            }
          : directive,
      )
      return {
        ...node,
        directives: directives.filter((directive) => !isWord(directive.name.value)).map(asMoved),
      }
    },
  })
}

/** A subgraph by the name that puts it in its place. */
const named = (
  node: EnumValueDefinitionNode,
  names: ReadonlyMap<string, string>,
): EnumValueDefinitionNode | undefined => {
  const name = names.get(node.name.value)
  const graph = node.directives?.find((directive) => directive.name.value === 'join__graph')
  if (name === undefined || graph === undefined) return undefined
  const given = graph.arguments?.map((argument) =>
    argument.name.value === 'name'
      ? { ...argument, value: { kind: Kind.STRING as const, value: name } }
      : argument,
  )
  return { ...node, directives: [{ ...graph, ...(given && { arguments: given }) }] }
}

const CONSENT_DIRECTIVES = new Set(['requiresScope', 'dataSubject', 'dataContract'])

interface Providing {
  readonly supergraph: Supergraph
  readonly isProtected: (coordinate: string) => boolean
}

const keepProvided = (
  argument: ConstArgumentNode,
  type: string,
  providing: Providing,
): ConstArgumentNode[] => {
  if (argument.name.value !== 'provides' || argument.value.kind !== Kind.STRING) return [argument]
  const kept = openPart(parseFieldSet(argument.value.value), type, providing)
  return kept === '' ? [] : [{ ...argument, value: { ...argument.value, value: kept } }]
}

const openPart = (set: SelectionSetNode, type: string, providing: Providing): string =>
  set.selections.flatMap((selection) => openSelection(selection, type, providing)).join(' ')

const openSelection = (selection: SelectionNode, type: string, providing: Providing): string[] => {
  if (selection.kind === Kind.FRAGMENT_SPREAD) return []
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const on = selection.typeCondition?.name.value ?? type
    return braced(`... on ${on}`, openPart(selection.selectionSet, on, providing))
  }
  const name = selection.name.value
  const owner = providing.supergraph.types.get(type)
  if ((owner?.possible ?? []).some((concrete) => providing.isProtected(`${concrete}.${name}`))) return []
  if (selection.selectionSet === undefined) return [name]
  return braced(name, openPart(selection.selectionSet, owner?.fields.get(name)?.named ?? '', providing))
}

const braced = (head: string, inner: string): string[] => (inner === '' ? [] : [`${head} { ${inner} }`])
