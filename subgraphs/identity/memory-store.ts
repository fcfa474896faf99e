import type { GraphReader } from './graph/graph-port.ts'
import { emptyGraph, type MemoryGraph, readMemoryGraph, writeMemoryGraph } from './memory-graph.ts'
import { renameInMemory } from './memory-rename.ts'
import { CONNECTED_STEPS, MOST_CARRIERS, recordKey } from './store.ts'
import type {
  ConnectedRecord,
  IdentityStore,
  IdentityWriter,
  ResolvedRecord,
  StoredDevice,
  StoredHousehold,
  StoredIdentifier,
  StoredRecord,
} from './store.ts'

/** Everything in maps. For tests and for reading: what the other stores do in their own languages is said here plainly. */
export function createMemoryIdentityStore(): IdentityStore {
  const identity: Identity = { records: new Map(), graph: emptyGraph(), keys: new Map(), seeds: new Map() }
  const reader: GraphReader = { ...readMemoryGraph(identity.graph), ...readFacts(identity) }
  const writer: IdentityWriter = {
    ...reader,
    ...writeMemoryGraph(identity.graph),
    ...writeRecords(identity),
    ...renameInMemory(identity),
  }
  let turn: Promise<unknown> = Promise.resolve()
  return {
    ...readPeople(identity),
    ...readAll(identity),
    look: (work) => work(reader),
    change(work) {
      const mine = turn.then(() => work(writer))
      turn = mine.catch(() => undefined)
      return mine
    },
    async close() {},
  }
}

/** What records say by their number, which is their order; who owns them, in the graph. */
interface Identity {
  readonly records: Map<number, Said>
  readonly graph: MemoryGraph
  /** Numbers by record key, and by seed, those of before a change of keys among them. */
  readonly keys: Map<string, number>
  readonly seeds: Map<string, number>
}

type Said = Omit<ResolvedRecord, 'pid' | 'seed'>
type Own = Said & { readonly pid: string; readonly id: number }

function writeRecords({
  records,
  graph,
  keys,
  seeds,
}: Identity): Pick<IdentityWriter, 'putRecords' | 'markGone'> {
  return {
    async putRecords(batch, at) {
      return batch.map(({ pid, seed, ...said }) => {
        const key = recordKey(said)
        const known = graph.nodes.get(keys.get(key) ?? 0)
        const id = known?.id ?? graph.nodes.size + 1
        records.set(id, said)
        if (known !== undefined) return known
        const gone = graph.nodes.get(seeds.get(seed) ?? 0)
        if (gone !== undefined) graph.nodes.set(gone.id, { ...gone, seed: `${seed}~${gone.id}`, pid: null })
        const wasPerson = pid === seed
        const node = { id, key, seed, pid, wasPerson, since: at, goneAt: null, heirBy: null }
        graph.nodes.set(id, node)
        keys.set(key, id)
        seeds.set(seed, id)
        return node
      })
    },
    async markGone(id, { at, heirBy }) {
      const node = graph.nodes.get(id)
      if (node !== undefined) graph.nodes.set(id, { ...node, key: null, goneAt: at, heirBy })
      if (node?.key !== undefined && node.key !== null) keys.delete(node.key)
      records.delete(id)
    },
  }
}

type GraphReads = 'page' | 'holders' | 'carriers' | 'owners' | 'connected'

function readPeople(identity: Identity): Omit<IdentityStore, GraphReads | 'look' | 'change' | 'close'> {
  const about = async <T>(pids: readonly string[], read: (own: Own[]) => T | undefined) =>
    new Map(
      [...new Set(pids)].flatMap((pid): [string, T][] => {
        const own = recordsOf(identity, pid)
        const value = own.length > 0 ? read(own) : undefined
        return value === undefined ? [] : [[pid, value]]
      }),
    )
  return {
    records: (pids) => about(pids, (own) => own.map(storedPart)),
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
        const accounts = own.flatMap(({ account: id, recordId: record }) =>
          id === null ? [] : [{ id, record }],
        )
        return distinct(accounts, (account) => account.id)
      }),
    households: (pids) => about(pids, (own) => householdOf(identity, own)),
  }
}

