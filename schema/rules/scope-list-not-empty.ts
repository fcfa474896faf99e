import { MOST_GROUPS, type Requirement } from '../../directives/requires-scope.ts'
import type { RuleContext } from '../rule-context.ts'
import { applicationPlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * A scope list names at least one scope, in every group: an empty list has been read as "everybody may" elsewhere
 * (design, "Protection": `[]` and `[[]]` are refused at composition).
 */
export const scopeListNotEmpty = (context: RuleContext): Violation[] =>
  applicationPlaces(context).flatMap(({ subgraph, coordinate, application }) => {
    const fault = faultOf(application.scope)
    if (fault === null) return []
    const place = { subgraph: subgraph.name, coordinate, line: application.line }
    return [{ ...place, ...fault }]
  })

const faultOf = (
  scope: Requirement['scope'],
): Pick<Violation, 'code' | 'severity' | 'message' | 'remedy'> | null => {
  if (scope.length > MOST_GROUPS)
    return {
      ...graded('SCOPE_LIST_TOO_LONG'),
      message: `@requiresScope has ${scope.length} alternatives; at most ${MOST_GROUPS} are allowed`,
      remedy: 'Add one scope to the vocabulary that says what the alternatives have in common.',
    }
  const isEmpty =
    scope.length === 0 ||
    scope.some((group) => group.length === 0 || group.some((name) => name.trim() === ''))
  return isEmpty
    ? {
        ...graded('SCOPE_LIST_EMPTY'),
        message:
          '@requiresScope has an empty list, an empty text, or something that is not a text, so it names no scope',
        remedy:
          'Name the scopes, for example scope: "crm_contact" or scope: [["profiling", "analytics"]]; to protect nothing, remove the directive.',
      }
    : null
}
