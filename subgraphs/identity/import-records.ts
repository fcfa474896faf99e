import type { Named, Pseudonymizer, TokenKind, Tokens } from './pseudonyms/pseudonym.ts'
import { MOST_HOLDERS, arePossiblyOne } from './same-person.ts'
import type { CustomerRecord, IdentifierKind, IdentityStore, ResolvedRecord, StoredRecord } from './store.ts'
import { recordKey } from './store.ts'

export interface ImportResult {
  /** Record key → the pid it belongs to now. */
  readonly owners: ReadonlyMap<string, string>
  /** How many of the people did not exist before. */
  readonly newPeople: number
}

/**
 * Gives each record its person and writes them, in batches. Which person is decided one record after the other, from
 * what came before it, so the same records in the same order give the same people however they are cut into calls.
 *
 * A record belongs to the first person who holds one of its identifiers (an identifier held by more than `MOST_HOLDERS`
 * people counts for nothing) and none of whose records speaks against it; else to a new person. A record we already have
 * stays with its person. Two people who turn out to be one are left as two: a merge changes whose consent counts and
 * is not something an import does by the way. Imports into one store are made one after the other.
 */
export async function importRecords(
  records: readonly CustomerRecord[],
  store: IdentityStore,
  pseudonymizer: Pseudonymizer,
): Promise<ImportResult> {
  const owners = new Map<string, string>()
  let newPeople = 0
  for (let start = 0; start < records.length; start += BATCH) {
    // eslint-disable-next-line no-await-in-loop -- each batch is decided from the one before
    const drafts = await draftsOf(records.slice(start, start + BATCH), pseudonymizer)
    // eslint-disable-next-line no-await-in-loop
    const known = await knownAbout(drafts, store)
    const resolved = drafts.map((draft) => {
      const { pid, isNew } = personFor(draft, known)
      if (isNew) newPeople += 1
      owners.set(draft.key, pid)
      return remember(draft, pid, known)
    })
    // eslint-disable-next-line no-await-in-loop
    await store.write(lastOfEach(resolved))
  }
  return { owners, newPeople }
}

const BATCH = 2000

/** A record with its identifiers as tokens; it only lacks its person. */
interface Draft {
  readonly key: string
  /** The pid of the person it makes when it belongs to nobody yet. */
  readonly seed: string
  readonly record: Omit<ResolvedRecord, 'pid'>
  /** Under every known key: a person may be known by a token of an older one. */
  readonly lookups: readonly string[]
}

/** What this batch may be compared with: the stored people around it, and then those it makes itself. */
interface Known {
  readonly owners: Map<string, string>
  readonly holders: Map<string, string[]>
  readonly records: Map<string, Map<string, StoredRecord>>
}

/** All tokens of a batch are asked for at once. */
async function draftsOf(records: readonly CustomerRecord[], pseudonymizer: Pseudonymizer): Promise<Draft[]> {
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
function draftOf(record: CustomerRecord, ask: (named: Named) => () => Tokens): () => Draft {
  const id = (kind: TokenKind, value: string | undefined): (() => string | null) => {
    const tokens = ask({ kind, value: value ?? '' })
    return () => tokens().written[0] ?? null
  }
  const key = recordKey(record)
  const [seed, account, household] = [
    id('person', key),
    id('account', record.company),
    id('household', record.householdId),
  ]
  const identifiers = IDENTIFIERS.map(({ kind, domain, read }) => ({
    kind,
    tokens: ask({ kind: domain, value: read(record) ?? '', region: record.region }),
  }))
  const devices = record.devices.map((device) => ({ ...device, token: id('device', device.id) }))

  return () => {
    const [pid, accountId] = [seed(), account()]
    if (pid === null) throw new TypeError('A record has no name that can be kept')
    const kept: Draft['record'] = {
      source: record.source,
      recordId: record.recordId,
      givenName: textOf(record.givenName) ?? '',
      familyName: textOf(record.familyName) ?? '',
      email: textOf(record.email),
      phone: textOf(record.phone),
      dateOfBirth: textOf(record.dateOfBirth),
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
      account: accountId === null ? null : { id: accountId, name: textOf(record.company) ?? '' },
    }
    return { key, seed: pid, record: kept, lookups: identifiers.flatMap(({ tokens }) => tokens().sought) }
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

async function knownAbout(drafts: readonly Draft[], store: IdentityStore): Promise<Known> {
  const [owners, holders] = await Promise.all([
    store.owners(drafts.map((draft) => draft.key)),
    store.holders([...new Set(drafts.flatMap((draft) => draft.lookups))]),
  ])
  // Owners too: a person must be known whole before another record is held against theirs.
  const records = await store.records([...new Set([...owners.values(), ...[...holders.values()].flat()])])
  return {
    owners: new Map(owners),
    holders: new Map([...holders].map(([token, pids]) => [token, [...pids]])),
    records: new Map(
      [...records].map(([pid, list]) => [pid, new Map(list.map((record) => [recordKey(record), record]))]),
    ),
  }
}

function personFor(draft: Draft, known: Known): { pid: string; isNew: boolean } {
  const owner = known.owners.get(draft.key)
  if (owner !== undefined) return { pid: owner, isNew: false }
  for (const token of draft.lookups) {
    const holders = known.holders.get(token) ?? []
    if (holders.length > MOST_HOLDERS) continue
    const match = holders.find((pid) => isPossiblyTheirs(draft.record, known.records.get(pid)))
    if (match !== undefined) return { pid: match, isNew: false }
  }
  // Named after the first of the person's records, so a second import of the same data into an empty store
  // gives the same pids, and nothing about the person can be read from one.
  return { pid: draft.seed, isNew: true }
}

const isPossiblyTheirs = (
  draft: Draft['record'],
  records: ReadonlyMap<string, StoredRecord> | undefined,
): boolean => records !== undefined && [...records.values()].every((record) => arePossiblyOne(draft, record))

/** What the rest of the batch has to know of this record. */
function remember({ key, record }: Draft, pid: string, known: Known): ResolvedRecord {
  const resolved: ResolvedRecord = { ...record, pid }
  known.owners.set(key, pid)
  const records = known.records.get(pid) ?? new Map<string, StoredRecord>()
  known.records.set(pid, records.set(key, resolved))
  for (const { token } of record.identifiers) {
    const holders = known.holders.get(token) ?? []
    known.holders.set(token, holders.includes(pid) ? holders : [...holders, pid])
  }
  return resolved
}

/** A source may repeat a record within one batch; the later one counts. */
const lastOfEach = (records: readonly ResolvedRecord[]): ResolvedRecord[] => [
  ...new Map(records.map((record) => [recordKey(record), record])).values(),
]
