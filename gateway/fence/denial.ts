/**
 * Why a value was withheld: a closed list. In which order reasons are looked for, `decide.ts` says.
 * The table is the documentation; `docs/denials.md` is written from it.
 */
export const DENIALS = {
  CALLER_SCOPE: 'The client’s contract and declared purpose do not include the scope; no person was asked.',
  CONSENT_UNAVAILABLE: 'Consent could not be established in time, so the answer is no.',
  UNKNOWN_SUBJECT: 'Whose data this is could not be established.',
  ERASED: 'The person’s data must no longer exist.',
  SUPPRESSED: 'The person’s data must not be used, whatever was consented to.',
  NOT_GIVEN: 'The person was never asked, or has not answered.',
  REFUSED: 'The person was asked and said no.',
  WITHDRAWN: 'The person took the consent back.',
  EXPIRED: 'The consent ran out.',
  REGION: 'The consent was given for another region or channel.',
  UNDER_AGE: 'The person is younger than consent can be given at in that place.',
  INPUT_WITHHELD: 'The field is computed from a value that is withheld.',
} as const satisfies Record<string, string>

export type DenialReason = keyof typeof DENIALS

export interface Denial {
  readonly reason: DenialReason
  /** The scopes that would have to be granted. */
  readonly scopes: readonly string[]
}
