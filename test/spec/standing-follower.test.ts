import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createBarrier } from '../../subgraphs/consent/leases/barrier.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { followCalls } from '../../subgraphs/consent/follow-calls.ts'
import { consentProtocol } from '../../subgraphs/consent/protocol.ts'
import { consentElsewhere } from '../../subgraphs/open-standing.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { Follower } from '../../subgraphs/standing/follower.ts'
import type { Instant } from '../../subgraphs/standing/lease.ts'
import { createMemoryStandings, type MemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import { toldConsentView } from '../../subgraphs/standing/told-consent-view.ts'
import { whileCurrent } from '../../subgraphs/standing/while-current.ts'
import { firstReceipt, NOON, successor } from '../support/receipts.ts'

const LEASE_MS = 1_000
const YES = firstReceipt('ada')
const NO = successor(YES, 'withdrawn')
const AGAIN = successor(NO, 'given')
const ROW = { pid: 'ada', scope: 'analytics', revision: '1' }

const opened: { stop(): unknown }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.stop()
})

describe('Whoever keeps rows and follows consent', () => {
  test('has what is withdrawn cut before it is said to be in force', async () => {
    const { consent, barrier, standings, follower } = await following()
    await consent.append([YES])
    await follower.untilHeard('1')
    expect(standings.isAlive(ROW, NOON)).toBe(true)
    const { revision } = await consent.append([NO])
    expect((await barrier.waitFor(revision, 5_000)).effective).toBe('EFFECTIVE')
    expect(standings.isAlive(ROW, NOON)).toBe(false)
    expect(follower.isCurrent()).toBe(true)
  })

  test('is waited for as long as it cannot write it down', async () => {
    const gate = openGate()
    const { consent, barrier, follower } = await following({ write: (write) => gate.pass(write) })
    const { revision } = await consent.append([YES])
    await follower.untilHeard(revision)
    gate.close()
    const { revision: no } = await consent.append([NO])
    await gate.reached()
    const { effective, pending } = await barrier.effectOf(no)
    expect([effective, pending.length]).toEqual(['PENDING', 1])
    gate.open()
    expect((await barrier.waitFor(no, 5_000)).effective).toBe('EFFECTIVE')
  })

  test('relies on nothing when its lease is over, whatever it knew, and answers no row', async () => {
    const time: Instant & { monotonic: number } = { monotonic: 0, wall: NOON }
    const { consent, follower } = await following({ instant: () => ({ ...time }) })
    await consent.append([YES])
    await follower.untilHeard('1')
    expect(
      await whileCurrent(
        follower,
        () => NOON,
        async () => ['a row'],
      ),
    ).toEqual(['a row'])
    time.monotonic += LEASE_MS
    expect(follower.isCurrent()).toBe(false)
    expect(
      await whileCurrent(
        follower,
        () => NOON,
        async () => ['a row'],
      ),
    ).toEqual([])
  })

  test('answers nothing that was read when something was heard meanwhile: it is read again', async () => {
    const { consent, barrier, standings, follower } = await following()
    await consent.append([YES])
    await follower.untilHeard('1')
    const reads: string[][] = []
    const rows = await whileCurrent(
      follower,
      () => NOON,
      async () => {
        const read = standings.isAlive(ROW, NOON) ? ['a row'] : []
        if (reads.length === 0) await barrier.waitFor((await consent.append([NO])).revision, 5_000)
        reads.push(read)
        return read
      },
    )
    expect([reads, rows]).toEqual([[['a row'], []], []])
  })

  test('cuts what was withdrawn and given again between two looks', async () => {
    const { consent, standings, follower } = await following()
    const { revision } = await consent.append([YES, NO, AGAIN])
    await follower.untilHeard(revision)
    expect([standings.isAlive(ROW, NOON), standings.isAlive({ ...ROW, revision: '3' }, NOON)]).toEqual([
      false,
      true,
    ])
  })

  test('cuts what was suppressed and lifted again between two looks', async () => {
    const { consent, standings, follower } = await following({ hasStarted: false })
    await consent.append([YES])
    await follower.ensure(['ada'])
    await consent.mark('ada', 'suppressed', NOON)
    const revision = await consent.mark('ada', 'suppression_lifted', NOON)
    follower.start()
    await follower.untilHeard(revision)
    expect(standings.isAlive(ROW, NOON)).toBe(false)
    expect(await standings.of([ROW])).toMatchObject([{ granted: true, cut: '2', basis: '3' }])
    expect(standings.isBlocked('ada')).toBe(false)
  })

  test('gives its lease up when it stops, so that nobody waits for it', async () => {
    const { consent, barrier, follower } = await following()
    await follower.stop()
    const { revision } = await consent.append([YES])
    expect((await barrier.effectOf(revision)).effective).toBe('EFFECTIVE')
    expect(follower.isCurrent()).toBe(false)
  })

  test('does not believe a service that was set back, and says what is the matter', async () => {
    const told: unknown[] = []
    const standings = createMemoryStandings()
    await standings.write([], '7')
    const { follower } = await following({
      standings,
      onTrouble: (cause) => told.push(cause),
      isAwaited: false,
    })
    await expect.poll(() => told.length).toBe(1)
    expect(told[0]).toMatchObject({ code: 'STANDING_AHEAD_OF_CONSENT' })
    expect(follower.isCurrent()).toBe(false)
  })

  test('asks about everybody anew when a service that was set back has given as many numbers again, to other words', async () => {
    const before = createMemoryConsentStore()
    const standings = createMemoryStandings()
    await before.append([YES])
    for (const pid of ['bo', 'cyd', 'dee']) await before.append([firstReceipt(pid)])
    const lost = createMemoryConsentStore()
    await lost.append([YES])
    const told: unknown[] = []
    let store = before
    const view = toldConsentView(async (name, input, { isOver = new AbortController().signal }) => {
      const protocol = consentProtocol({
        store,
        leases: createMemoryLeaseStore(),
        leaseMs: LEASE_MS,
        clock: () => NOON,
        lookEveryMs: null,
      })
      return followCalls(protocol, store).get(`/consent/v1/follow/${name}`)?.(input, isOver)
    })
    const follower = new Follower({ view, stores: [standings], onTrouble: (cause) => told.push(cause) })
    opened.push(follower)
    follower.start()
    await follower.untilHeard('4')
    expect(standings.isAlive(ROW, NOON)).toBe(true)
    store = lost
    await expect.poll(() => told).toMatchObject([{ code: 'STANDING_AHEAD_OF_CONSENT' }])
    await lost.append([NO])
    for (const pid of ['bo', 'cyd']) await lost.append([firstReceipt(pid)])
    await expect.poll(() => standings.isAlive(ROW, NOON)).toBe(false)
    await lost.append([firstReceipt('eve')])
    await follower.untilHeard('5')
    expect(standings.isAlive(ROW, NOON)).toBe(false)
  })

  test('learns at once of somebody of whom nothing was heard yet', async () => {
    const { consent, standings, follower } = await following({ hasStarted: false })
    await consent.append([YES])
    await follower.ensure(['ada', 'bo'])
    expect(standings.isAlive(ROW, NOON)).toBe(true)
    expect(await standings.people(null, 9)).toEqual(['ada'])
    expect(await standings.mark()).toBe('0')
  })

  test.each([
    ['a state of nobody who was asked about', { revision: '1', now: NOON, states: [['bo', '1', null, []]] }],
    ['no state', { revision: '1', now: NOON, states: [] }],
    [
      'two states of one',
      {
        revision: '1',
        states: [
          ['ada', '1', null, []],
          ['ada', '1', null, []],
        ],
      },
    ],
    ['a state without a revision', { revision: '1', states: [['ada', null, null, []]] }],
    ['nothing', null],
  ])('is not current by a service that answers %s', async (_, answer) => {
    const told: unknown[] = []
    const { consent, follower } = await following({
      onTrouble: (cause) => told.push(cause),
      isAwaited: false,
      answers: (name, input) =>
        name === 'decide' && JSON.stringify(input).includes('ada') ? answer : undefined,
    })
    await consent.append([YES])
    await expect.poll(() => told.length).toBeGreaterThan(0)
    expect(follower.isCurrent()).toBe(false)
  })
})

