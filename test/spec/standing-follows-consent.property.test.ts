import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createJudge } from '../../subgraphs/consent/links/state-of.ts'
import { catchUp } from '../../subgraphs/standing/catch-up.ts'
import { createMemoryStandings, type MemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import type { Revision } from '../../subgraphs/standing/standing.ts'
import {
  type Happening,
  histories,
  openToldConsent,
  PIDS,
  type ToldConsent,
  words,
} from '../support/consent-history.ts'

const RUNS = { seed: 20260115, numRuns: 400 }

test('a row is alive only if there was a yes without a gap since it was collected, whenever it was heard', async () => {
  let seen = 0
  await fc.assert(
    fc.asyncProperty(histories, fc.array(looks(), { minLength: 20, maxLength: 20 }), async (history, how) => {
      const { rows, store, consent } = await live(history, how)
      for (const { pid, scope, revision, hadGap } of rows)
        if (hadGap) {
          seen += 1
          expect(store.isAlive({ pid, scope, revision }, consent.now())).toBe(false)
        }
    }),
    RUNS,
  )
  expect(seen).toBeGreaterThan(0)
})

test('what rests on a yes that nobody took back stays alive', async () => {
  let seen = 0
  await fc.assert(
    fc.asyncProperty(words, fc.array(looks(), { minLength: 20, maxLength: 20 }), async (history, how) => {
      const { rows, store, consent } = await live(history, how)
      for (const { pid, scope, revision, hadGap } of rows)
        expect(store.isAlive({ pid, scope, revision }, consent.now())).toBe(!hadGap)
      seen += rows.filter(({ hadGap }) => !hadGap).length
    }),
    RUNS,
  )
  expect(seen).toBeGreaterThan(0)
})

test('is the same in the end, however often it was heard, broken off and heard again', async () => {
  const everywhere = words.map((history) => history.map((event) => ({ ...event, channel: null })))
  await fc.assert(
    fc.asyncProperty(
      everywhere,
      fc.array(looks(), { minLength: 20, maxLength: 20 }),
      async (history, how) => {
        const [once, often] = [await live(history, []), await live(history, how)]
        expect(await stateOf(often)).toEqual(await stateOf(once))
      },
    ),
    RUNS,
  )
})

interface Row {
  readonly pid: string
  readonly scope: string
  readonly revision: Revision
  /** Whether it was not a yes at any moment since. */
  hadGap: boolean
}

interface Lived {
  readonly consent: ToldConsent
  readonly store: MemoryStandings
  readonly rows: readonly Row[]
}

/** What happens to whoever follows after each event. */
type How = 'looks' | 'is away' | 'is broken off' | 'hears it again'

const looks = (): fc.Arbitrary<How> =>
  fc.constantFrom('looks', 'looks', 'is away', 'is away', 'is broken off', 'hears it again')

/** After each look something is collected wherever it may be. In the end everything is heard. */
async function live(history: readonly Happening[], how: readonly How[]): Promise<Lived> {
  const consent = openToldConsent()
  const store = createMemoryStandings()
  const rows: Row[] = []
  for (const [place, event] of history.entries()) {
    await passTime(event, { consent, rows })
    await heed({ consent, rows })
    const does = how[place] ?? 'is away'
    if (does === 'is away') continue
    await follow(does, { consent, store })
    if (does !== 'is broken off') await collect({ consent, store, rows })
  }
  await catchUp({ view: consent.view, stores: [store] })
  await store.expire(consent.now())
  return { consent, store, rows }
}

/** Consent runs out between two events, too. */
async function passTime(event: Happening, lived: Pick<Lived, 'consent' | 'rows'>): Promise<void> {
  const steps = event.does === 'wait' ? event.ms : 1
  for (let step = 1; step < steps; step += 1) {
    await lived.consent.happen({ does: 'wait', ms: 1 })
    await heed(lived)
  }
  if (event.does === 'wait') return lived.consent.happen({ does: 'wait', ms: 1 })
  const next = lived.consent.now() + 1
  await heed(lived, next)
  await lived.consent.happen(event)
}

async function heed({ consent, rows }: Pick<Lived, 'consent' | 'rows'>, now = consent.now()): Promise<void> {
  const records = await consent.store.records(PIDS)
  for (const row of rows) {
    const state = createJudge({ context: {}, now })(records.get(row.pid)!)
    const status = state.scopes.get(row.scope)?.status
    if (status !== 'given' && status !== 'renewed') row.hadGap = true
  }
}

async function follow(does: How, { consent, store }: Pick<Lived, 'consent' | 'store'>): Promise<void> {
  const { view } = consent
  if (does === 'looks') await catchUp({ view, stores: [store] })
  // One of two stores has it, the other has not.
  if (does === 'is broken off') {
    const broken = {
      ...createMemoryStandings(),
      mark: store.mark,
      write: () => Promise.reject(new Error('!')),
    }
    await catchUp({ view, stores: [store, broken] }).catch(() => undefined)
  }
  if (does === 'hears it again') {
    await catchUp({ view, stores: [store] })
    const from = String(Number(await store.mark()) >> 1)
    let isFirst = true
    const mark = async () => (isFirst ? ((isFirst = false), from) : store.mark())
    await catchUp({ view, stores: [{ ...store, mark }] })
  }
}

async function collect({ consent, store, rows }: Lived & { readonly rows: Row[] }): Promise<void> {
  for (const { pid, scope, basis: revision } of await store.ofPeople(PIDS))
    if (store.isAlive({ pid, scope, revision }, consent.now()))
      rows.push({ pid, scope, revision, hadGap: false })
}

const stateOf = async ({ store }: Lived) => ({
  mark: await store.mark(),
  standings: (await store.ofPeople(PIDS)).toSorted((a, b) => (a.pid + a.scope < b.pid + b.scope ? -1 : 1)),
})
