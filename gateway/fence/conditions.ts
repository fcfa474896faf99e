import { type DirectiveNode, Kind, type SelectionNode } from 'graphql'

type Variables = Readonly<Record<string, unknown>>

/** `@skip` and `@include` with the request's values: what is switched off is neither decided about nor sent. */
export const isActive = (node: SelectionNode, variables: Variables): boolean =>
  (node.directives ?? []).every((directive) => {
    if (directive.name.value === 'include') return condition(directive, variables)
    return directive.name.value === 'skip' ? !condition(directive, variables) : true
  })

const condition = (directive: DirectiveNode, variables: Variables): boolean => {
  const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value
  if (value?.kind === 'BooleanValue') return value.value
  return (
    value?.kind === 'Variable' &&
    Object.hasOwn(variables, value.name.value) &&
    variables[value.name.value] === true
  )
}

/** The node with its conditions taken off, once they have been looked at. */
export const withoutConditions = <Node extends SelectionNode>(node: Node): Node => {
  const directives = (node.directives ?? []).filter(
    ({ name }) => name.value !== 'include' && name.value !== 'skip',
  )
  return directives.length === (node.directives ?? []).length ? node : { ...node, directives }
}

/** Variables that `@skip` and `@include` look at. */
export const switchesIn = (selections: readonly SelectionNode[]): string[] => [
  ...new Set(
    selections.flatMap((selection) => [
      ...(selection.directives ?? []).flatMap(switchOf),
      ...(selection.kind === Kind.FRAGMENT_SPREAD
        ? []
        : switchesIn(selection.selectionSet?.selections ?? [])),
    ]),
  ),
]

const switchOf = ({ name, arguments: given }: DirectiveNode): string[] => {
  const value = given?.[0]?.value
  return (name.value === 'skip' || name.value === 'include') && value?.kind === Kind.VARIABLE
    ? [value.name.value]
    : []
}
