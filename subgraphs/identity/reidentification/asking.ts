import type { DataKeyRing } from '../vault/data-key-ring.ts'
import type { Vault } from '../vault/vault.ts'
import type { Log } from '../../log.ts'
import type { Authority } from './authority.ts'
import type { KeptRequest } from './kept-request.ts'
import type { ReidentificationStore } from './reidentification-store.ts'
import type { StaffRegister } from './staff.ts'

/** Who asks, as the gateway has proved it. */
export interface Asker {
  /** The subject of the token; null: it speaks for nobody. */
  readonly name: string | null
  readonly client: string
  readonly purpose: string
}

export interface ReidentificationOptions {
  readonly store: ReidentificationStore
  readonly vault: Pick<Vault, 'open'>
  /** What the reasons and the key of the trail lie under. */
  readonly ring: DataKeyRing
  readonly authority: Authority
  readonly staff: StaffRegister
  readonly people: People
  readonly terms: ReidentificationTerms
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly log?: Log
}

/** What has to be known of the graph. */
export interface People {
  /** The names of a person's records in the vault; none when nobody has this pid. */
  recordsOf(pid: string): Promise<readonly string[]>
  /** Which people these are today, of those names that are pids: one person may have had several. */
  peopleBehind(names: readonly string[]): Promise<ReadonlySet<string>>
}

export interface ReidentificationTerms {
  /** How long a request waits for its approvals, and an approved one for its redemption. */
  readonly approveWithinMs: number
  readonly redeemWithinMs: number
  /** How many requests are taken in `perMs`, of one person and of all. */
  readonly requestsPerPerson: number
  readonly requestsInTotal: number
  readonly perMs: number
}

const HOUR = 3_600_000

export const STANDARD_TERMS: ReidentificationTerms = {
  approveWithinMs: 72 * HOUR,
  redeemWithinMs: 24 * HOUR,
  requestsPerPerson: 5,
  requestsInTotal: 20,
  perMs: 24 * HOUR,
}

/** What everything here works with. */
export interface Room extends ReidentificationOptions {
  readonly trailKey: Buffer
}

/** A request with what only those may read who may see it. */
export interface ShownRequest extends Omit<KeptRequest, 'reason' | 'records' | 'revision'> {
  readonly reason: string
}
