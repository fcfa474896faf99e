import type { Basis, ConsentReceipts } from '../../../subgraphs/events/consent-receipts.ts'
import type { ContractBook, FlowContract } from '../../../subgraphs/events/contract-book.ts'
import type { EventStore } from '../../../subgraphs/events/event-store.ts'
import { createFlow, type Flow, type FlowOptions } from '../../../subgraphs/events/flow.ts'
import { createFlowCounters, type ReadableCounters } from '../../../subgraphs/events/flow-counters.ts'
import { createMemoryEventStore } from '../../../subgraphs/events/memory-event-store.ts'
import type { WhoIs } from '../../../subgraphs/events/pseudonymise.ts'
import { createMemoryQuarantine } from '../../../subgraphs/events/quarantine/memory-quarantine.ts'
import { createPayloadSeal } from '../../../subgraphs/events/quarantine/payload-seal.ts'
import type { QuarantineStore } from '../../../subgraphs/events/quarantine/quarantine-store.ts'
import { createMemoryStandings } from '../../../subgraphs/standing/memory-standings.ts'
import type { Standing } from '../../../subgraphs/standing/standing.ts'
import type { StandingStore } from '../../../subgraphs/standing/standing-store.ts'

export const NOON = Date.UTC(2026, 4, 1, 12)
export const MINUTE = 60_000
const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** Everything that stands around the flow of events, and how a test changes it. */
export interface EventWorld {
  readonly flow: Flow
  readonly store: EventStore
  readonly quarantine: QuarantineStore
  readonly counters: ReadableCounters
  readonly contracts: Map<string, FlowContract>
  /** By consent id. */
  readonly receipts: Map<string, Basis>
  /** By subject, the pids that are one person with them. */
  readonly same: Map<string, Set<string>>
  /** By token (`email:…`), who has it. */
  readonly holders: Map<string, string[]>
  /** What identity was asked: nothing raw is asked twice. */
  readonly asked: string[]
  readonly time: { now: number; isCurrent: boolean }
  /** Whether neighbours answer. */
  readonly away: Away
  /** A person says yes, by a receipt of this id; what the stores of events have heard of it. */
  says(pid: string, scope: string, consentId: string, more?: Partial<Basis>): Promise<void>
  /** The last word is a no. */
  withdraws(pid: string, scope: string): Promise<void>
  erases(pid: string): Promise<void>
}

interface Away {
  consent: boolean
  identity: boolean
  /** A question that names one of them is never answered. */
  readonly receipts: Set<string>
}

export interface EventEngine {
  readonly standings: StandingStore
  readonly openStore: (parts: { isCurrent: () => boolean; clock: () => number }) => EventStore
  readonly openQuarantine: () => QuarantineStore
}

export function memoryEngine(): EventEngine {
  const standings = createMemoryStandings()
  return {
    standings,
    openStore: ({ isCurrent, clock }) =>
      createMemoryEventStore({ standings, currency: { isCurrent }, clock }),
    openQuarantine: () => createMemoryQuarantine(standings),
  }
}

