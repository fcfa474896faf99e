import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createExpiryClock, openExpiryClock } from '../../subgraphs/consent/expiry-clock.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { consentProtocol } from '../../subgraphs/consent/protocol.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { createSqlTimeMark } from '../../subgraphs/consent/sql-time-mark.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'

const NOON = Date.UTC(2026, 0, 15, 12)
const HOUR = 3_600_000

/** A machine whose clock can be set, while time goes on. */
const createMachine = () => {
  let [passed, off] = [0, 0]
  return {
    clock: () => NOON + passed + off,
    monotonic: () => passed,
    pass: (ms: number) => void (passed += ms),
    set: (ms: number) => void (off = ms),
  }
}

describe('The clock that consent runs out by, when the clock of the machine', () => {
  test('goes on, is that clock', () => {
    const machine = createMachine()
    const now = createExpiryClock(machine)
    expect(now()).toBe(NOON)
    machine.pass(500)
    expect(now()).toBe(NOON + 500)
    machine.set(HOUR)
    expect(now()).toBe(NOON + HOUR + 500)
  })

  test('is set back, goes on from where it was', () => {
    const machine = createMachine()
    const now = createExpiryClock(machine)
    expect(now()).toBe(NOON)
    machine.pass(1_000)
    machine.set(-HOUR)
    expect(now()).toBe(NOON + 1_000)
    machine.pass(1_000)
    expect(now()).toBe(NOON + 2_000)
  })

  test('is steered back a little, does not run faster than time', () => {
    const machine = createMachine()
    const now = createExpiryClock(machine)
    for (let step = 0; step < 100; step += 1) {
      machine.set(step % 2 === 0 ? 5 : -5)
      machine.pass(10)
      now()
    }
    expect(now()).toBe(NOON + 1_005)
  })
})

describe('A yes that has run out', () => {
  test('does not come back when the clock of the service is set back', async () => {
    const machine = createMachine()
    const store = createMemoryConsentStore(machine.clock)
    const decide = consentProtocol({
      store,
      leases: createMemoryLeaseStore(),
      leaseMs: 1_000,
      clock: machine.clock,
      expiryClock: createExpiryClock(machine),
      lookEveryMs: null,
    }).get('/consent/v1/decide')
    const expiresAt = new Date(NOON + 10_000).toISOString()
    const said = { pid: 'ada', scopes: ['analytics'], source: 'test', status: 'given', expiresAt } as const
    await writeReceipts(store, said, { vocabulary: standardVocabulary, now: machine.clock() })
    const statusNow = async () => {
      const answer = (await decide?.({ subjects: ['ada'] }, new AbortController().signal)) as {
        states: [string, string, string | null, [string, string][]][]
      }
      return answer.states[0]?.[3][0]?.[1]
    }
    expect(await statusNow()).toBe('given')
    machine.pass(9_999)
    expect(await statusNow()).toBe('given')
    machine.pass(1)
    expect(await statusNow()).toBe('expired')
    machine.set(-HOUR)
    expect(await statusNow()).toBe('expired')
  })
})

describe('A service that starts again on a machine whose clock was set back', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [consentMigration])
  })
  afterAll(() => engine.close())

  const raised = async (above: number): Promise<void> => {
    const mark = createSqlTimeMark(engine.database(consentMigration))
    while ((await mark.read()) < above) await new Promise((resolve) => setImmediate(resolve))
  }

  test('stands where any replica has been, until the clock is there, too', async () => {
    const mark = () => createSqlTimeMark(engine.database(consentMigration))
    const first = createMachine()
    const before = await openExpiryClock(first.clock, mark())
    before()
    first.pass(60_000)
    expect(before()).toBe(NOON + 60_000)
    await raised(NOON + 60_000)

    const second = createMachine()
    second.set(-HOUR)
    const after = await openExpiryClock(second.clock, mark())
    expect(after()).toBe(NOON + 60_000)
    second.set(0)
    second.pass(60_001)
    expect(after()).toBe(NOON + 60_001)
  })

  test('a mark is never moved back', async () => {
    const mark = createSqlTimeMark(engine.database(consentMigration))
    await mark.raise(NOON + HOUR)
    await mark.raise(NOON)
    expect(await mark.read()).toBe(NOON + HOUR)
  })
})
