import { selectedFields } from '../field-selections.ts'
import type { RuleContext } from '../rule-context.ts'
import { atType, type TypePlace, typePlaces } from '../rule-places.ts'
import type { SubgraphDocument, TypeView } from '../subgraph-document.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * A subject type has a resolvable key in every subgraph that answers something protected about it, because the gateway
 * takes the protected part out of wherever the person was found and asks the same subgraph again through `_entities`
 * (design, "Cut"). "Answers" counts value types below the person, and what any subgraph protects, not only this one.
 * There the subject key can be selected, too. A subgraph that only points at the person, and answers nothing protected,
 * needs neither: nothing is taken out of it.
 */
export const subjectHasResolvableKey = (context: RuleContext): Violation[] =>
  typePlaces(context).flatMap((place) => {
    const { subgraph, type } = place
    const subject = context.graph.subjects.get(type.name)
    const isConcrete = type.kind === 'object'
    if (!isConcrete || subject === undefined || !answersProtected(context, subgraph, type)) return []
    return [...keyFaults(place), ...selectionFaults(context, place, subject)]
  })

const keyFaults = (place: TypePlace): Violation[] =>
  place.type.keys.some(({ resolvable }) => resolvable)
    ? []
    : [
        {
          ...graded('SUBJECT_KEY_NOT_RESOLVABLE'),
          ...atType(place),
          message:
            'it answers protected fields about a person, but has no resolvable @key here to ask for one person by',
          remedy: 'Add a @key (without resolvable: false) and resolve references to it.',
        },
      ]

const selectionFaults = ({ graph }: RuleContext, place: TypePlace, subject: string): Violation[] => {
  const { subgraph, type } = place
  const inKeys = new Set(
    type.keys.flatMap(({ fields }) =>
      selectedFields(graph, type.name, fields).map((selected) => `${selected.type}.${selected.field}`),
    ),
  )
  const missing = selectedFields(graph, type.name, subject)
    .filter((selected) => selected.through.length > 0 || selected.type === type.name)
    .filter((selected) => {
      const field = subgraph.types.get(selected.type)?.fields.get(selected.field)
      return field === undefined || (field.isExternal && !inKeys.has(`${selected.type}.${selected.field}`))
    })
  if (missing.length === 0) return []
  return [
    {
      ...graded('SUBJECT_KEY_NOT_SELECTABLE'),
      ...atType(place),
      message: `its subject key ${JSON.stringify(subject)} cannot be selected in this subgraph`,
      remedy: `Declare ${missing.map(({ type: owner, field }) => `${owner}.${field}`).join(', ')} here, resolved by this subgraph or as part of a @key.`,
    },
  ]
}

const answersProtected = ({ graph }: RuleContext, subgraph: SubgraphDocument, start: TypeView): boolean => {
  const seen = new Set<string>()
  const queue = [start.name]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    for (const field of subgraph.types.get(name)?.fields.values() ?? []) {
      if (!field.isExternal && graph.clausesOf(name, field.name).length > 0) return true
      queue.push(
        ...graph
          .possibleTypes(field.named)
          .filter((type) => graph.personal.has(type) && subgraph.types.has(type)),
      )
    }
  }
  return false
}
