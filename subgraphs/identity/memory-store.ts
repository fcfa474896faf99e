import { CONNECTED_STEPS, recordKey } from './store.ts'
import type {
  ConnectedRecord,
  IdentityStore,
  ResolvedRecord,
  StoredDevice,
  StoredHousehold,
  StoredIdentifier,
  StoredRecord,
} from './store.ts'

/** Everything in maps. For tests and for reading: what the other stores do in their own languages is said here plainly. */
export function createMemoryIdentityStore(): IdentityStore {
  const graph: Graph = { records: new Map(), positions: new Map() }
  return {
    ...readPeople(graph),
    ...readGraph(graph),
    async write(batch) {
      for (const record of batch) {
        const key = recordKey(record)
        const pid = graph.records.get(key)?.pid ?? record.pid
        if (!graph.positions.has(pid)) graph.positions.set(pid, graph.positions.size + 1)
        graph.records.set(key, { ...record, pid })
      }
    },
    async close() {},
  }
}

/** Insertion order is the order of import; replacing an entry keeps its place. */
interface Graph {
  readonly records: Map<string, ResolvedRecord>
  readonly positions: Map<string, number>
}

type GraphReads = 'page' | 'holders' | 'owners' | 'connected'

function readPeople(graph: Graph): Omit<IdentityStore, GraphReads | 'write' | 'close'> {
  const about = async <T>(pids: readonly string[], read: (own: ResolvedRecord[]) => T | undefined) =>
    new Map(
      [...new Set(pids)].flatMap((pid): [string, T][] => {
        const own = recordsOf(graph, pid)
        const value = own.length > 0 ? read(own) : undefined
        return value === undefined ? [] : [[pid, value]]
      }),
    )
  return {
    records: (pids) => about(pids, (own) => own.map(storedPart)),
    contacts: (pids) =>
      about(pids, (own) => ({
        email: own.find(({ email }) => email !== null)?.email ?? null,
        phone: own.find(({ phone }) => phone !== null)?.phone ?? null,
      })),
    identifiers: (pids) =>
      about(pids, (own) =>
        distinct(own.flatMap(identifiersOf), ({ kind, token, source }) => `${kind} ${token} ${source}`),
      ),
    devices: (pids) =>
      about(pids, (own) => {
        const seen = own.flatMap((record) => record.devices).toSorted(seenLastFirst)
        return distinct(seen, (device) => device.id)
      }),
    accounts: (pids) =>
      about(pids, (own) => {
        const accounts = own.flatMap(({ account }) => account ?? [])
        return distinct(accounts, (account) => account.id)
      }),
    households: (pids) => about(pids, (own) => householdOf(graph, own)),
  }
}

function readGraph(graph: Graph): Pick<IdentityStore, GraphReads> {
  return {
    async page(first, after) {
      const rest = [...graph.positions].filter(([, position]) => position > after)
      const people = rest.slice(0, first).map(([pid, position]) => ({ pid, position }))
      return { people, hasNextPage: rest.length > first, total: graph.positions.size }
    },
    async holders(tokens) {
      const found = tokens.map((token) => [token, pidsOf(holding(graph, token))] as const)
      return new Map(found.filter(([, pids]) => pids.length > 0))
    },
    async owners(keys) {
      const found = keys.map((key) => [key, graph.records.get(key)?.pid] as const)
      return new Map(
        found.flatMap(([key, pid]): [string, string][] => (pid === undefined ? [] : [[key, pid]])),
      )
    },
    async connected(pid) {
      const reached = new Map(recordsOf(graph, pid).map((record) => [record, 0]))
      for (let distance = 1; distance <= CONNECTED_STEPS; distance += 1) {
        const tokens = new Set([...reached.keys()].flatMap(tokensOf))
        const next = [...tokens]
          .flatMap((token) => holding(graph, token))
          .filter((record) => !reached.has(record))
        for (const record of next) reached.set(record, distance)
      }
      const order = [...graph.records.values()]
      return [...reached]
        .toSorted(([a, near], [b, far]) => near - far || order.indexOf(a) - order.indexOf(b))
        .map(([record, distance]) => connection(record, distance))
    },
  }
}

const recordsOf = (graph: Graph, pid: string): ResolvedRecord[] =>
  [...graph.records.values()].filter((record) => record.pid === pid)

const holding = (graph: Graph, token: string): ResolvedRecord[] =>
  [...graph.records.values()].filter((record) => tokensOf(record).includes(token))

function householdOf(
  { records, positions }: Graph,
  own: readonly ResolvedRecord[],
): StoredHousehold | undefined {
  const id = own.find((record) => record.household !== null)?.household
  if (id === undefined || id === null) return undefined
  const members = pidsOf([...records.values()].filter((record) => record.household === id))
  return { id, members: members.toSorted((a, b) => (positions.get(a) ?? 0) - (positions.get(b) ?? 0)) }
}

const connection = ({ source, recordId, pid }: ResolvedRecord, distance: number): ConnectedRecord => ({
  source,
  recordId,
  pid,
  distance,
})

const identifiersOf = ({ identifiers, source }: ResolvedRecord): StoredIdentifier[] =>
  identifiers
    .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
    .map(({ kind, token }) => ({ kind, token, source }))

const tokensOf = (record: ResolvedRecord): string[] => record.identifiers.map(({ token }) => token)
const pidsOf = (records: readonly ResolvedRecord[]): string[] => [...new Set(records.map(({ pid }) => pid))]

/** The first of each; nothing at all rather than an empty list. */
const distinct = <T>(list: readonly T[], keyOf: (item: T) => string): T[] | undefined => {
  const firsts = new Map<string, T>()
  for (const item of list) if (!firsts.has(keyOf(item))) firsts.set(keyOf(item), item)
  return firsts.size > 0 ? [...firsts.values()] : undefined
}

const seenLastFirst = (a: StoredDevice, b: StoredDevice): number => {
  if (a.lastSeen !== b.lastSeen) return a.lastSeen > b.lastSeen ? -1 : 1
  return a.id < b.id ? -1 : 1
}

const storedPart = (record: ResolvedRecord): StoredRecord => {
  const { source, recordId, givenName, familyName, dateOfBirth, region, language } = record
  return { source, recordId, givenName, familyName, dateOfBirth, region, language }
}
