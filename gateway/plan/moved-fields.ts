import { type ConstDirectiveNode, type InterfaceTypeDefinitionNode, Kind, parse } from 'graphql'
import { applications } from '../../schema/definitions.ts'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import type { Supergraph } from '../../schema/supergraph.ts'

/** A field as an interface has it, and a type behind the interface. */
interface FaceField {
  readonly type: string
  readonly field: string
  readonly of: string
}

/** A subgraph has the field of the interface, and of this type no longer: it has moved to another one (`@override`). */
export const hasMovedAway = (
  { type, field, of }: FaceField,
  { id, types }: SubgraphView,
  supergraph: Supergraph,
): boolean => {
  const face = types.get(of)
  if (face?.isInterfaceObject !== false || !face.fields.has(field) || !face.possible.includes(type))
    return false
  const known = supergraph.types.get(type)?.fields.get(field)
  const joins = applications(known?.directives, 'join__field')
  const mine = joins.find((join) => join['graph'] === id)
  return joins.length > 0 && (mine === undefined || mine['usedOverridden'] === true)
}

/**
 * An interface for the planner, which would ask such a field of the subgraph that had it before. It is asked of each type
 * (`ask-by-type.ts`), so nobody has it of the interface there. Undefined where there is none.
 */
export const withoutMoved = (
  node: InterfaceTypeDefinitionNode,
  supergraph: Supergraph,
): InterfaceTypeDefinitionNode | undefined => {
  const of = node.name.value
  const views = [...supergraph.subgraphs.values()]
  const possible = supergraph.types.get(of)?.possible ?? []
  const fields = (node.fields ?? []).map((one) => {
    const field = one.name.value
    const moved = views.filter((view) =>
      possible.some((type) => hasMovedAway({ type, field, of }, view, supergraph)),
    )
    if (moved.length === 0) return one
    const having = views.filter(({ types }) => types.get(of)?.fields.has(field) === true)
    const isOf = (directive: ConstDirectiveNode, id: string): boolean =>
      applications([directive], 'join__field').some((join) => join['graph'] === id)
    const kept = (one.directives ?? []).filter((directive) => !moved.some(({ id }) => isOf(directive, id)))
    const joins = having
      .filter(({ id }) => !kept.some((directive) => isOf(directive, id)))
      .map((view) => joinOf(view.id, moved.includes(view)))
    return { ...one, directives: [...kept, ...joins] }
  })
  return fields.every((one, index) => one === node.fields?.[index]) ? undefined : { ...node, fields }
}

const joinOf = (graph: string, isMoved: boolean): ConstDirectiveNode => {
  const text = `scalar X @join__field(graph: ${graph}${isMoved ? ', external: true' : ''})`
  const [node] = parse(text, { noLocation: true }).definitions
  const [directive] = node?.kind === Kind.SCALAR_TYPE_DEFINITION ? (node.directives ?? []) : []
  if (directive === undefined) throw new Error(text)
  return directive
}

/**
 * What a subgraph has only because its keys and interfaces need it, and another one answers now, the planner takes for that
 * subgraph's own. It is told that the field is another's. While a field is moving (a label), both answer it.
 */
export const asMoved = (directive: ConstDirectiveNode): ConstDirectiveNode => {
  const [join] = applications([directive], 'join__field')
  if (join?.['usedOverridden'] !== true || typeof join['overrideLabel'] === 'string') return directive
  return joinOf(String(join['graph']), true)
}
