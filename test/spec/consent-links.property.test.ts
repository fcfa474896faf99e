import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createJudge } from '../../subgraphs/consent/links/state-of.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import {
  chainKey,
  grants,
  type Receipt,
  type ReceiptStatus,
} from '../../subgraphs/consent/receipts/receipt.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { linkOf } from '../contract/consent-links.contract.ts'
import { firstReceipt, NOON, successor } from '../support/receipts.ts'

const PIDS = ['ada', 'bo', 'cyd', 'dee'] as const
type Pid = (typeof PIDS)[number]

type Event =
  | {
      readonly does: 'say'
      readonly pid: Pid
      readonly status: ReceiptStatus
      readonly channel: string | null
      readonly lastsMs: number | null
      readonly lateMs: number
    }
  | { readonly does: 'link'; readonly id: number; readonly pids: readonly [Pid, Pid] }
  | { readonly does: 'unlink'; readonly id: number }
  | { readonly does: 'suppress' | 'lift'; readonly pid: Pid }

const pid = fc.constantFrom(...PIDS)
const histories: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        does: fc.constant('say' as const),
        pid,
        status: fc.constantFrom<ReceiptStatus>(
          'given',
          'given',
          'renewed',
          'refused',
          'withdrawn',
          'requested',
          'unknown',
        ),
        channel: fc.constantFrom(null, null, 'web'),
        lastsMs: fc.constantFrom(null, null, 3, 30),
        lateMs: fc.constantFrom(0, 0, 0, 5),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('link' as const),
        id: fc.nat(4),
        pids: fc.uniqueArray(pid, { minLength: 2, maxLength: 2 }) as fc.Arbitrary<[Pid, Pid]>,
      }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('unlink' as const), id: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('suppress' as const, 'lift' as const), pid }) },
  ),
  { maxLength: 25 },
)

/** Each event happens a millisecond after the one before. */
async function happens(
  store: ConsentStore,
  event: Event,
  at: number,
  links: Map<number, string>,
): Promise<void> {
  if (event.does === 'suppress') await store.mark(event.pid, 'suppressed', at)
  if (event.does === 'lift') await store.mark(event.pid, 'suppression_lifted', at)
  if (event.does === 'say') await store.append([await receiptOf(store, event, at)])
  if (event.does === 'link' && !links.has(event.id)) {
    links.set(event.id, `d${event.id}/${at}`)
    await store.link([linkOf(`d${event.id}/${at}`, event.pids)], at)
  }
  if (event.does === 'unlink') {
    const decisionId = links.get(event.id)
    links.delete(event.id)
    if (decisionId !== undefined) await store.unlink([{ decisionId, at, by: 'bo' }], at)
  }
}

async function receiptOf(
  store: ConsentStore,
  { pid: subject, status, channel, lastsMs, lateMs }: Event & { does: 'say' },
  now: number,
): Promise<Receipt> {
  const at = now - lateMs
  const more = { status, channel, at, expiresAt: lastsMs === null || !grants(status) ? null : at + lastsMs }
  const first = firstReceipt(subject, 'analytics', {
    ...more,
    consentId: `${subject} ${now}`,
    statement: `${subject} ${now}`,
  })
  const before = (await store.history(subject)).findLast((receipt) => chainKey(receipt) === chainKey(first))
  return before === undefined
    ? first
    : { ...successor(before, status), ...more, consentId: first.consentId, statement: first.statement }
}

const CONTEXTS = [{}, { channel: 'web' }, { channel: 'shop' }]

/** Of each pid and context whether it may be used, and by what. */
async function cells(store: ConsentStore, now: number): Promise<ReadonlyMap<string, string>> {
  const records = await store.records(PIDS)
  return new Map(
    PIDS.flatMap((one) =>
      CONTEXTS.map((context): [string, string] => {
        const { blocked, scopes } = createJudge({ context, now })(records.get(one)!)
        const state = scopes.get('analytics')
        return [
          `${one} ${JSON.stringify(context)}`,
          JSON.stringify([blocked, state?.status ?? null, state?.receipt ?? null]),
        ]
      }),
    ),
  )
}

const isYes = (cell: string | undefined): boolean => /"(given|renewed)"/.test(cell ?? '')

