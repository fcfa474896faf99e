import { createHash } from 'node:crypto'
import { type GivenKeys, givenKeys } from './given-keys.ts'
import type { KeyState, TokenFormat } from './key-book.ts'
import type { KeyRing } from './key-ring.ts'
import { LONGEST_MESSAGE } from './kms.ts'
import {
  exactName,
  NORMALISER_VERSION,
  normaliseEmail,
  normaliseId,
  normaliseLoyalty,
  normalisePhone,
} from './normalise.ts'

/**
 * Keyed, versioned tokens in place of what names a person (ENISA, "Pseudonymisation techniques and best practices", 2019,
 * §5.1: a keyed hash, since e-mail addresses and phone numbers can be guessed one by one against a plain one).
 *
 * A token reads `e1_…`: kind, version of its key, HMAC-SHA-256 as base64url. What is hashed names kind, tenant and
 * version of the spelling rules before the value, so that equal values of different kinds or tenants have nothing in
 * common. Whoever may ask freely can try out values: callers limit and record how often (see `resolve-limit.ts`).
 */
export interface Pseudonymizer {
  /** In the order asked; the key ring is asked once a key for all of them together. */
  tokens(asked: readonly Named[]): Promise<readonly Tokens[]>
  /** The pids that this partner knows these people by: two partners cannot tell who of theirs is one. */
  partnerPids(partner: string, pids: readonly string[]): Promise<readonly string[]>
}

export type TokenKind = 'person' | 'email' | 'phone' | 'loyalty' | 'device' | 'household' | 'account'

export interface Named {
  readonly kind: TokenKind
  readonly value: string
  /** Whose national phone numbers these are, when the number does not say it. ISO 3166-1 alpha-2. */
  readonly region?: string
}

/** Both empty when the value cannot be of its kind. */
export interface Tokens {
  /** Under every writing key, the newest first: what is kept, and the first is the name. */
  readonly written: readonly string[]
  /** Under every key that is not retired, the newest first: what a value may be known as. */
  readonly sought: readonly string[]
}

export type PseudonymOptions = (GivenKeys | { readonly ring: MacRing }) & {
  /** Whose graph this is, when several share a key. */
  readonly tenant?: string
  /** The country of a phone number written without `+` when nothing else says it. ISO 3166-1 alpha-2. */
  readonly defaultRegion?: string
}

/** There is no other way to a token than through a key ring: nothing here holds a key. */
export function createPseudonymizer(options: PseudonymOptions): Pseudonymizer {
  const { tenant = '', defaultRegion = '' } = options
  const ring = 'ring' in options ? options.ring : givenKeys(options)
  if (tenant.includes('\0')) throw new RangeError('A tenant is a name without zero characters')
  const messageOf = ({ kind, value, region }: Named, format: TokenFormat): Buffer | null => {
    if (isCompact(kind, format)) return compactMessage(value)
    const normal = NORMALISERS[kind](value, region || defaultRegion, format)
    return normal === null ? null : domainMessage([kind, tenant, spelling(kind, format)], normal)
  }

  return {
    async tokens(asked) {
      const keys = (await ring.keys()).filter(({ state }) => state !== 'retired')
      const made = await Promise.all(
        keys.map(async (key) => ({ key, tokens: await tokensUnder(ring, key, asked, messageOf) })),
      )
      return asked.map((_, index) => {
        const sought = made.flatMap(({ key, tokens }) => {
          const token = tokens[index]
          return token == null ? [] : [{ token, isWritten: key.state === 'writing' }]
        })
        return {
          written: sought.flatMap(({ token, isWritten }) => (isWritten ? [token] : [])),
          sought: sought.map(({ token }) => token),
        }
      })
    },
    async partnerPids(partner, pids) {
      const key = (await ring.keys()).find(({ state }) => state === 'writing')
      if (key === undefined) throw new RangeError('No pseudonym key is writing')
      const messages = pids.map((pid) => domainMessage(['partner', tenant, partner], pid))
      return (await ring.mac(key.version, messages)).map((mac) => written('x', key, mac))
    },
  }
}

/** Of a token, the version of its key; null for one that does not tell. */
export function versionOf(token: string): number | null {
  const version = /^[a-z]([1-9]\d{0,9})_/.exec(token)?.[1]
  return version === undefined ? null : Number(version)
}

type MacRing = Pick<KeyRing, 'keys' | 'mac'>

type MessageOf = (named: Named, format: TokenFormat) => Buffer | null

/** Null where the value cannot be of its kind. */
async function tokensUnder(
  ring: MacRing,
  key: KeyState,
  asked: readonly Named[],
  messageOf: MessageOf,
): Promise<readonly (string | null)[]> {
  const messages = asked.map((named) => messageOf(named, key.format))
  const macs = await ring.mac(
    key.version,
    messages.filter((message) => message !== null),
  )
  let next = 0
  return asked.map(({ kind }, index) => {
    const mac = messages[index] === null ? undefined : macs[next++]
    if (mac === undefined) return null
    return isCompact(kind, key.format) ? mac.toString('base64url') : written(PREFIXES[kind], key, mac)
  })
}

const written = (prefix: string, { version }: KeyState, mac: Buffer): string =>
  `${prefix}${version}_${mac.toString('base64url')}`

const PREFIXES: Readonly<Record<TokenKind, string>> = {
  person: 'p',
  email: 'e',
  phone: 't',
  loyalty: 'l',
  device: 'd',
  household: 'h',
  account: 'a',
}

type Normalise = (value: string, region: string, format: TokenFormat) => string | null

const NORMALISERS: Readonly<Record<TokenKind, Normalise>> = {
  person: exactName,
  email: (value, _, { email }) => normaliseEmail(value, email),
  phone: normalisePhone,
  loyalty: normaliseLoyalty,
  device: normaliseId,
  household: normaliseId,
  account: normaliseId,
}

const spelling = (kind: TokenKind, { email }: TokenFormat): string =>
  kind === 'email' ? `${NORMALISER_VERSION}/${email}` : NORMALISER_VERSION

/** The value stands last, and nothing before it holds a zero character: no two domains make the same message. */
function domainMessage(domain: readonly string[], value: string): Buffer {
  const message = Buffer.from(['assent', ...domain, value].join('\0'))
  if (message.length <= LONGEST_MESSAGE) return message
  const digest = createHash('sha256').update(value).digest('hex')
  return Buffer.from(['assent', ...domain, 'sha256', digest].join('\0'))
}

const isCompact = (kind: TokenKind, { mode }: TokenFormat): boolean =>
  kind === 'email' && mode === 'compact-email'

/** Just what the systems hash that share this key: lower case and nothing else. It holds no zero, so it is no other kind's message. */
function compactMessage(value: string): Buffer | null {
  return normaliseEmail(value) === null ? null : Buffer.from(value.toLowerCase().trim())
}
