import type { RuleContext } from '../rule-context.ts'
import { readKeyPath } from '../rule-graph.ts'
import { type FieldPlace, fieldPlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * A default for nobody is asked for with the reserved key `anonymous`, so the person's type has a subject key of one
 * ID or String field which is a key of the type, and nothing else is needed to ask (design, "Withheld is an answer").
 */
export const anonymousNeedsOneKey = (context: RuleContext): Violation[] =>
  fieldPlaces(context).flatMap((place) => {
    const application = place.field.requirements.find(({ otherwise }) => otherwise === 'ANONYMOUS')
    if (application === undefined) return []
    const subjects = peopleAbove(context, place.type.name)
    return subjects
      .filter((type) => !canAskForNobody(context, place, type))
      .map((type) => violation(place, type, application.line))
  })

const violation = ({ subgraph, coordinate }: FieldPlace, type: string, line: number | null): Violation => ({
  ...graded('ANONYMOUS_KEY_UNUSABLE'),
  subgraph: subgraph.name,
  coordinate,
  line,
  message: `it has a default for nobody, but ${type} cannot be asked for with the reserved key alone in this subgraph`,
  remedy: `Give ${type} a subject key of one ID or String field, and a resolvable @key of exactly that field; or use otherwise: NULL.`,
})

const canAskForNobody = ({ graph }: RuleContext, { subgraph }: FieldPlace, type: string): boolean => {
  const path = readKeyPath(graph.subjects.get(type) ?? '') ?? []
  const [name] = path
  const view = subgraph.types.get(type)
  if (name === undefined || path.length !== 1 || view === undefined) return false
  const named = view.fields.get(name)?.named
  const isKey = view.keys.some(({ fields, resolvable }) => resolvable && fields.trim() === name)
  return isKey && (named === 'ID' || named === 'String')
}

/** The type itself when it is a person's, otherwise every person through whom this value type is reached. */
const peopleAbove = (context: RuleContext, type: string, seen = new Set<string>()): string[] => {
  const { graph, subgraphs } = context
  if (graph.subjects.has(type)) return [type]
  if (seen.has(type)) return []
  seen.add(type)
  const owners = subgraphs
    .flatMap(({ types }) => [...types.values()])
    .filter(
      (view) =>
        view.kind === 'object' &&
        [...view.fields.values()].some(({ named }) => graph.possibleTypes(named).includes(type)),
    )
  return [...new Set(owners.flatMap((view) => peopleAbove(context, view.name, seen)))]
}
