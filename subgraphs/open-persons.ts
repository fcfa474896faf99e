import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { standardVocabulary, type Vocabulary } from '../directives/vocabulary.ts'
import { createDoor } from './consent/door/door.ts'
import type { FirstSeen } from './consent/door/first-seen.ts'
import { createPersonVerifier, mintPersonToken } from './consent/door/person-token.ts'
import type { Responsible } from './consent/door/plain-words.ts'
import type { Barrier } from './consent/leases/barrier.ts'
import { heedPrivacyControl } from './consent/heed-privacy-control.ts'
import { refuseUnknownPlace } from './consent/policy/apply-policy.ts'
import type { PolicyBundle } from './consent/policy/bundle.ts'
import { createPreferences } from './consent/preferences/preferences.ts'
import { toConsentRecord } from './consent/receipts/consent-record.ts'
import { usesSeenFrom } from './consent/shown-use.ts'
import type { ConsentStore } from './consent/store.ts'
import type { Log } from './log.ts'
import { servePersons } from './serve-persons.ts'

/** How persons reach the consent service: the `persons` settings. */
export interface PersonsOptions {
  readonly host: string
  readonly port: number
  /** The address persons know, when it is not the one that is listened at. */
  readonly url: string | null
  readonly origins: readonly string[]
  readonly tokenSecret: string | null
  readonly jwksUrl: string | null
  readonly issuer: string | null
  /** Who decides over the data, and who else gets it: told to the person, and kept in each receipt. */
  readonly responsible: Responsible
  /** Where the preference centre sends who has no token for its key; null: nowhere. */
  readonly loginUrl: string | null
  /** Whether a token that names no key may submit. */
  readonly takesUnbound: boolean
  readonly audience: string
  readonly tokenSeconds: number
  readonly proofSeconds: number
  readonly requestsPerMinute: number
  /** Whether a token of one person may be made up to try things out; never where the people are real. */
  readonly isTrial: boolean
}

export interface PersonsParts {
  readonly store: ConsentStore
  readonly firstSeen: FirstSeen
  readonly barrier: Barrier
  /** Where the files of the preference centre are. */
  readonly pageDir: string
  readonly clock: () => number
  readonly vocabulary?: Vocabulary
  /** What holds where nothing was said; default: nothing does. */
  readonly policy?: PolicyBundle | null
  readonly log?: Log
}

export interface PersonsDoor {
  readonly app: FastifyInstance
  readonly url: string
  /** A token of one person, for trying things out; null where tokens come from an issuer, or nothing is tried. */
  readonly tokenFor: ((pid: string) => Promise<string>) | null
}

/** Opens the door for persons, and listens. */
export async function openPersons(options: PersonsOptions, parts: PersonsParts): Promise<PersonsDoor> {
  const { vocabulary = standardVocabulary, policy = null, clock, barrier } = parts
  // Without an issuer nobody has a token but whom this process gives one.
  const ownSecret = options.tokenSecret ?? randomBytes(32).toString('base64url')
  const secret = options.jwksUrl === null ? ownSecret : null
  let url = options.url === null ? '' : new URL(options.url).origin
  const { issuer, audience, tokenSeconds: longestSeconds } = options
  const token = { secret, jwksUrl: options.jwksUrl, issuer, audience, longestSeconds, clock }
  const door = createDoor({
    ...parts,
    vocabulary,
    verify: createPersonVerifier(token),
    responsible: options.responsible,
    settings: { ...options, url: () => url },
    effectivenessOf: async (revision, ms) => (await barrier.waitFor(revision, ms)).effective,
    exportReceipt: toConsentRecord,
    usesSeenFrom: (place) => usesSeenFrom(policy, place),
    globalPrivacyControl: heedPrivacyControl({ store: parts.store, vocabulary, policy }),
    refusePlace: (place) => refuseUnknownPlace(policy, place),
  })
  const app = servePersons([...door, ...createPreferences(parts.pageDir, options.loginUrl)], parts.log)
  await app.listen({ host: options.host, port: options.port })
  if (options.url === null) url = addressOf(app)
  return {
    app,
    url,
    tokenFor:
      secret === null || !options.isTrial ? null : (pid) => mintPersonToken(pid, { ...token, secret }),
  }
}

function addressOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
