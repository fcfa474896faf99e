/** The number of a write in the consent service: decimal digits as text, larger for what was committed later. */
export type Revision = string

/**
 * What an owner of rows has heard of one person's consent to one scope. It lies beside the rows, so that the statement that
 * reads them asks it, too.
 */
export interface Standing {
  readonly pid: string
  readonly scope: string
  readonly granted: boolean
  /** What it is granted by, or would be but for a policy that does not let it count at present; null when there is no yes. */
  readonly receipt: string | null
  /** Milliseconds since the epoch; null when it does not run out. */
  readonly expiresAt: number | null
  /** The last write about this person, or about who is one with them, that was heard of: whoever has a higher one knows better. */
  readonly revision: Revision
  /** Of the last word that was not a yes. Nothing that rests on it or on anything before is alive, now or ever. It only grows. */
  readonly cut: Revision
  /**
   * From which revision on the present yes counts: what is collected now rests on it. `0` when there is none. A yes that is not
   * granted waits: what rests on it is neither read nor taken, and stays, for when the policy lets it count again.
   */
  readonly basis: Revision
}

/** That nothing of a person may be used, whatever it rests on; null: no more. An erasure is final. */
export interface Block {
  readonly pid: string
  readonly kind: 'suppressed' | 'erased' | null
  readonly revision: Revision
}

export interface StandingKey {
  readonly pid: string
  readonly scope: string
}

/** What a row says of the consent it rests on. */
export interface RestsOn extends StandingKey {
  readonly revision: Revision
}

/** Nothing is alive without a standing, after its end, or when it rests on what was cut (GDPR Art. 7(3), 17(1)(b)). */
export function isAlive(standing: Standing | undefined, revision: Revision, now: number): boolean {
  if (standing === undefined || !standing.granted) return false
  if (standing.expiresAt !== null && standing.expiresAt <= now) return false
  return BigInt(revision) > BigInt(standing.cut)
}

/** Whether a row stays: while it is alive, and while the yes it rests on waits and has not ended. */
export function isKept(standing: Standing | undefined, revision: Revision, now: number): boolean {
  return (
    standing !== undefined &&
    isAlive({ ...standing, granted: standing.granted || isWaiting(standing) }, revision, now)
  )
}

export const isWaiting = ({ granted, basis }: Pick<Standing, 'granted' | 'basis'>): boolean =>
  !granted && basis !== '0'

/** Of two that were heard about the same: what is newer holds, and what either has cut stays cut. */
export function newer(known: Standing, heard: Standing): Standing {
  const held = BigInt(heard.revision) >= BigInt(known.revision) ? heard : known
  return { ...held, cut: later(known.cut, heard.cut) }
}

export function later(one: Revision, other: Revision): Revision {
  return BigInt(one) >= BigInt(other) ? one : other
}
