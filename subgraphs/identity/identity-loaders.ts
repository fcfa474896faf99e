import DataLoader from 'dataloader'
import { ANONYMOUS } from '../../directives/grant.ts'
import { codedError } from '../coded-error.ts'
import { type Customer, customerOf } from './customer.ts'
import type { EndedRedirects } from './ended-redirects.ts'
import type { RecordNode } from './graph/decision.ts'
import type {
  IdentityStore,
  StoredAccount,
  StoredDevice,
  StoredHousehold,
  StoredIdentifier,
  StoredRecord,
} from './store.ts'
import { pidsNow } from './pids-now.ts'
import { type PidThen, recordsThen } from './records-then.ts'
import type { Pseudonymizer } from './pseudonyms/pseudonym.ts'
import type { RawRecord } from './vault/raw-record.ts'
import type { Vault } from './vault/vault.ts'

/** Reads of one request, gathered into one question to the store each. */
export interface IdentityLoaders {
  readonly customers: DataLoader<string, Customer | null>
  /** What the vault has of a person, in the order of the records; opened only for who asks for a value. */
  readonly raw: DataLoader<string, readonly RawRecord[]>
  /** The same of the records that made the person at a past time, as far as they are theirs still. */
  readonly rawThen: DataLoader<PidThen, readonly RawRecord[] | null, string>
  /** The same of one record, by its name. */
  readonly rawRecords: DataLoader<string, RawRecord | null>
  readonly identifiers: DataLoader<string, readonly StoredIdentifier[] | null>
  readonly devices: DataLoader<string, readonly StoredDevice[] | null>
  readonly accounts: DataLoader<string, readonly StoredAccount[] | null>
  readonly households: DataLoader<string, StoredHousehold | null>
  /** Asked pid → the pid of the person it leads to. */
  readonly currentPids: DataLoader<string, string | null>
  /** By their numbers. */
  readonly nodes: DataLoader<number, RecordNode | null>
  readonly partnerPids: DataLoader<KnownTo, string, string>
}

/** A person as one client knows them. */
interface KnownTo {
  readonly client: string
  /** Any pid of the person: who was merged or renamed is still one person to the client. */
  readonly pid: string
}

interface LoaderParts {
  readonly store: IdentityStore
  readonly vault: Pick<Vault, 'open'>
  readonly pseudonymizer: Pick<Pseudonymizer, 'partnerPids'>
  /** Null: a pid that lost a merge leads on for good. */
  readonly redirects: EndedRedirects | null
}

export function loadersOver({ store, vault, pseudonymizer, redirects }: LoaderParts): IdentityLoaders {
  const records = byPid<readonly StoredRecord[]>((pids) => store.records(pids))
  const rawRecords = rawValues(vault)
  const currentPidsOf = byPid((pids) => store.look((graph) => pidsNow(graph, pids)))
  const customers = new DataLoader<string, Customer | null>(async (pids) => {
    const owned = await records.loadMany(pids)
    const ended = redirects === null ? NONE : await redirects(await lostAmong(pids, currentPidsOf))
    return owned.map((own, index) => {
      const pid = pids[index] ?? ''
      if (own === null || isError(own)) return own
      return ended.has(pid) ? null : customerOf(pid, own)
    })
  })
  /** A known person without any has an empty list; nobody has null. */
  const listOf = <T>(read: Read<readonly T[]>) =>
    byPid<readonly T[]>(async (pids) => {
      const [lists, known] = await Promise.all([read(pids), customers.loadMany(pids)])
      return new Map(
        pids.flatMap((pid, index) => (known[index] === null ? [] : [[pid, lists.get(pid) ?? []]])),
      )
    })
  return {
    customers,
    rawRecords,
    raw: new DataLoader(async (pids) => {
      const owned = await records.loadMany(pids)
      return Promise.all(
        owned.map(async (own) => (isError(own) ? own : openAll(namesOf(own ?? []), rawRecords))),
      )
    }),
    rawThen: rawThenBy(store, rawRecords),
    identifiers: listOf((pids) => store.identifiers(pids)),
    devices: listOf((pids) => store.devices(pids)),
    accounts: listOf((pids) => store.accounts(pids)),
    households: byPid((pids) => store.households(pids)),
    currentPids: currentPidsOf,
    nodes: new DataLoader(async (ids) => {
      const found = await store.look((graph) => graph.byId(ids))
      const nodes = new Map(found.map((node) => [node.id, node]))
      return ids.map((id) => nodes.get(id) ?? null)
    }),
    partnerPids: partnerPidsBy(pseudonymizer, currentPidsOf),
  }
}

