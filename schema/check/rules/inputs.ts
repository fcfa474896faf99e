import { Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../field-set.ts'
import { applications } from '../../definitions.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { at } from '../places.ts'
import type { Graph } from '../side.ts'
import type { Told } from '../tell.ts'

/** `@requires` hands protected values to another subgraph, `@provides` takes them from another: both move people’s data. */
export const inputs: Check = (context) => {
  const { base, head } = context
  if (base.graph === null || head.graph === null || base.graph === head.graph) return []
  return [...required(context, base.graph, head.graph), ...provided(context, base.graph, head.graph)]
}

const required = (context: CheckContext, before: Graph, after: Graph): Told[] =>
  [...after.protection.protections.values()].flatMap(({ coordinate, inputs: read }) => {
    // Of an interface that is answered as one object, the implementers speak.
    const known = new Set(before.protection.protections.get(coordinate)?.inputs)
    return read
      .filter((input) => !known.has(input))
      .map((input) => ({
        ...at(context, coordinate),
        ...ownerOf(context, input),
        code: 'NEW_PERSONAL_INPUT',
        before: [...known].join(', '),
        after: input,
      }))
  })

/** Who answers for what is read is asked. */
const ownerOf = (context: CheckContext, coordinate: string): { owner?: string } => {
  const { owner } = at(context, coordinate)
  return owner === undefined ? {} : { owner }
}

const provided = (context: CheckContext, before: Graph, after: Graph): Told[] => {
  const known = new Set(providedBy(before).map(({ coordinate, leaf }) => `${coordinate} ${leaf}`))
  return providedBy(after)
    .filter(({ coordinate, leaf }) => !known.has(`${coordinate} ${leaf}`))
    .map(({ coordinate, leaf }) => ({
      ...at(context, coordinate),
      ...ownerOf(context, leaf),
      code: 'PERSONAL_PROVIDED',
      after: leaf,
    }))
}

interface Provided {
  readonly coordinate: string
  readonly leaf: string
}

const providedBy = (graph: Graph): Provided[] =>
  [...graph.supergraph.types.values()].flatMap((type) =>
    [...type.fields.values()].flatMap((field) =>
      applications(field.directives, 'join__field')
        .flatMap(({ provides }) => (typeof provides === 'string' ? [provides] : []))
        .flatMap((set) => protectedIn(graph, field.named, parseFieldSet(set)))
        .map((leaf) => ({ coordinate: `${type.name}.${field.name}`, leaf })),
    ),
  )

const protectedIn = (graph: Graph, type: string, set: SelectionSetNode): string[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return protectedIn(graph, selection.typeCondition?.name.value ?? type, selection.selectionSet)
    if (selection.kind !== Kind.FIELD) return []
    const owner = graph.supergraph.types.get(type)
    const field = owner?.fields.get(selection.name.value)
    const own = (owner?.possible ?? [])
      .map((name) => `${name}.${selection.name.value}`)
      .filter((coordinate) => graph.protection.protections.has(coordinate))
    const inner = selection.selectionSet
    return inner === undefined ? own : [...own, ...protectedIn(graph, field?.named ?? '', inner)]
  })
