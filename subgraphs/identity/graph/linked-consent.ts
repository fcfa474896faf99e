/**
 * What identity asks of consent: a merge takes effect when consent has heard of it, and consent forgets a link when it
 * has heard of the unmerge. In both orders nobody is shown more than before (GDPR Art. 4(11): consent is specific to
 * who gave it).
 */
export interface LinkedConsent {
  /**
   * Resolves when the links are in force everywhere; until then nothing is merged. Idempotent by `decisionId`. All or none;
   * `LinkRefused` when one of them is never taken.
   */
  link(links: readonly Link[]): Promise<void>
  /** Resolves when consent has heard of it. What was said while linked stays with the pid it was said under. */
  unlink(undone: readonly Unlink[]): Promise<readonly SaidWhileLinked[]>
  saidWhileLinked(decisionIds: readonly string[]): Promise<readonly SaidWhileLinked[]>
}

export interface Link {
  readonly decisionId: string
  /** Seed pids of the two records. */
  readonly pids: readonly [string, string]
  /** merged: two people's words, the most restrictive counts. renamed: one person's from the beginning, the latest counts. */
  readonly kind: 'merged' | 'renamed'
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly by: string
}

export interface Unlink {
  readonly decisionId: string
  readonly at: number
  readonly by: string
}

/** A statement made while two pids were one person's. */
export interface SaidWhileLinked {
  readonly decisionId: string
  readonly pid: string
  readonly consentId: string
  readonly scope: string
  readonly channel: string | null
  readonly region: string | null
  readonly brand: string | null
  readonly status: string
  readonly at: number
}

/** Where no consent service is plugged in: merges of two people wait. */
export const noLinkedConsent: LinkedConsent = {
  link: () => Promise.reject(new Error('Identity is not connected to consent.')),
  unlink: () => Promise.reject(new Error('Identity is not connected to consent.')),
  saidWhileLinked: async () => [],
}

/** Consent understood what it was asked and will not do it, whoever asks again. */
export class LinkRefused extends Error {
  readonly code: string
  constructor(code: string) {
    super(`Consent does not take the link: ${code}`)
    this.code = code
  }
}
