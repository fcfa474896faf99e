import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import { type Rewrite, selectionSet } from './query-plan.ts'

interface Branch {
  readonly type: string
  readonly selection: SelectionSetNode
}

/**
 * Fields under one response key must have the same shape in every fragment (GraphQL, "Field Selection Merging"),
 * even in fragments that exclude each other. Where `email: String!` meets `email: String`, the fields are aliased apart
 * and renamed back in the answer.
 */
export const separateShapes = (
  branches: readonly Branch[],
  view: SubgraphView,
): { fragments: SelectionNode[]; rewrites: Rewrite[] } => {
  const clashing = clashes(branches, view)
  const rewrites: Rewrite[] = []
  const fragments = branches.flatMap(({ type, selection }): SelectionNode[] => {
    if (selection.selections.length === 0) return []
    const renamed = rename(selection, (field) => {
      const key = responseKey(field)
      if (!clashing.has(key)) return field
      const alias = `_assent_${type}_as_${key}`
      rewrites.push({ kind: 'rename', path: [{ types: [type] }, { key: alias }], to: key })
      return { ...field, alias: { kind: Kind.NAME, value: alias } }
    })
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
        selectionSet: renamed,
      },
    ]
  })
  return { fragments, rewrites }
}

const responseKey = (field: FieldNode): string => field.alias?.value ?? field.name.value

const clashes = (branches: readonly Branch[], view: SubgraphView): Set<string> => {
  const shapes = new Map<string, string>()
  const clashing = new Set<string>()
  for (const { type, selection } of branches)
    for (const field of fieldsOf(selection)) {
      const shape = view.types.get(type)?.fields.get(field.name.value)?.type ?? ''
      const known = shapes.get(responseKey(field))
      if (known !== undefined && !sameShape(known, shape, view)) clashing.add(responseKey(field))
      shapes.set(responseKey(field), shape)
    }
  return clashing
}

/** Leaves must be of one type; composites only need the same lists and nulls. */
const sameShape = (one: string, other: string, view: SubgraphView): boolean => {
  if (one === other) return true
  const isComposite = (type: string) =>
    (view.types.get(type.replaceAll(/[[\]!]/g, ''))?.kind ?? 'other') !== 'other'
  return isComposite(one) && isComposite(other) && wrappers(one) === wrappers(other)
}

const wrappers = (type: string): string => type.replaceAll(/[^[\]!]/g, '')

const fieldsOf = (set: SelectionSetNode): FieldNode[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === '__typename' ? [] : [selection]
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsOf(selection.selectionSet) : []
  })

const rename = (set: SelectionSetNode, change: (field: FieldNode) => FieldNode): SelectionSetNode =>
  selectionSet(
    set.selections.map((selection) => {
      if (selection.kind === Kind.FIELD) return change(selection)
      return selection.kind === Kind.INLINE_FRAGMENT
        ? { ...selection, selectionSet: rename(selection.selectionSet, change) }
        : selection
    }),
  )