function readAll(identity: Identity): Pick<IdentityStore, GraphReads> {
  return {
    async page(first, after) {
      const people = [...identity.graph.nodes.values()].filter(
        ({ key, pid, seed }) => key !== null && pid === seed,
      )
      const rest = people.filter(({ id }) => id > after)
      return {
        people: rest.slice(0, first).map(({ seed: pid, id: position }) => ({ pid, position })),
        hasNextPage: rest.length > first,
        total: people.length,
      }
    },
    async holders(tokens) {
      const all = ownedRecords(identity)
      const found = tokens.map((token) => [token, pidsOf(holding(all, token))] as const)
      return new Map(found.filter(([, pids]) => pids.length > 0))
    },
    async carriers(tokens) {
      const all = ownedRecords(identity)
      const found = tokens.map((token) => {
        const carriers = holding(all, token).slice(0, MOST_CARRIERS)
        return [token, carriers.map((record) => ({ key: recordKey(record), pid: record.pid }))] as const
      })
      return new Map(found.filter(([, carriers]) => carriers.length > 0))
    },
    async owners(keys) {
      const wanted = new Set(keys)
      const owned = ownedRecords(identity).filter((record) => wanted.has(recordKey(record)))
      return new Map(owned.map((record) => [recordKey(record), record.pid]))
    },
    async connected(pid) {
      const all = ownedRecords(identity)
      const reached = new Map(recordsOf(identity, pid).map((record) => [record.id, { record, distance: 0 }]))
      for (let distance = 1; distance <= CONNECTED_STEPS; distance += 1) {
        const tokens = new Set([...reached.values()].flatMap(({ record }) => tokensOf(record)))
        const next = all.filter(
          (record) => !reached.has(record.id) && tokensOf(record).some((token) => tokens.has(token)),
        )
        for (const record of next) reached.set(record.id, { record, distance })
      }
      return [...reached.values()]
        .toSorted((one, other) => one.distance - other.distance || one.record.id - other.record.id)
        .map(({ record, distance }) => connection(record, distance))
    },
  }
}

const readFacts = ({ records, graph, seeds }: Identity): Pick<GraphReader, 'facts' | 'bySeed'> => ({
  async bySeed(pids) {
    const wanted = new Set(pids.map((pid) => seeds.get(pid)))
    return [...graph.nodes.values()].filter(({ id }) => wanted.has(id))
  },
  async facts(ids) {
    const wanted = new Set(ids)
    return [...records]
      .filter(([id]) => wanted.has(id))
      .map(([id, { identifiers, household, account, devices, says }]) => ({
        id,
        says,
        identifiers: identifiers.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
        household,
        account,
        devices: [...new Set(devices.map((device) => device.id))].toSorted(),
      }))
  },
})

const ownedRecords = ({ records, graph }: Identity): Own[] =>
  [...records].flatMap(([id, said]) => {
    const pid = graph.nodes.get(id)?.pid ?? null
    return pid === null ? [] : [{ ...said, id, pid }]
  })

const recordsOf = (identity: Identity, asked: string): Own[] => {
  const node = identity.graph.nodes.get(identity.seeds.get(asked) ?? 0)
  return ownedRecords(identity).filter(({ pid }) => pid === node?.pid)
}

const holding = (all: readonly Own[], token: string): Own[] =>
  all.filter((record) => tokensOf(record).includes(token))

function householdOf(identity: Identity, own: readonly Own[]): StoredHousehold | undefined {
  const id = own.find((record) => record.household !== null)?.household
  if (id === undefined || id === null) return undefined
  const members = new Set(pidsOf(ownedRecords(identity).filter((record) => record.household === id)))
  // By the number of the record a pid is the seed of, which is the person's position.
  const position = (pid: string): number => identity.seeds.get(pid) ?? 0
  return { id, members: [...members].toSorted((one, other) => position(one) - position(other)) }
}

const connection = ({ source, recordId, pid }: Own, distance: number): ConnectedRecord => ({
  source,
  recordId,
  pid,
  distance,
})

const identifiersOf = ({ identifiers, source }: Own): StoredIdentifier[] =>
  identifiers
    .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
    .map(({ kind, token }) => ({ kind, token, source }))

const tokensOf = (record: Own): string[] => record.identifiers.map(({ token }) => token)
const pidsOf = (records: readonly Own[]): string[] => [...new Set(records.map(({ pid }) => pid))]

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

const storedPart = (record: Own): StoredRecord => {
  const { source, recordId, region, language } = record
  return { source, recordId, region, language }
}
