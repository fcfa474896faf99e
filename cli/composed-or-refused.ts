import type { Vocabulary } from '../directives/vocabulary.ts'
import { AssentError } from '../gateway/errors.ts'
import { compose, type SubgraphSource } from '../schema/compose.ts'

/** The supergraph of these subgraphs. Throws `SUPERGRAPH_INVALID` with every violation at its line. */
export const composedOrRefused = (
  sources: readonly SubgraphSource[],
  { vocabulary, place }: { readonly vocabulary: Vocabulary; readonly place: string },
): string => {
  const { supergraph, violations } = compose(sources, { vocabulary })
  if (supergraph !== null) return supergraph
  const faults = violations.map(({ coordinate, subgraph, line, message, remedy }) => ({
    name: coordinate ?? 'schema',
    place: `${subgraph ?? ''}:${line ?? ''}`,
    problem: message,
    remedy,
  }))
  throw new AssentError('SUPERGRAPH_INVALID', place, { faults })
}
