import { nearestName } from '../../directives/nearest-name.ts'
import type { RuleContext } from '../rule-context.ts'
import { applicationPlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * A scope is a term of the vocabulary, letter for letter: nobody can grant a scope nobody has heard of
 * (controlled vocabulary; GDPR Art. 5(1)(b)).
 */
export const scopeIsKnown = (context: RuleContext): Violation[] =>
  applicationPlaces(context).flatMap(({ subgraph, coordinate, application }) => {
    const unknown = new Set(
      application.scope.flat().filter((name) => name.trim() !== '' && !context.vocabulary.scopes.has(name)),
    )
    return [...unknown].map((name) => ({
      ...graded('SCOPE_UNKNOWN'),
      subgraph: subgraph.name,
      coordinate,
      line: application.line,
      message: `the scope ${JSON.stringify(name)} is not in the vocabulary (version ${context.vocabulary.version})`,
      remedy: remedyFor(name, [...context.vocabulary.scopes.keys()]),
    }))
  })

const remedyFor = (name: string, known: readonly string[]): string => {
  const meant = nearestName(name, known)
  const guess = meant === undefined ? '' : `Did you mean \`${meant}\`? `
  return `${guess}Use one of: ${known.join(', ')}; or add it to the vocabulary.`
}
