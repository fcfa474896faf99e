import type { Revision } from '../store.ts'
import type { Consumer, ConsumerTerms } from './consumer.ts'
import {
  type Delivery,
  type Lease,
  LeaseLost,
  type OutboxStore,
  type Settlement,
  type Summary,
} from './outbox-store.ts'

type Row = Omit<Consumer, 'escalated' | 'retrying'> & {
  readonly holder: string | null
  readonly heldUntil: number
}

/** In this process's memory, gone when it ends. For tests and for trying things out. */
export function createMemoryOutbox(clock: () => number): OutboxStore {
  const books = createBooks(clock)
  return {
    async configure(consumers) {
      for (const { start, ...terms } of consumers) books.open(terms, start)
    },
    async consumers() {
      return [...books.rows.values()]
        .map((row) => shown(row, [...books.of(row.name).values()]))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
    async setStatus(name, status) {
      books.change(name, { status })
    },
    async deliveries(revision) {
      return [...books.rows.keys()].toSorted().flatMap((name) => books.of(name).get(revision) ?? [])
    },
    ...fetching(books),
    ...delivering(books, clock),
    ...summarising(books),
  }
}

interface Books {
  readonly rows: ReadonlyMap<string, Row>
  readonly open: (terms: ConsumerTerms, start: Revision) => void
  readonly change: (name: string, part: Partial<Row>) => void
  readonly of: (name: string) => Map<Revision, Delivery>
  /** Throws `LeaseLost` when it is another's, or nobody's any more. */
  readonly prolong: (lease: Lease) => Row
}

function createBooks(clock: () => number): Books {
  const rows = new Map<string, Row>()
  const ledger = new Map<string, Map<Revision, Delivery>>()
  const change = (name: string, part: Partial<Row>): void => {
    const row = rows.get(name)
    if (row) rows.set(name, { ...row, ...part })
  }
  return {
    rows,
    change,
    open(terms, start) {
      const fresh = {
        status: 'active',
        position: start,
        handedOut: start,
        holder: null,
        heldUntil: 0,
      } as const
      rows.set(terms.name, { ...fresh, ...rows.get(terms.name), ...terms })
      if (!ledger.has(terms.name)) ledger.set(terms.name, new Map())
    },
    of: (name) => ledger.get(name) ?? new Map<Revision, Delivery>(),
    prolong({ consumer, holder, ms }) {
      const row = rows.get(consumer)
      if (row?.holder !== holder || row.heldUntil <= clock()) throw new LeaseLost(consumer)
      change(consumer, { heldUntil: clock() + ms })
      return row
    },
  }
}

function fetching({ rows, of, change }: Books): Pick<OutboxStore, 'handOut' | 'acknowledge'> {
  return {
    async handOut(name, { revisions, upTo, at }) {
      const row = rows.get(name)
      if (!row) return
      change(name, { handedOut: later(row.handedOut, upTo) })
      for (const revision of revisions)
        if (isAfter(revision, row.position) || of(name).has(revision))
          attempt(of(name), { consumer: name, revision, at })
    },
    async acknowledge(name, upTo, at) {
      const row = rows.get(name)
      if (!row || isAfter(upTo, row.handedOut)) return false
      change(name, { position: later(row.position, upTo) })
      for (const delivery of of(name).values())
        if (delivery.state === 'pending' && !isAfter(delivery.revision, upTo))
          of(name).set(delivery.revision, {
            ...delivery,
            state: 'acknowledged',
            acknowledgedAt: at,
            nextAt: null,
          })
      return true
    },
  }
}

type Delivering = Pick<OutboxStore, 'take' | 'release' | 'open' | 'begin' | 'settle' | 'redeliver'>

function delivering({ rows, of, change, prolong }: Books, clock: () => number): Delivering {
  return {
    async take({ consumer, holder, ms }) {
      const row = rows.get(consumer)
      if (!row || (row.holder !== null && row.holder !== holder && row.heldUntil > clock())) return false
      change(consumer, { holder, heldUntil: clock() + ms })
      return true
    },
    async release({ consumer, holder }) {
      if (rows.get(consumer)?.holder === holder) change(consumer, { holder: null, heldUntil: 0 })
    },
    async open(name, limit) {
      const position = rows.get(name)?.position ?? '0'
      return [...of(name).values()]
        .filter(({ revision, state }) => state === 'pending' || isAfter(revision, position))
        .toSorted((a, b) => (isAfter(a.revision, b.revision) ? 1 : -1))
        .slice(0, limit)
    },
    async begin(lease, revisions, at) {
      prolong(lease)
      for (const revision of revisions) attempt(of(lease.consumer), { ...lease, revision, at })
    },
    async settle(lease, settlements, position) {
      const row = prolong(lease)
      for (const settlement of settlements) settleOne(of(lease.consumer), settlement)
      const next = later(row.position, position)
      change(lease.consumer, { position: next, handedOut: later(row.handedOut, next) })
    },
    async redeliver(name, revisions, at) {
      const again = [...of(name).values()].filter(
        ({ state, revision }) =>
          state === 'escalated' && (revisions === null || revisions.includes(revision)),
      )
      for (const delivery of again)
        of(name).set(delivery.revision, { ...delivery, state: 'pending', attempts: 0, nextAt: at })
      return again.length
    },
  }
}

function summarising({ rows, of }: Books): Pick<OutboxStore, 'summarise' | 'summaries'> {
  const summaries = new Map<Revision, Summary[]>()
  return {
    async summarise(before, limit) {
      const old = [...rows.values()]
        .flatMap(({ name, position }) =>
          [...of(name).values()].filter((one) => !isAfter(one.revision, position)),
        )
        .filter(({ acknowledgedAt, lastAt }) => (acknowledgedAt ?? lastAt) < before)
        .filter(({ state }) => state === 'acknowledged' || state === 'void')
        .slice(0, limit)
      for (const { consumer, revision, state, acknowledgedAt, lastAt } of old) {
        const day = new Date(acknowledgedAt ?? lastAt).toISOString().slice(0, 10)
        const summary = { consumer, state: state as Summary['state'], day }
        summaries.set(revision, [...(summaries.get(revision) ?? []), summary])
        of(consumer).delete(revision)
      }
      return old.length
    },
    async summaries(revision) {
      return (summaries.get(revision) ?? []).toSorted((a, b) => (a.consumer < b.consumer ? -1 : 1))
    },
  }
}

function shown(
  { holder: _holder, heldUntil: _until, ...row }: Row,
  deliveries: readonly Delivery[],
): Consumer {
  const escalated = deliveries.filter(({ state }) => state === 'escalated').length
  const retrying = deliveries.filter(({ state, reason }) => state === 'pending' && reason !== null).length
  return { ...row, escalated, retrying }
}

function attempt(
  deliveries: Map<Revision, Delivery>,
  { consumer, revision, at }: { consumer: string; revision: Revision; at: number },
): void {
  const first: Delivery = {
    consumer,
    revision,
    state: 'pending',
    attempts: 0,
    firstAt: at,
    lastAt: at,
    acknowledgedAt: null,
    reason: null,
    nextAt: null,
  }
  const before = deliveries.get(revision) ?? first
  if (before.state === 'pending')
    deliveries.set(revision, { ...before, attempts: before.attempts + 1, lastAt: at, nextAt: null })
}

function settleOne(deliveries: Map<Revision, Delivery>, { at, ...settled }: Settlement): void {
  const before = deliveries.get(settled.revision)
  const acknowledgedAt = settled.state === 'acknowledged' ? at : null
  if (before) deliveries.set(settled.revision, { ...before, ...settled, acknowledgedAt })
}

function isAfter(one: Revision, other: Revision): boolean {
  return BigInt(one) > BigInt(other)
}

function later(one: Revision, other: Revision): Revision {
  return isAfter(one, other) ? one : other
}
