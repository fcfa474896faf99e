import type { Named, Pseudonymizer, TokenKind, Tokens } from './pseudonyms/pseudonym.ts'
import { rawOf } from './raw-of.ts'
import { type Traits, traitsOf } from './same-person.ts'
import { fieldsSaid } from './customer.ts'
import { saysNobody } from './says-nobody.ts'
import { type CustomerRecord, type IdentifierKind, type ResolvedRecord, recordKey } from './store.ts'

/** A record with its identifiers as tokens; it only lacks its person. */
export interface Draft {
  readonly key: string
  readonly traits: Traits
  readonly record: Omit<ResolvedRecord, 'pid'>
  /** What it may be joined by, under every known key: a person may be known by a token of an older one. */
  readonly lookups: readonly Lookup[]
}

export interface Lookup {
  readonly kind: IdentifierKind
  readonly token: string
}

/** A record that came, and what it is called outside the vault. */
export interface NamedRecord {
  readonly name: string
  readonly record: CustomerRecord
}

/** All tokens of a batch are asked for at once. */
export async function draftsOf(
  records: readonly NamedRecord[],
  pseudonymizer: Pseudonymizer,
): Promise<readonly Draft[]> {
  const asked: Named[] = []
  let made: readonly Tokens[] = []
  const ask = (named: Named): (() => Tokens) => {
    const index = asked.push(named) - 1
    return () => made[index] ?? NO_TOKENS
  }
  const drafts = records.map((record) => draftOf(record, ask))
  made = await pseudonymizer.tokens(asked)
  return drafts.map((finish) => finish())
}

const NO_TOKENS: Tokens = { written: [], sought: [] }

/** The draft as it will be when the tokens that it asks for are made. */
function draftOf({ name, record }: NamedRecord, ask: (named: Named) => () => Tokens): () => Draft {
  const id = (kind: TokenKind, value: string | undefined): (() => string | null) => {
    const tokens = ask({ kind, value: value ?? '' })
    return () => tokens().written[0] ?? null
  }
  const key = recordKey({ source: record.source, recordId: name })
  const [seed, account, household] = [
    id('person', recordKey(record)),
    id('account', record.company),
    id('household', record.householdId),
  ]
  const identifiers = IDENTIFIERS.map(({ kind, domain, read }) => ({
    kind,
    tokens: ask({ kind: domain, value: read(record) ?? '', region: record.region }),
    isNobodys: saysNobody(kind, read(record) ?? ''),
  }))
  const devices = record.devices.map((device) => ({ ...device, token: id('device', device.id) }))

  return () => {
    const pid = seed()
    if (pid === null) throw new TypeError('A record has no name that can be kept')
    const kept: Draft['record'] = {
      // Named after the record, so a second import of the same data into an empty store gives the same pids, and
      // nothing about the person can be read from one.
      seed: pid,
      source: record.source,
      recordId: name,
      region: textOf(record.region),
      language: textOf(record.language),
      identifiers: identifiers.flatMap(({ kind, tokens }) =>
        tokens().written.map((token) => ({ kind, token })),
      ),
      devices: devices.flatMap(({ token, kind, lastSeen }) => {
        const [deviceId, seen] = [token(), Date.parse(lastSeen)]
        return deviceId === null || Number.isNaN(seen)
          ? []
          : [{ id: deviceId, kind: textOf(kind) ?? '', lastSeen: new Date(seen).toISOString() }]
      }),
      household: household(),
      account: account(),
      says: fieldsSaid(rawOf(record)),
    }
    const lookups = identifiers.flatMap(({ kind, tokens, isNobodys }) =>
      isNobodys ? [] : tokens().sought.map((token) => ({ kind, token })),
    )
    return { key, traits: traitsOf(record), record: kept, lookups }
  }
}

/** A zero character cannot be kept in every store. */
const textOf = (value: string | undefined): string | null => value?.replaceAll('\0', '').trim() || null

interface IdentifierSource {
  readonly kind: IdentifierKind
  readonly domain: TokenKind
  readonly read: (record: CustomerRecord) => string | undefined
}

const IDENTIFIERS: readonly IdentifierSource[] = [
  { kind: 'EMAIL', domain: 'email', read: (record) => record.email },
  { kind: 'PHONE', domain: 'phone', read: (record) => record.phone },
  { kind: 'LOYALTY', domain: 'loyalty', read: (record) => record.loyalty },
]