describe('Consent of people who are linked', () => {
  test('is never more than what each of them had, whatever was said before', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.uniqueArray(pid, { minLength: 2, maxLength: 2 }),
        async (history, [one, other]) => {
          const store = createMemoryConsentStore()
          const links = new Map<number, string>()
          let now = NOON
          for (const event of history) await happens(store, event, (now += 1), links)
          const before = await cells(store, now)
          await store.link([linkOf('the merge', [one!, other!])], now)
          const after = await cells(store, now)
          for (const context of CONTEXTS.map((each) => JSON.stringify(each)))
            for (const each of PIDS) {
              const cell = `${each} ${context}`
              if (isYes(after.get(cell))) expect(isYes(before.get(cell))).toBe(true)
              const isOfThem = each === one || each === other
              if (isOfThem && isYes(after.get(cell)))
                expect(
                  [before.get(`${one} ${context}`), before.get(`${other} ${context}`)].every(isYes),
                ).toBe(true)
            }
        },
      ),
      { numRuns: 300, seed: 20260115 },
    )
  })

  test('is, when all links are undone in any order, what it were had they never been', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.infiniteStream(fc.nat()), async (history, choices) => {
        const [store, never] = [createMemoryConsentStore(), createMemoryConsentStore()]
        const links = new Map<number, string>()
        let now = NOON
        for (const event of history) {
          now += 1
          await happens(store, event, now, links)
          if (event.does !== 'link' && event.does !== 'unlink') await happens(never, event, now, new Map())
        }
        const left = [...links.values()]
        for (let choice = choices.next().value ?? 0; left.length > 0; choice = choices.next().value ?? 0) {
          const [decisionId = ''] = left.splice(choice % left.length, 1)
          await store.unlink([{ decisionId, at: now, by: 'bo' }], now)
        }
        expect(await cells(store, now)).toEqual(await cells(never, now))
        expect(await store.records(PIDS)).not.toSatisfy((records: Map<Pid, object>) =>
          [...records.values()].some((record) => 'group' in record),
        )
      }),
      { numRuns: 200, seed: 20260115 },
    )
  })

  test('depends on the links that are left alone, not on those that were between', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const [store, surviving] = [createMemoryConsentStore(), createMemoryConsentStore()]
        const [links, others] = [new Map<number, string>(), new Map<number, string>()]
        const isUndone = history.map(
          (event, place) =>
            event.does === 'link' &&
            history.slice(place).some((later) => later.does === 'unlink' && later.id === event.id),
        )
        let now = NOON
        for (const [place, event] of history.entries()) {
          now += 1
          await happens(store, event, now, links)
          if (event.does !== 'unlink' && isUndone[place] !== true)
            await happens(surviving, event, now, others)
        }
        expect(await cells(store, now)).toEqual(await cells(surviving, now))
      }),
      { numRuns: 200, seed: 20260115 },
    )
  })

  test('is what a plain reading of all that was said comes to', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const store = createMemoryConsentStore()
        const links = new Map<number, string>()
        let now = NOON
        for (const event of history) await happens(store, event, (now += 1), links)
        const found = await cells(store, now)
        for (const one of PIDS)
          for (const context of CONTEXTS)
            expect([one, context, isYes(found.get(`${one} ${JSON.stringify(context)}`))]).toEqual([
              one,
              context,
              mayBeUsed(one, context, history),
            ])
      }),
      { numRuns: 400, seed: 20260115 },
    )
  })
})

/** The rule in other words: everybody linked has to have said yes last, where a later yes of one is everybody's. */
function mayBeUsed(one: Pid, context: { channel?: string }, history: readonly Event[]): boolean {
  const now = NOON + history.length
  const inForce = history.flatMap((event, place) => {
    if (event.does !== 'link') return []
    const [before, after] = [history.slice(0, place), history.slice(place + 1)]
    const isOpen = (events: readonly Event[]): boolean => {
      const last = events.findLast(
        (each) => (each.does === 'link' || each.does === 'unlink') && each.id === event.id,
      )
      return last?.does === 'link'
    }
    const isTaken = !isOpen(before)
    const isUndone = after.some((each) => each.does === 'unlink' && each.id === event.id)
    return isTaken && !isUndone ? [{ pids: event.pids, place }] : []
  })
  const group = joined(one, inForce)
  const blocks = [...group].map((each) =>
    history.findLast((event) => (event.does === 'suppress' || event.does === 'lift') && event.pid === each),
  )
  if (blocks.some((block) => block?.does === 'suppress')) return false
  const isYesNow = ({ status, lastsMs, at }: Word): boolean =>
    grants(status) && (lastsMs === null || at + lastsMs > now)
  return [...group].every((each) => {
    const everywhere = lastWord(each, null, { history, links: inForce })
    const onTheWeb = lastWord(each, 'web', { history, links: inForce })
    // A no for the web may be meant where the channel is not said.
    const isMeant =
      onTheWeb !== null &&
      (context.channel === 'web' || (context.channel === undefined && !isYesNow(onTheWeb)))
    const binding = [everywhere, isMeant ? onTheWeb : null].filter((word) => word !== null)
    return binding.length > 0 && binding.every(isYesNow)
  })
}

type Word = Event & { does: 'say' } & { readonly at: number }

interface Said {
  readonly history: readonly Event[]
  readonly links: readonly { readonly pids: readonly Pid[]; readonly place: number }[]
}

function lastWord(one: Pid, channel: string | null, { history, links }: Said): Word | null {
  let last: Word | null = null
  const own = history.findLastIndex(
    (event) => event.does === 'say' && event.pid === one && event.channel === channel,
  )
  history.forEach((event, place) => {
    if (event.does !== 'say' || event.channel !== channel) return
    const word = { ...event, at: NOON + place + 1 - event.lateMs }
    const isTheirLast = !history
      .slice(place + 1)
      .some((later) => later.does === 'say' && later.pid === event.pid && later.channel === channel)
    const thereBefore = links.filter((link) => link.place < place && NOON + link.place + 1 <= word.at)
    if (event.pid === one && place === own) last = word
    else if (place > own || own === -1) {
      const counts = grants(event.status) && isTheirLast && joined(one, thereBefore).has(event.pid)
      if (counts && (last === null || last.at <= word.at)) last = word
    }
  })
  return last
}

function joined(one: Pid, links: readonly { readonly pids: readonly Pid[] }[]): ReadonlySet<Pid> {
  const reached = new Set<Pid>([one])
  for (let round = 0; round <= links.length; round++)
    for (const { pids } of links)
      if (pids.some((each) => reached.has(each))) for (const each of pids) reached.add(each)
  return reached
}
