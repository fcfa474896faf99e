import type { WrappedKey } from '../vault/data-key-ring.ts'
import type { RawField } from './raw-field.ts'

/** A request to learn who stands behind a pid, and how far it has come. */
export interface KeptRequest {
  readonly id: string
  /** The person of the staff who asked, and the name they asked under. */
  readonly requester: string
  readonly pid: string
  /** The names of the records this person had when it was asked: who is merged into them later was not asked about. */
  readonly records: readonly string[]
  readonly fields: readonly RawField[]
  readonly ticket: string
  readonly reason: SealedReason
  /** Milliseconds since the epoch, as all times here. */
  readonly requestedAt: number
  readonly approvals: readonly Step[]
  readonly refusal: Step | null
  readonly redeemedAt: number | null
  /** Until then it has to be approved, and then, once it is, redeemed. */
  readonly expiresAt: number
  /** One more with each step: two who take the same step at once are one too many. */
  readonly revision: number
}

export interface Step {
  /** A person of the staff. */
  readonly person: string
  readonly at: number
}

/** What people write of their reasons may name a person: it is kept as the vault keeps values. */
export interface SealedReason {
  readonly key: WrappedKey
  readonly sealed: Buffer
}

export type RequestState = 'PENDING' | 'APPROVED' | 'REFUSED' | 'REDEEMED' | 'EXPIRED'

/** How many have to agree, none of them the requester. */
export const APPROVALS = 2

/** What is over stays over; time comes last, so that what was redeemed in time is not called expired. */
export function stateOf(
  {
    refusal,
    redeemedAt,
    expiresAt,
    approvals,
  }: Pick<KeptRequest, 'refusal' | 'redeemedAt' | 'expiresAt' | 'approvals'>,
  now: number,
): RequestState {
  if (refusal !== null) return 'REFUSED'
  if (redeemedAt !== null) return 'REDEEMED'
  if (now >= expiresAt) return 'EXPIRED'
  return approvals.length >= APPROVALS ? 'APPROVED' : 'PENDING'
}
