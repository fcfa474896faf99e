import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RestsOn } from '../../subgraphs/standing/standing.ts'
import type { Purgeable } from '../../subgraphs/standing/standing-store.ts'
import { catchUp } from '../../subgraphs/standing/catch-up.ts'
import { createMemoryStandings, type MemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import { Purger, type Purged } from '../../subgraphs/standing/purger.ts'
import { type Happening, openToldConsent, type ToldConsent } from '../support/consent-history.ts'

let consent: ToldConsent
let standings: MemoryStandings
let rows: Rows
let purger: Purger
let purged: Purged[]
let isCurrent: boolean
/** What was asked to be run later, by when. */
let timers: { at: number; run: () => void }[]

beforeEach(async () => {
  consent = openToldConsent()
  standings = createMemoryStandings()
  rows = openRows(() => consent.now())
  purged = []
  timers = []
  isCurrent = true
  purger = new Purger({
    currency: { isCurrent: () => isCurrent, turn: () => 0 },
    holders: [{ name: 'rows', standings, rows }],
    clock: consent.now,
    onPurged: (one) => purged.push(one),
    onTrouble: (cause) => rows.troubles.push(cause),
    later(ms, run) {
      const timer = { at: consent.now() + ms, run }
      timers.push(timer)
      return () => (timers = timers.filter((other) => other !== timer))
    },
  })
  await consent.happen(say('given'))
  await hear()
  rows.take({ ...ADA, revision: '1', value: 'seen' })
})
afterEach(() => purger.stop())

describe('What was collected before a withdrawal', () => {
  beforeEach(async () => {
    await consent.happen(say('withdrawn'))
    await hear()
    await purger.settled()
  })

  test('is deleted at once, and how long the person waited for it is measured from their word', async () => {
    expect(rows.all).toEqual([])
    expect(purged).toEqual([{ store: 'rows', because: 'word', rows: 1, waitedMs: [0] }])
  })

  test('is not brought back by a late event', async () => {
    expect(rows.take({ ...ADA, revision: '1', value: 'came late' })).toBe(false)
    await consent.happen(say('given'))
    await hear()
    expect(rows.take({ ...ADA, revision: '1', value: 'came later' })).toBe(false)
    expect(rows.take({ ...ADA, revision: '3', value: 'of the new yes' })).toBe(true)
  })

  test('is not brought back by a backfill', async () => {
    await consent.happen(say('given'))
    await hear()
    const past = Array.from({ length: 5 }, (_, n) => ({ ...ADA, revision: '1', value: `day ${n}` }))
    expect(past.map(rows.take)).toEqual([false, false, false, false, false])
  })

  test('is not brought back by a replica that restores old rows, whether consent is given again or not', async () => {
    const restored = { ...ADA, revision: '1', value: 'restored' }
    rows.all.push(restored)
    expect(rows.read()).toEqual([])
    await consent.happen(say('given'))
    await hear()
    rows.all.push(restored)
    expect(rows.read()).toEqual([])
    await purger.sweep()
    expect(rows.all).toEqual([])
  })

  test('is not brought back by a replica that has forgotten the withdrawal, too', async () => {
    await consent.happen(say('given'))
    const restored = createMemoryStandings()
    await catchUp({ view: consent.view, stores: [restored] })
    expect(restored.isAlive({ ...ADA, revision: '1' }, consent.now())).toBe(false)
    expect(restored.isAlive({ ...ADA, revision: '3' }, consent.now())).toBe(true)
  })

  test('is not brought back under another pid of the person', async () => {
    await consent.happen(say('given'))
    await hear()
    await standings.copyPids([{ from: 'ada', to: 'bo' }])
    expect(rows.take({ ...ADA, pid: 'bo', revision: '1', value: 'moved' })).toBe(false)
    expect(rows.take({ ...ADA, pid: 'bo', revision: '3', value: 'moved' })).toBe(true)
  })
})

test('what is withdrawn is deleted although the withdrawal is said to be older than the rows', async () => {
  rows.take({ ...ADA, revision: '1', value: 'younger than the word that takes it' })
  const { store } = consent
  const [yes] = await store.history('ada')
  const no = { ...yes!, consentId: 'no', statement: 'no', status: 'withdrawn', version: 2 } as const
  await store.append([{ ...no, predecessor: yes!.consentId, at: yes!.at - 86_400_000 }])
  await hear()
  await purger.settled()
  expect(rows.all).toEqual([])
})

test('what has run out is deleted when it does, without anybody saying a word', async () => {
  await consent.happen(say('given', 'bo', 100))
  await hear()
  await purger.settled()
  rows.take({ ...ADA, pid: 'bo', revision: '2', value: 'seen' })
  await pass(99)
  expect(rows.all).toHaveLength(2)
  await pass(1)
  expect(rows.all.map(({ pid }) => pid)).toEqual(['ada'])
  await consent.happen(say('given', 'bo'))
  await hear()
  expect(rows.take({ ...ADA, pid: 'bo', revision: '2', value: 'of before' })).toBe(false)
})

test('what has run out is not deleted while a renewal may be there that was not heard', async () => {
  await consent.happen(say('given', 'bo', 100))
  await hear()
  await purger.settled()
  rows.take({ ...ADA, pid: 'bo', revision: '2', value: 'seen' })
  await consent.happen(say('given', 'bo', 1_000))
  isCurrent = false
  await pass(150)
  expect(rows.all).toHaveLength(2)
  await hear()
  isCurrent = true
  await pass(500)
  expect(rows.read().map(({ pid }) => pid)).toEqual(['ada', 'bo'])
})

test('who was erased is deleted with everything, whatever it rests on, and nothing is taken of them', async () => {
  rows.take({ ...ADA, revision: null, value: 'an order' })
  await consent.happen({ does: 'erase', pid: 'ada' })
  await hear()
  await purger.settled()
  expect(rows.all).toEqual([])
  expect(rows.take({ ...ADA, revision: null, value: 'another order' })).toBe(false)
})

test('what was written while its consent was cut is found by the next look at everything', async () => {
  await consent.happen(say('withdrawn'))
  await hear()
  await purger.settled()
  rows.all.push({ ...ADA, revision: '1', value: 'was under way' })
  await purger.sweep()
  expect([rows.all, purged.at(-1)]).toEqual([[], { store: 'rows', because: 'sweep', rows: 1, waitedMs: [] }])
})

test('what cannot be deleted is tried again, and told', async () => {
  rows.isDown = true
  await consent.happen(say('withdrawn'))
  await hear()
  await purger.settled()
  expect([rows.all.length, rows.read().length, rows.troubles.length]).toEqual([1, 0, 1])
  rows.isDown = false
  await pass(600)
  expect(rows.all).toEqual([])
  expect(purged.at(-1)?.waitedMs).toEqual([500])
})

test('the files are rewritten once for all that was purged in a while', async () => {
  await consent.happen(say('withdrawn'))
  await hear()
  await purger.settled()
  await pass(9_000)
  expect(rows.vacuums).toBe(0)
  await pass(1_000)
  expect(rows.vacuums).toBe(1)
  await pass(100_000)
  expect(rows.vacuums).toBe(1)
})

const ADA = { pid: 'ada', scope: 'analytics' }

const say = (
  status: 'given' | 'withdrawn',
  pid: 'ada' | 'bo' = 'ada',
  lastsMs: number | null = null,
): Happening => ({ does: 'say', pid, scope: 'analytics', status, channel: null, lastsMs })

async function hear(): Promise<void> {
  await catchUp({ view: consent.view, stores: [standings], onHeard: (heard) => purger.hear(heard) })
}

/** Lets time pass, and what was to be run in it run. */
async function pass(ms: number): Promise<void> {
  const end = consent.now() + ms
  for (;;) {
    const [next] = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
    const until = Math.max(next?.at ?? end, consent.now())
    if (until > consent.now()) await consent.happen({ does: 'wait', ms: until - consent.now() })
    if (next === undefined) return
    timers = timers.filter((timer) => timer !== next)
    next.run()
    await purger.settled()
  }
}

interface Row extends Omit<RestsOn, 'revision'> {
  /** Null where it rests on no consent. */
  readonly revision: string | null
  readonly value: string
}

interface Rows extends Purgeable {
  all: Row[]
  readonly troubles: unknown[]
  isDown: boolean
  vacuums: number
  /** As an insert that asks. */
  readonly take: (row: Row) => boolean
  /** As a query that asks. */
  readonly read: () => readonly Row[]
}

function openRows(clock: () => number): Rows {
  const isAlive = ({ revision, ...key }: Row, now: number): boolean =>
    revision === null ? !standings.isBlocked(key.pid) : standings.isAlive({ ...key, revision }, now)
  const made: Rows = {
    all: [],
    troubles: [],
    isDown: false,
    vacuums: 0,
    take: (row) => isAlive(row, clock()) && made.all.push(row) > 0,
    read: () => made.all.filter((row) => isAlive(row, clock())),
    async purgeDead(now, pids) {
      if (made.isDown) throw new Error('down')
      const before = made.all.length
      made.all = made.all.filter(
        (row) =>
          (pids !== undefined && !pids.includes(row.pid)) ||
          !(standings.isErased(row.pid) || (row.revision !== null && !isAlive(row, now))),
      )
      return before - made.all.length
    },
    async vacuum() {
      made.vacuums += 1
    },
  }
  return made
}