describe('Over the wire', () => {
  test('consent is followed by who shares the key, and nobody else', async () => {
    const consent = createMemoryConsentStore()
    const clock = Date.now
    const app = await serveSubgraph({
      ...createConsentSubgraph({ store: consent, clock }),
      name: 'consent',
      grantKey: 'the key of the gateway, which is another one',
      peerKeys: { standing: 'the key of whoever follows consent' },
      clock,
    })
    opened.push({ stop: () => app.close() })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/graphql`
    const follow = (key: string) => {
      const standings = createMemoryStandings()
      const troubles: unknown[] = []
      const view = consentElsewhere({ url, key, clock })
      const follower = new Follower({ view, stores: [standings], onTrouble: (cause) => troubles.push(cause) })
      opened.push(follower)
      follower.start()
      return { standings, troubles, follower }
    }
    const [known, stranger] = [
      follow('the key of whoever follows consent'),
      follow('the key of the gateway, which is another one'),
    ]
    const { revision } = await consent.append([YES, NO, AGAIN])
    await known.follower.untilHeard(revision)
    expect(await known.standings.of([ROW])).toMatchObject([{ granted: true, cut: '2', basis: '3' }])
    await expect.poll(() => stranger.troubles.length).toBe(1)
    expect([await stranger.standings.mark(), stranger.follower.isCurrent()]).toEqual(['0', false])
  })
})

interface Following {
  readonly standings?: MemoryStandings
  readonly write?: (write: () => Promise<void>) => Promise<void>
  readonly instant?: () => Instant
  readonly onTrouble?: (cause: unknown) => void
  /** Another answer than that of the service. */
  readonly answers?: (name: string, input: object) => unknown
  readonly hasStarted?: boolean
  readonly isAwaited?: boolean
}

/** A consent service, its barrier, and somebody who follows it in the same process. */
async function following(how: Following = {}) {
  const { standings = createMemoryStandings(), write = (pass) => pass(), hasStarted = true } = how
  const consent = createMemoryConsentStore()
  const leases = createMemoryLeaseStore()
  const clock = Date.now
  const protocol = consentProtocol({ store: consent, leases, leaseMs: LEASE_MS, clock, lookEveryMs: null })
  const calls = followCalls(protocol, consent)
  const follower = new Follower({
    view: toldConsentView(async (name, input, { isOver = new AbortController().signal }) => {
      const other = how.answers?.(name, input)
      return other === undefined ? calls.get(`/consent/v1/follow/${name}`)?.(input, isOver) : other
    }),
    stores: [{ ...standings, write: (...all) => write(() => standings.write(...all)) }],
    onTrouble: how.onTrouble ?? (() => {}),
    ...(how.instant && { instant: how.instant }),
  })
  opened.push(follower)
  if (hasStarted) follower.start()
  if (hasStarted && how.isAwaited !== false) await follower.untilHeard()
  return { consent, standings, follower, barrier: createBarrier({ leases, leaseMs: LEASE_MS }) }
}

function openGate() {
  let [closed, open, arrive] = [Promise.resolve(), () => {}, () => {}]
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  let isClosed = false
  return {
    close: () => {
      isClosed = true
      closed = new Promise((resolve) => (open = resolve))
    },
    open: () => open(),
    reached: () => arrived,
    async pass(write: () => Promise<void>) {
      if (isClosed) arrive()
      await closed
      await write()
    },
  }
}
