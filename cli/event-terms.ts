import type { Vocabulary } from '../directives/vocabulary.ts'
import { addDuration } from '../subgraphs/events/contracts/iso-duration.ts'
import type { CountedTerms } from '../subgraphs/aggregates/agree-with-contract.ts'
import type { EventTerms } from '../subgraphs/features/definitions/agree-with-events.ts'
import { openContracts } from '../subgraphs/open-contracts.ts'

type Terms = EventTerms & CountedTerms

/** What the contracts of a folder say to whoever computes with the events: of each type, its newest version. */
export const eventTerms = (dir: string, vocabulary: Vocabulary): ((event: string) => Terms | null) => {
  const contracts = openContracts(dir, vocabulary)
  return (event) => {
    const newest = contracts.versionsOf(event)[0]?.contract
    if (newest === undefined) return null
    const { basis, scope, purpose, retention, fields } = newest
    return {
      basis,
      scope,
      purpose,
      retentionMs: addDuration(0, retention),
      fields: [...fields.properties.keys()],
    }
  }
}
