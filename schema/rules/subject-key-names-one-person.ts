import { selectedFields } from '../field-selections.ts'
import type { RuleContext } from '../rule-context.ts'
import { readKeyPath } from '../rule-graph.ts'
import { atType, type TypePlace, typePlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded, type ViolationCode } from '../violation-catalogue.ts'

/**
 * A subject key is one field set with exactly one leaf, the same in every subgraph and on every interface:
 * two keys would be two answers to "whose is it?". The leaf is a text, so that it can be the reserved `anonymous`
 * for nobody, and no list, so that it names one person.
 */
export const subjectKeyNamesOnePerson = (context: RuleContext): Violation[] =>
  typePlaces(context).flatMap((place) => {
    const { subjectKey } = place.type
    if (subjectKey === null) return []
    const path = readKeyPath(subjectKey)
    if (path === null)
      return [
        violation(
          'SUBJECT_KEY_INVALID',
          place,
          'is not a field set with exactly one leaf',
          'Write the path to one field, for example "pid" or "customer { pid }".',
        ),
      ]
    const expected = readKeyPath(context.graph.subjects.get(place.type.name) ?? '') ?? []
    const others = inheritedKeys(context, place).map((key) => readKeyPath(key)?.join('.'))
    if ([expected.join('.'), ...others].some((other) => other !== path.join('.')))
      return [
        violation(
          'SUBJECT_KEY_DIFFERS',
          place,
          'is not the key that another subgraph or an interface gives for this type',
          'Give the same key everywhere.',
        ),
      ]
    return leafFaults(context, place, subjectKey)
  })

const inheritedKeys = (context: RuleContext, { type }: TypePlace): string[] =>
  (type.interfaces.length === 0 ? [] : typePlaces(context)).flatMap((other) =>
    type.interfaces.includes(other.type.name) ? (other.type.subjectKey ?? []) : [],
  )

const TEXTS = new Set(['ID', 'String'])

const leafFaults = (context: RuleContext, place: TypePlace, key: string): Violation[] => {
  const selected = selectedFields(context.graph, place.type.name, key)
  const missing = selected.filter(({ type, field }) => context.graph.namedTypeOf(type, field) === null)
  if (selected.length === 0 || missing.length > 0)
    return [
      violation(
        'SUBJECT_KEY_INVALID',
        place,
        'names a field that does not exist',
        'Name a field of this type.',
      ),
    ]
  const declared = selected.flatMap(({ type, field, isLeaf }) =>
    (context.graph.fieldsOf(type).get(field) ?? []).map((found) => ({ ...found.field, isLeaf })),
  )
  const isList = declared.some(
    ({ type }) => type.kind === 'ListType' || (type.kind === 'NonNullType' && type.type.kind === 'ListType'),
  )
  const isText = declared.every(({ named, isLeaf }) => !isLeaf || TEXTS.has(named))
  if (!isList && isText) return []
  return [
    violation(
      'SUBJECT_KEY_INVALID',
      place,
      'leads through a list, or ends in something that is not ID or String',
      'End the key in one ID or String.',
    ),
  ]
}

const violation = (code: ViolationCode, place: TypePlace, what: string, remedy: string): Violation => ({
  ...graded(code),
  ...atType(place),
  message: `its @dataSubject key ${JSON.stringify(place.type.subjectKey)} ${what}`,
  remedy,
})