/** `around`: what stands between the flow and its neighbours. */
export function eventWorld(
  engine: EventEngine = memoryEngine(),
  around: (parts: FlowOptions) => FlowOptions = (parts) => parts,
): EventWorld {
  const time = { now: NOON, isCurrent: true }
  const away: Away = { consent: false, identity: false, receipts: new Set() }
  const clock = () => time.now
  const { standings } = engine
  const store = engine.openStore({ isCurrent: () => time.isCurrent, clock })
  const quarantine = engine.openQuarantine()
  const counters = createFlowCounters()
  const contracts = new Map<string, FlowContract>(
    [pageView, purchase].map((contract) => [`${contract.type}/${contract.version}`, contract]),
  )
  const receipts = new Map<string, Basis>()
  const same = new Map<string, Set<string>>()
  const holders = new Map<string, string[]>()
  const asked: string[] = []
  let revision = 0
  const hear = async (standing: Omit<Standing, 'revision'>): Promise<void> => {
    await standings.write([{ ...standing, revision: String(revision) }], String(revision))
  }
  const parts: FlowOptions = {
    contracts: bookOf(contracts),
    receipts: receiptsOf(receipts, same, away),
    whoIs: whoIsOf(holders, asked, away),
    store,
    quarantine,
    seal: createPayloadSeal(Buffer.alloc(32, 7)),
    counters,
    ensure: async () => {},
    clock,
    toleranceMs: 5 * MINUTE,
    mostBytes: 4_096,
    keepMs: 7 * DAY,
  }
  return {
    flow: createFlow(around(parts)),
    store,
    quarantine,
    counters,
    contracts,
    receipts,
    same,
    holders,
    asked,
    time,
    away,
    async says(pid, scope, consentId, more = {}) {
      revision += 1
      const basis = {
        subject: pid,
        scope,
        status: 'given',
        at: NOON - DAY,
        expiresAt: null,
        revision: String(revision),
        ...more,
      }
      receipts.set(consentId, basis)
      const [before] = await standings.of([{ pid, scope }])
      const cut = before?.cut ?? '0'
      await hear({
        pid,
        scope,
        granted: true,
        receipt: consentId,
        expiresAt: basis.expiresAt,
        cut,
        basis: basis.revision,
      })
    },
    async withdraws(pid, scope) {
      revision += 1
      await hear({
        pid,
        scope,
        granted: false,
        receipt: null,
        expiresAt: null,
        cut: String(revision),
        basis: '0',
      })
    },
    async erases(pid) {
      revision += 1
      for (const [id, { subject }] of receipts) if (subject === pid) receipts.delete(id)
      await standings.write([], String(revision), {
        blocks: [{ pid, kind: 'erased', revision: String(revision) }],
      })
    },
  }
}

const bookOf = (contracts: ReadonlyMap<string, FlowContract>): ContractBook => ({
  find(type, version) {
    const versions = [...contracts.values()].filter((contract) => contract.type === type)
    if (versions.length === 0) return 'unknown_type'
    const found = version === null ? versions.at(-1) : versions.find((one) => one.version === version)
    return found ?? 'unknown_version'
  },
})

const receiptsOf = (
  receipts: ReadonlyMap<string, Basis>,
  same: ReadonlyMap<string, ReadonlySet<string>>,
  away: Readonly<Pick<Away, 'consent' | 'receipts'>>,
): ConsentReceipts => ({
  async basis(ids) {
    if (away.consent || ids.some((id) => away.receipts.has(id))) throw new Error('consent does not answer')
    return new Map(ids.flatMap((id) => (receipts.has(id) ? [[id, receipts.get(id) as Basis] as const] : [])))
  },
  samePeople: async () => same,
})

const whoIsOf = (
  holders: ReadonlyMap<string, readonly string[]>,
  asked: string[],
  away: { readonly identity: boolean },
): WhoIs => ({
  async tokens(identifiers) {
    if (away.identity) throw new Error('identity does not answer')
    asked.push(...identifiers.map(({ kind }) => kind))
    return identifiers.map(({ kind, value }) => [tokenOf(kind, value)])
  },
  holders: async () => holders,
  known: async (pids) => new Set(pids.filter((pid) => ['ada', 'bo', 'cyd', 'dee'].includes(pid))),
})

const tokenOf = (kind: string, value: string): string => `${kind} ${Buffer.from(value).toString('hex')}`

/** Rests on consent to analytics; `sku` has to be there. */
const pageView: FlowContract = {
  type: 'page_view',
  version: 1,
  basis: 'consent',
  scope: 'analytics',
  isDeprecated: false,
  endOf: (at) => at + 90 * DAY,
  fault: (data) => (typeof (data as { sku?: unknown }).sku === 'string' ? null : 'data.sku'),
}

/** Rests on the contract of sale. */
const purchase: FlowContract = {
  type: 'purchase',
  version: 1,
  basis: 'contract',
  scope: null,
  isDeprecated: false,
  endOf: (at) => at + 3650 * DAY,
  fault: () => null,
}

/** An event as a source writes it, of Ada, who looked at something. */
export const sent = (more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  eventId: 'e1',
  type: 'page_view',
  version: 1,
  occurredAt: '2026-05-01T11:59:00.000Z',
  pid: 'ada',
  consentId: 'rc-ada',
  data: { sku: 'K-1' },
  ...more,
})

export const line = (event: unknown): Buffer => Buffer.from(JSON.stringify(event))

export const take = (flow: Pick<Flow, 'take'>, ...events: readonly unknown[]) =>
  flow.take(events.map((event) => ({ source: 'shop', line: Buffer.isBuffer(event) ? event : line(event) })))
