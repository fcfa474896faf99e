import { type AccessClause, readAccessWords } from '../../directives/caller-access.ts'
import { MOST_GROUPS } from '../../directives/requires-scope.ts'
import { isEmptyAccess } from '../access.ts'
import type { RuleContext } from '../rule-context.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * `@requiresScopes` and `@policy` name at least one scope or policy, in every group: an empty list has been read as
 * "everybody may" elsewhere, and composition drops it without a word.
 */
export const accessListNotEmpty = ({ subgraphs }: RuleContext): Violation[] =>
  subgraphs.flatMap(({ name, document }) =>
    readAccessWords(document).flatMap(({ coordinate, clause, line }) => {
      const fault = faultOf(clause)
      return fault === null ? [] : [{ subgraph: name, coordinate, line, ...fault }]
    }),
  )

const faultOf = (
  clause: AccessClause,
): Pick<Violation, 'code' | 'severity' | 'message' | 'remedy'> | null => {
  if (clause.word === 'authenticated') return null
  const { word, anyOf } = clause
  if (anyOf.length > MOST_GROUPS)
    return {
      ...graded('ACCESS_LIST_TOO_LONG'),
      message: `@${word} has ${anyOf.length} alternatives; at most ${MOST_GROUPS} are allowed`,
      remedy: 'Name what the alternatives have in common.',
    }
  if (!isEmptyAccess(clause)) return null
  return {
    ...graded('ACCESS_LIST_EMPTY'),
    message: `@${word} has an empty list, an empty text, or something that is not a text`,
    remedy: `Name what it asks for, for example ${EXAMPLES[word]}; to ask nothing, remove the directive.`,
  }
}

const EXAMPLES = { requiresScopes: 'scopes: [["read:orders"]]', policy: 'policies: [["staff"]]' }
