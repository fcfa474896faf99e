import { type Draft, draftsOf } from './import-draft.ts'
import { knownAbout } from './import-known.ts'
import { planImport } from './import-plan.ts'
import { writeImport } from './import-write.ts'
import type { Pseudonymizer } from './pseudonyms/pseudonym.ts'
import type { CustomerRecord, IdentityStore } from './store.ts'

export interface ImportResult {
  /** Record key → the pid it belongs to now. */
  readonly owners: ReadonlyMap<string, string>
  /** How many of the people did not exist before. */
  readonly newPeople: number
  /** How many pairs of records were put up for somebody to look at. */
  readonly possibleMatches: number
  /** How many merges by the rule were taken back, because a record that came again does not bear them out any more. */
  readonly takenBack: number
}

/**
 * Gives each record its person and writes them, in batches. Which person is decided one record after the other, from
 * what came before it, so the same records in the same order give the same people however they are cut into calls.
 *
 * A new record joins the first person who holds one of its identifiers (an identifier held by more than `MOST_HOLDERS`
 * people counts for nothing) and none of whose records speaks against it, by the rule `shared-identifier` and with its
 * evidence; else it is a person of its own. Two people who turn out to be one become a possible match, and are left as
 * two: a merge changes whose consent counts and is not something an import does by the way.
 *
 * A record we already have stays with its person as long as the rule that joined it still holds; what somebody decided
 * is not touched. Imports into one store are made one after the other.
 */
export async function importRecords(
  records: readonly CustomerRecord[],
  store: IdentityStore,
  pseudonymizer: Pseudonymizer,
  clock: () => number = Date.now,
): Promise<ImportResult> {
  const owners = new Map<string, string>()
  let [newPeople, possibleMatches, takenBack] = [0, 0, 0]
  let rest: readonly Draft[] = []
  for (let start = 0; start < records.length || rest.length > 0;) {
    if (rest.length === 0) {
      // eslint-disable-next-line no-await-in-loop -- a batch's tokens are asked for when it is its turn
      rest = await draftsOf(records.slice(start, start + BATCH), pseudonymizer)
      start += BATCH
    }
    // eslint-disable-next-line no-await-in-loop -- each batch is decided from the one before
    const plan = planImport(rest, await knownAbout(rest, store))
    const at = clock()
    // eslint-disable-next-line no-await-in-loop
    const written = await store.change((graph) => writeImport(plan, graph, at))
    for (const [key, pid] of written.owners) owners.set(key, pid)
    newPeople += written.newPeople
    possibleMatches += written.possibleMatches
    takenBack += written.takenBack
    rest = rest.slice(plan.drafts.length)
  }
  // Whoever was parted from somebody is found again under their own pid.
  const now = takenBack > 0 ? await store.owners([...owners.keys()]) : owners
  return { owners: now, newPeople, possibleMatches, takenBack }
}

const BATCH = 2000
