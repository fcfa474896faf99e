/**
 * Who may rely on what they know of consent, and up to which revision they know it. Kept beside the receipts, so that all
 * replicas of the service see the same leases.
 */
export interface LeaseStore {
  /**
   * Makes a lease or renews it, for so many milliseconds. What a holder has acknowledged is never taken back by a renewal that
   * comes late. Nor does a shorter renewal shorten the lease: the holder relies on the one before until it has heard of it.
   */
  hold(holder: string, acknowledged: string, ms?: number): Promise<void>

  /** Every lease there is, live or not: `renewals` is all there is to tell, because no two clocks need to agree. */
  leases(): Promise<readonly Lease[]>

  /** Takes a lease away that was not renewed since it was seen. */
  remove(lease: Pick<Lease, 'holder' | 'renewals'>): Promise<void>

  /** The holder gives it up. */
  release(holder: string): Promise<void>

  /** When each holder acknowledged a revision or a later one, while that is remembered. */
  acknowledgements(revision: string): Promise<readonly Acknowledgement[]>

  /** Called after each change through this object; another replica's are seen by asking. */
  onChange(listener: () => void): () => void
}

export interface Lease {
  readonly holder: string
  /** Everything up to this revision has been applied by the holder. */
  readonly acknowledged: string
  /** Of no two renewals the same, not even when the lease was taken away between them: it tells whether it was renewed. */
  readonly renewals: number
  /** The longest it was granted for, in milliseconds; 0 where that was not said. */
  readonly ms: number
}

export interface Acknowledgement {
  readonly holder: string
  /** Milliseconds since the epoch, by the clock of the store. */
  readonly at: number
}

/** Revisions are decimal numbers as text and may be larger than a double. */
export function isBefore(one: string, other: string): boolean {
  return one.length === other.length ? one < other : one.length < other.length
}