const NONE: ReadonlySet<string> = new Set()

/** Those that lead to somebody who has another pid. */
async function lostAmong(
  pids: readonly string[],
  currentPids: IdentityLoaders['currentPids'],
): Promise<readonly string[]> {
  const current = await currentPids.loadMany(pids)
  const failed = current.find(isError)
  if (failed !== undefined) throw failed
  return pids.filter((pid, index) => current[index] !== null && current[index] !== pid)
}

const partnerPidsBy = (
  pseudonymizer: LoaderParts['pseudonymizer'],
  current: IdentityLoaders['currentPids'],
): IdentityLoaders['partnerPids'] =>
  new DataLoader(
    async (known) => {
      const pids = await Promise.all(known.map(async ({ pid }) => (await current.load(pid)) ?? pid))
      // A request comes from one client, so this is one question.
      const clients = new Map<string, readonly string[]>()
      for (const { client } of known)
        if (!clients.has(client))
          // oxlint-disable-next-line no-await-in-loop
          clients.set(client, await pseudonymizer.partnerPids(client, pids))
      return known.map(({ client }, index) => clients.get(client)?.[index] ?? '')
    },
    { cacheKeyFn: ({ client, pid }) => `${client}\0${pid}` },
  )

const rawThenBy = (
  store: IdentityStore,
  rawRecords: IdentityLoaders['rawRecords'],
): IdentityLoaders['rawThen'] =>
  new DataLoader(
    async (asked) => {
      const known = asked.filter(({ pid }) => isSomebody(pid))
      const named = await store.look((graph) => Promise.all(known.map((one) => recordsThen(graph, one))))
      const then = new Map(known.map((one, index) => [one, named[index] ?? null]))
      return Promise.all(
        asked.map(async (one) => {
          const names = then.get(one) ?? null
          return names === null ? null : openAll(names, rawRecords)
        }),
      )
    },
    { cacheKeyFn: ({ pid, at }) => `${pid}\0${at}` },
  )

const namesOf = (records: readonly StoredRecord[]): readonly string[] =>
  records.map(({ recordId }) => recordId)

async function openAll(
  names: readonly string[],
  rawRecords: IdentityLoaders['rawRecords'],
): Promise<readonly RawRecord[] | Error> {
  const opened = await rawRecords.loadMany(names)
  return opened.find(isError) ?? opened.flatMap((value) => (value === null || isError(value) ? [] : [value]))
}

/** By the name of the record. One that is not as it was sealed is an error of those who asked for it. */
const rawValues = (vault: Pick<Vault, 'open'>): DataLoader<string, RawRecord | null> =>
  new DataLoader<string, RawRecord | null>(async (names) => {
    const { records, refused } = await vault.open(names)
    const isRefused = new Set(refused)
    return names.map((name) =>
      isRefused.has(name) ? codedError('VAULT_ENTRY_REFUSED', name) : (records.get(name) ?? null),
    )
  })

const isError = (value: unknown): value is Error => value instanceof Error

type Read<T> = (pids: readonly string[]) => Promise<ReadonlyMap<string, T>>

/** Answers by name, not by place: what the store says about somebody can only reach who asked about them. */
const byPid = <T>(read: Read<T>): DataLoader<string, T | null> =>
  new DataLoader(async (pids) => {
    const somebody = pids.filter(isSomebody)
    const found = somebody.length > 0 ? await read(somebody) : new Map<string, T>()
    return pids.map((pid) => found.get(pid) ?? null)
  })

/** Other text is nobody's pid, and some of it no database takes. */
const isSomebody = (pid: unknown): boolean =>
  typeof pid === 'string' && pid !== ANONYMOUS && /^[\w-]{1,128}$/.test(pid)
