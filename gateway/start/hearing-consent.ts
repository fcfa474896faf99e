import type { ConsentSource } from '../ports.ts'

/**
 * Whether consent has ever answered this process. Whoever asks it tells, requests and renewals of leases, so that a gateway
 * that has worked for hours without being asked for its health knows it, too.
 */
export interface HeardConsent {
  yet: boolean
}

/** The same source; its first answer is noted. */
export const hearingConsent = (consent: ConsentSource, heard: HeardConsent): ConsentSource => ({
  ...(consent.known !== undefined && { known: consent.known.bind(consent) }),
  ...(consent.changes !== undefined && { changes: consent.changes }),
  async load(subjects, context) {
    const states = await consent.load(subjects, context)
    heard.yet = true
    return states
  },
})
