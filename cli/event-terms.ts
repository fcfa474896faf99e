import type { Vocabulary } from '../directives/vocabulary.ts'
import { addDuration } from '../subgraphs/events/contracts/iso-duration.ts'
import type { EventTerms } from '../subgraphs/features/definitions/agree-with-events.ts'
import { openContracts } from '../subgraphs/open-contracts.ts'

/** What the contracts of a folder say to whoever computes with the events: of each type, its newest version. */
export const eventTerms = (dir: string, vocabulary: Vocabulary): ((event: string) => EventTerms | null) => {
  const contracts = openContracts(dir, vocabulary)
  return (event) => {
    const newest = contracts.versionsOf(event)[0]?.contract
    if (newest === undefined) return null
    const { basis, scope, retention, fields } = newest
    return { basis, scope, retentionMs: addDuration(0, retention), fields: [...fields.properties.keys()] }
  }
}
