import fc from 'fast-check'
import {
  chainKey,
  grants,
  type Receipt,
  type ReceiptStatus,
} from '../../subgraphs/consent/receipts/receipt.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { type ConsentStore, SubjectErased } from '../../subgraphs/consent/store.ts'
import { consentHere } from '../../subgraphs/open-standing.ts'
import type { ConsentView } from '../../subgraphs/standing/consent-view.ts'
import { linkOf } from '../contract/consent-links.contract.ts'
import { firstReceipt, NOON, successor } from './receipts.ts'

export const PIDS = ['ada', 'bo', 'cyd'] as const
const SCOPES = ['analytics', 'email'] as const

type Pid = (typeof PIDS)[number]

export type Happening =
  | {
      readonly does: 'say'
      readonly pid: Pid
      readonly scope: string
      readonly status: ReceiptStatus
      readonly channel: string | null
      readonly lastsMs: number | null
    }
  | { readonly does: 'link'; readonly id: number; readonly pids: readonly [Pid, Pid] }
  | { readonly does: 'unlink'; readonly id: number }
  | { readonly does: 'suppress' | 'lift' | 'erase'; readonly pid: Pid }
  | { readonly does: 'wait'; readonly ms: number }

const pid = fc.constantFrom(...PIDS)
const status = fc.constantFrom<ReceiptStatus>(
  'given',
  'given',
  'renewed',
  'refused',
  'withdrawn',
  'requested',
)
const say = fc.record({
  does: fc.constant('say' as const),
  pid,
  scope: fc.constantFrom(...SCOPES),
  status,
  channel: fc.constantFrom(null, null, null, 'web'),
  lastsMs: fc.constantFrom(null, null, 4, 20),
})
const wait = fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 12 }) })
const block = fc.record({
  does: fc.constantFrom('suppress' as const, 'lift' as const, 'erase' as const),
  pid,
})
const link = fc.record({
  does: fc.constant('link' as const),
  id: fc.nat(2),
  pids: fc.uniqueArray(pid, { minLength: 2, maxLength: 2 }) as fc.Arbitrary<[Pid, Pid]>,
})
const unlink = fc.record({ does: fc.constant('unlink' as const), id: fc.nat(2) })

/** What people say, and what time does. */
export const words: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof({ weight: 8, arbitrary: say }, { weight: 2, arbitrary: wait }),
  { maxLength: 20 },
)

/** And what is found out and decided about them. */
export const histories: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: say },
    { weight: 2, arbitrary: wait },
    { weight: 2, arbitrary: block },
    { weight: 3, arbitrary: link },
    { weight: 2, arbitrary: unlink },
  ),
  { maxLength: 20 },
)

export interface ToldConsent {
  readonly store: ConsentStore
  readonly view: ConsentView
  now(): number
  /** A millisecond passes with each. */
  happen(event: Happening): Promise<void>
}

/** A consent service, its time, and what whoever follows sees of it. */
export function openToldConsent(policy: PolicyBundle | null = null): ToldConsent {
  let now = NOON
  const clock = (): number => now
  const store = createMemoryConsentStore(clock)
  const links = new Map<number, string>()
  const leases = { leases: createMemoryLeaseStore(clock), isForgetful: false, lookEveryMs: null }
  return {
    store,
    view: consentHere({ consent: store, leases, policy, clock, expiryClock: clock }),
    now: clock,
    async happen(event) {
      now += event.does === 'wait' ? event.ms : 1
      await happen(event, { store, now, links })
    },
  }
}

interface At {
  readonly store: ConsentStore
  readonly now: number
  readonly links: Map<number, string>
}

const MARKS = { suppress: 'suppressed', lift: 'suppression_lifted', erase: 'erased' } as const

async function happen(event: Happening, { store, now, links }: At): Promise<void> {
  if (event.does === 'suppress' || event.does === 'lift' || event.does === 'erase')
    await store.mark(event.pid, MARKS[event.does], now)
  if (event.does === 'say')
    await store.append([await receiptOf(store, event, now)]).catch((error: unknown) => {
      if (!(error instanceof SubjectErased)) throw error
    })
  if (event.does === 'link' && !links.has(event.id)) {
    links.set(event.id, `d${event.id}/${now}`)
    await store.link([linkOf(`d${event.id}/${now}`, event.pids)], now)
  }
  if (event.does === 'unlink') {
    const decisionId = links.get(event.id)
    links.delete(event.id)
    if (decisionId !== undefined) await store.unlink([{ decisionId, at: now, by: 'bo' }], now)
  }
}

type Saying = Happening & { does: 'say' }

async function receiptOf(store: ConsentStore, said: Saying, at: number): Promise<Receipt> {
  const { pid: subject, scope, channel, lastsMs } = said
  const expiresAt = lastsMs === null || !grants(said.status) ? null : at + lastsMs
  const id = `${subject} ${at}`
  const more = { status: said.status, channel, at, expiresAt }
  const first = firstReceipt(subject, scope, { ...more, consentId: id, statement: id })
  const before = (await store.history(subject)).findLast((receipt) => chainKey(receipt) === chainKey(first))
  return before === undefined
    ? first
    : { ...successor(before, said.status), ...more, consentId: id, statement: id }
}
