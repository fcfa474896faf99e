import { draftsOf, type NamedRecord } from './import-draft.ts'
import { knownAbout } from './import-known.ts'
import { planImport } from './import-plan.ts'
import { writeImport, type Written } from './import-write.ts'
import type { Pseudonymizer } from './pseudonyms/pseudonym.ts'
import type { CustomerRecord, IdentityStore } from './store.ts'
import { takeIn } from './take-in.ts'
import type { Vault } from './vault/vault.ts'

export interface ImportOptions {
  readonly store: IdentityStore
  readonly vault: Pick<Vault, 'nameOf' | 'put' | 'settle' | 'open'>
  readonly pseudonymizer: Pseudonymizer
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

export interface ImportResult {
  /** Record key, as the source says it → the pid it belongs to now. */
  readonly owners: ReadonlyMap<string, string>
  /** How many of the people did not exist before. */
  readonly newPeople: number
  /** How many pairs of records were put up for somebody to look at. */
  readonly possibleMatches: number
  /** How many merges by the rule were taken back, because a record that came again does not bear them out any more. */
  readonly takenBack: number
  /** How many records were left out because they were erased. */
  readonly refused: number
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
  options: ImportOptions,
): Promise<ImportResult> {
  const { store, vault } = options
  const owners = new Map<string, string>()
  const keys = new Map<string, string>()
  const counts = { newPeople: 0, possibleMatches: 0, takenBack: 0, refused: 0 }
  for (let start = 0; start < records.length; start += BATCH) {
    // eslint-disable-next-line no-await-in-loop -- each batch is decided from the one before
    const taken = await takeIn(records.slice(start, start + BATCH), vault)
    counts.refused += taken.refused
    for (const [key, rawKey] of taken.keys) keys.set(key, rawKey)
    // eslint-disable-next-line no-await-in-loop
    for (const written of await importBatch(taken.records, options)) {
      for (const [key, pid] of written.owners) owners.set(key, pid)
      counts.newPeople += written.newPeople
      counts.possibleMatches += written.possibleMatches
      counts.takenBack += written.takenBack
    }
    // eslint-disable-next-line no-await-in-loop
    await taken.settle()
  }
  // Whoever was parted from somebody is found again under their own pid.
  const now = counts.takenBack > 0 ? await store.owners([...owners.keys()]) : owners
  return { owners: new Map([...now].map(([key, pid]) => [keys.get(key) ?? key, pid])), ...counts }
}

const BATCH = 2000

/** A batch ends early where the people before it change, and goes on from there. */
async function importBatch(
  records: readonly NamedRecord[],
  { store, vault, pseudonymizer, clock = Date.now }: ImportOptions,
): Promise<readonly Written[]> {
  const written: Written[] = []
  let rest = await draftsOf(records, pseudonymizer)
  while (rest.length > 0) {
    // eslint-disable-next-line no-await-in-loop -- each part is decided from the one before
    const plan = planImport(rest, await knownAbout(rest, { store, vault }))
    const at = clock()
    // eslint-disable-next-line no-await-in-loop
    written.push(await store.change((graph) => writeImport(plan, graph, at)))
    rest = rest.slice(plan.drafts.length)
  }
  return written
}
