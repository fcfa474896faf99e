import { CONNECTED_STEPS, recordKey } from './store.ts'
import type { ConnectedRecord, IdentityStore, ResolvedRecord, StoredDevice, StoredRecord } from './store.ts'

/** Everything in maps. For tests and for reading: what the other stores do in their own languages is said here plainly. */
export function createMemoryIdentityStore(): IdentityStore {
  /** Insertion order is the order of import; replacing an entry keeps its place. */
  const records = new Map<string, ResolvedRecord>()
  const positions = new Map<string, number>()

  const recordsOf = (pid: string): ResolvedRecord[] =>
    [...records.values()].filter((record) => record.pid === pid)
  const about = async <T>(pids: readonly string[], read: (own: ResolvedRecord[]) => T | undefined) =>
    new Map(
      [...new Set(pids)].flatMap((pid): [string, T][] => {
        const value = read(recordsOf(pid))
        return value === undefined ? [] : [[pid, value]]
      }),
    )

  return {
    records: (pids) => about(pids, (own) => nonEmpty(own.map(storedPart))),
    contacts: (pids) =>
      about(pids, (own) =>
        own.length === 0
          ? undefined
          : {
              email: own.find(({ email }) => email !== null)?.email ?? null,
              phone: own.find(({ phone }) => phone !== null)?.phone ?? null,
            },
      ),
    identifiers: (pids) =>
      about(pids, (own) =>
        nonEmpty(
          distinct(
            own.flatMap(({ identifiers, source }) =>
              identifiers
                .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
                .map(({ kind, token }) => ({ kind, token, source })),
            ),
            ({ kind, token, source }) => `${kind} ${token} ${source}`,
          ),
        ),
      ),
    devices: (pids) =>
      about(pids, (own) =>
        nonEmpty(
          distinct(own.flatMap((record) => record.devices).toSorted(seenLastFirst), (device) => device.id),
        ),
      ),
    accounts: (pids) =>
      about(pids, (own) =>
        nonEmpty(
          distinct(
            own.flatMap(({ account }) => account ?? []),
            (account) => account.id,
          ),
        ),
      ),
    households: (pids) =>
      about(pids, (own) => {
        const id = own.find((record) => record.household !== null)?.household
        if (id === undefined || id === null) return undefined
        const members = [...records.values()]
          .filter((record) => record.household === id)
          .map(({ pid }) => pid)
        return { id, members: [...new Set(members)].toSorted((a, b) => positionOf(a) - positionOf(b)) }
      }),

    async page(first, after) {
      const rest = [...positions].filter(([, position]) => position > after)
      const people = rest.slice(0, first).map(([pid, position]) => ({ pid, position }))
      return { people, hasNextPage: rest.length > first, total: positions.size }
    },
    async holders(tokens) {
      const found = tokens.map((token) => [token, pidsOf(holding(token))] as const)
      return new Map(found.filter(([, pids]) => pids.length > 0))
    },
    async owners(keys) {
      return new Map(
        keys.flatMap((key): [string, string][] => {
          const record = records.get(key)
          return record === undefined ? [] : [[key, record.pid]]
        }),
      )
    },
    async connected(pid) {
      const reached = new Map(recordsOf(pid).map((record) => [record, 0]))
      for (let distance = 1; distance <= CONNECTED_STEPS; distance += 1) {
        const tokens = new Set([...reached.keys()].flatMap((record) => tokensOf(record)))
        const next = [...tokens].flatMap(holding).filter((record) => !reached.has(record))
        for (const record of next) reached.set(record, distance)
      }
      const order = [...records.values()]
      return [...reached]
        .toSorted(([a, near], [b, far]) => near - far || order.indexOf(a) - order.indexOf(b))
        .map(([{ source, recordId, pid: owner }, distance]): ConnectedRecord => ({
          source,
          recordId,
          pid: owner,
          distance,
        }))
    },
    async write(batch) {
      for (const record of batch) {
        const key = recordKey(record)
        const pid = records.get(key)?.pid ?? record.pid
        if (!positions.has(pid)) positions.set(pid, positions.size + 1)
        records.set(key, { ...record, pid })
      }
    },
    async close() {},
  }

  function positionOf(pid: string): number {
    return positions.get(pid) ?? 0
  }
  function holding(token: string): ResolvedRecord[] {
    return [...records.values()].filter((record) => tokensOf(record).includes(token))
  }
}

const tokensOf = (record: ResolvedRecord): string[] => record.identifiers.map(({ token }) => token)
const pidsOf = (records: readonly ResolvedRecord[]): string[] => [...new Set(records.map(({ pid }) => pid))]
const nonEmpty = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined)

const distinct = <T>(list: readonly T[], keyOf: (item: T) => string): T[] => {
  const seen = new Set<string>()
  return list.filter((item) => {
    const isNew = !seen.has(keyOf(item))
    seen.add(keyOf(item))
    return isNew
  })
}

const seenLastFirst = (a: StoredDevice, b: StoredDevice): number => {
  if (a.lastSeen !== b.lastSeen) return a.lastSeen > b.lastSeen ? -1 : 1
  return a.id < b.id ? -1 : 1
}

const storedPart = (record: ResolvedRecord): StoredRecord => {
  const { source, recordId, givenName, familyName, dateOfBirth, region, language } = record
  return { source, recordId, givenName, familyName, dateOfBirth, region, language }
}
