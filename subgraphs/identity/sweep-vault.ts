import type { Log } from '../log.ts'
import { type IdentityStore, recordKey } from './store.ts'
import type { Vault } from './vault/vault.ts'

/** An import that is older has ended, one way or another. */
const LONGEST_IMPORT_MS = 3_600_000

interface Swept {
  readonly store: IdentityStore
  readonly vault: Pick<Vault, 'sweep' | 'open'>
}

/** At a start, and nobody waits for it. */
export async function sweepInBackground(swept: Swept, now: number, log: Log): Promise<void> {
  try {
    const removed = await sweepVault(swept, now)
    if (removed > 0) log({ removed }, 'Removed what imports that were broken off had left in the vault.')
  } catch (error) {
    log({ error: (error as Error).name }, 'The vault could not be swept.')
  }
}

/** Removes what imports that were broken off left in the vault and the graph never heard of. Answers how many records. */
export const sweepVault = ({ store, vault }: Swept, now: number): Promise<number> =>
  vault.sweep(async (names) => {
    const { records, refused } = await vault.open(names)
    const keys = new Map(
      [...records].map(([recordId, { source }]) => [recordKey({ source, recordId }), recordId]),
    )
    const owners = await store.owners([...keys.keys()])
    const known = [...keys].flatMap(([key, name]) => (owners.has(key) ? [name] : []))
    // What does not open is somebody's to look at, and nobody's to remove.
    return new Set([...known, ...refused])
  }, now - LONGEST_IMPORT_MS)
