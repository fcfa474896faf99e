import type { DocumentNode } from 'graphql'
import { implies, readAccessWords } from '../directives/caller-access.ts'
import type { RuleContext } from './rule-context.ts'
import type { Violation } from './violation.ts'
import { graded } from './violation-catalogue.ts'

/** What was asked of callers in a subgraph, the supergraph asks of them: all of it, or more. */
export const verifyAccess = (supergraph: DocumentNode, { subgraphs }: RuleContext): Violation[] => {
  const written = subgraphs.flatMap((subgraph) =>
    readAccessWords(subgraph.document).map((one) => ({ ...one, subgraph })),
  )
  if (written.length === 0) return []
  const composed = readAccessWords(supergraph)
  return written
    .filter(({ coordinate, clause, subgraph: { roots } }) => {
      const [type = '', ...field] = coordinate.split('.')
      const here = [roots.get(type) ?? type, ...field].join('.')
      return !composed.some((one) => one.coordinate === here && implies(one.clause, clause))
    })
    .map(({ subgraph, coordinate, clause, line }) => ({
      ...graded('COMPOSITION_LOST_PROTECTION'),
      subgraph: subgraph.name,
      coordinate,
      line,
      message: `@${clause.word} is not in the composed supergraph`,
      remedy: 'Write it where the value is resolved: in the subgraph that owns the field.',
    }))
}
