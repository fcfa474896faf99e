import {
  type DirectiveNode,
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { AssentError } from '../errors.ts'

/** A field on the way to a deferred fragment, and the fragments it stands in. */
export interface Step {
  readonly field: FieldNode
  readonly inside: readonly InlineFragmentNode[]
}

/** A part of an operation that is answered after the rest (`@defer`); fragments deferred inside it are parts of their own. */
export interface DeferredFragment {
  readonly label: string | undefined
  readonly steps: readonly Step[]
  /** The fragments it stands in, and it itself: where one of them does not apply, there is nothing to tell. */
  readonly inside: readonly InlineFragmentNode[]
  readonly selection: SelectionSetNode
}

export interface SplitSelection {
  readonly rest: SelectionSetNode
  /** Those around others come first. */
  readonly deferred: readonly DeferredFragment[]
}

type Variables = Readonly<Record<string, unknown>>

/** Takes apart what is answered first and what later. A fragment whose `if` is not true is answered with the rest. */
export const splitDeferred = (set: SelectionSetNode, variables: Variables): SplitSelection =>
  split(set, { steps: [], inside: [], variables })

interface Standing extends Pick<DeferredFragment, 'steps' | 'inside'> {
  readonly variables: Variables
}

const split = (set: SelectionSetNode, at: Standing): SplitSelection => {
  const deferred: DeferredFragment[] = []
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) return [selection]
    if (selection.kind === Kind.FIELD) {
      const steps = [...at.steps, { field: selection, inside: at.inside }]
      const inner = split(selection.selectionSet, { ...at, steps, inside: [] })
      deferred.push(...inner.deferred)
      return [{ ...selection, selectionSet: inner.rest }]
    }
    const fragment = withoutDefer(selection)
    const inside = [...at.inside, fragment]
    const inner = split(selection.selectionSet, { ...at, inside })
    const defer = deferOf(selection)
    if (defer === undefined || !isDeferred(defer, at.variables)) {
      deferred.push(...inner.deferred)
      return inner.rest.selections.length === 0 ? [] : [{ ...fragment, selectionSet: inner.rest }]
    }
    deferred.push(
      { label: labelOf(defer), steps: at.steps, inside, selection: inner.rest },
      ...inner.deferred,
    )
    return []
  })
  return { rest: { ...set, selections }, deferred }
}

/** A selection as if nothing in it were deferred. */
export const undeferred = (set: SelectionSetNode): SelectionSetNode => ({
  ...set,
  selections: set.selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) return selection
    const selectionSet = undeferred(selection.selectionSet)
    return selection.kind === Kind.FIELD
      ? { ...selection, selectionSet }
      : { ...withoutDefer(selection), selectionSet }
  }),
})

/** Variables that decide what is deferred. */
export const deferVariables = ({ selections }: SelectionSetNode): string[] =>
  selections.flatMap((selection) => {
    const value = argumentOf(deferOf(selection), 'if')
    const own = value?.kind === Kind.VARIABLE ? [value.name.value] : []
    const inner = selection.kind === Kind.FRAGMENT_SPREAD ? undefined : selection.selectionSet
    return inner === undefined ? own : [...own, ...deferVariables(inner)]
  })

export const usesDefer = ({ selections }: SelectionSetNode): boolean =>
  selections.some(
    (selection) =>
      deferOf(selection) !== undefined ||
      (selection.kind !== Kind.FRAGMENT_SPREAD &&
        selection.selectionSet !== undefined &&
        usesDefer(selection.selectionSet)),
  )

const deferOf = ({ directives = [] }: SelectionNode): DirectiveNode | undefined =>
  directives.find(({ name }) => name.value === 'defer')

const argumentOf = (directive: DirectiveNode | undefined, name: string) =>
  directive?.arguments?.find((argument) => argument.name.value === name)?.value

const withoutDefer = (fragment: InlineFragmentNode): InlineFragmentNode => ({
  ...fragment,
  directives: (fragment.directives ?? []).filter(({ name }) => name.value !== 'defer'),
})

const isDeferred = (defer: DirectiveNode, variables: Variables): boolean => {
  const value = argumentOf(defer, 'if')
  if (value === undefined) return true
  if (value.kind === Kind.VARIABLE) return variables[value.name.value] === true
  return value.kind === Kind.BOOLEAN && value.value
}

/** A label names a part to the client before anything runs, so it is no variable (incremental delivery, "@defer"). */
const labelOf = (defer: DirectiveNode): string | undefined => {
  const value = argumentOf(defer, 'label')
  if (value === undefined || value.kind === Kind.NULL) return undefined
  if (value.kind !== Kind.STRING) throw new AssentError('GRAPHQL_VALIDATION_FAILED', '@defer(label:)')
  return value.value
}
