import { compose } from '../../../schema/compose.ts'
import { type Suite, SUBGRAPHS } from './suite.ts'

/** The supergraph of a suite, every subgraph at its place under `SUBGRAPHS`. Throws with all reasons when there is none. */
export const composeSuite = ({ name, subgraphs }: Pick<Suite, 'name' | 'subgraphs'>): string => {
  const { supergraph, violations } = compose(
    subgraphs.map((subgraph) => ({ ...subgraph, url: `${SUBGRAPHS}/${subgraph.name}` })),
  )
  if (supergraph !== null) return supergraph
  const reasons = violations.map(({ code, coordinate, message }) => `${code} ${coordinate ?? ''}: ${message}`)
  throw new Error(`${name} does not compose:\n${reasons.join('\n')}`)
}
