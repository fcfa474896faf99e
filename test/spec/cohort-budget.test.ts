import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CohortEvents } from '../../subgraphs/aggregates/cohort-events.ts'
import { LOST_AFTER_MS, type BudgetLedger } from '../../subgraphs/budget/ledger.ts'
import { budgetMigration, createSqlLedger } from '../../subgraphs/budget/sql-ledger.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import {
  aggregatesOf,
  crowd,
  DAY,
  NOON,
  openCohortDesk,
  portsOf,
  WINDOW,
} from '../support/cohorts/cohort-desk.ts'

describe('the budget of everybody who may ask', () => {
  let engine: Engine
  let ledger: BudgetLedger
  let reads = 0
  let now = NOON
  const counted: CohortEvents = {
    ofType: async (asked, page) => {
      reads += 1
      return portsOf({ kept: crowd(100) }).events.ofType(asked, page)
    },
  }
  const desk = (events = counted) => openCohortDesk({ ledger, events, clock: () => now })
  const [budget] = aggregatesOf().budgets.values()
  const spent = async () => (await ledger.left(budget!, now)).map((left) => left.spent)

  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [budgetMigration])
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    await sql`truncate budget.spent, budget.budget`.execute(engine.admin)
    ledger = createSqlLedger(engine.database(budgetMigration))
    reads = 0
    now = NOON
  })

  const asking = (epsilon: number, from = '2026-05-01T00:00:00Z') =>
    `{ cohortMetric(metric: "sessions", epsilon: ${epsilon}, from: "${from}", to: "2026-06-01T00:00:00Z") {
      value refused { code place } budgetLeft { days left } } }`

  test('many who ask at once spend no more together than there is, and what is refused was not read', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => desk().ask(asking(0.5, `2026-05-01T00:00:${10 + index}Z`))),
    )
    const codes = answers.map(({ data }) => data.cohortMetric.refused?.code ?? 'answered')
    expect(codes.filter((code) => code === 'answered')).toHaveLength(8)
    expect(codes.filter((code) => code === 'BUDGET_SPENT')).toHaveLength(22)
    expect(reads).toBe(8)
    expect(await spent()).toEqual([expect.closeTo(4, 9), expect.closeTo(4, 9)])
  })

  test('who is refused is told what is left of which limit; a day later there is more, and in the end no more', async () => {
    const { ask } = desk()
    for (const epsilon of [2, 1.5])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask(asking(epsilon))
    const { data } = await ask(asking(1))
    expect(data.cohortMetric).toMatchObject({
      value: null,
      refused: { code: 'BUDGET_SPENT', place: 'ε 0.5 of 4 left within 1 day' },
      budgetLeft: [
        { days: null, left: expect.closeTo(16.5, 9) },
        { days: 1, left: expect.closeTo(0.5, 9) },
      ],
    })
    let answered = 0
    for (let day = 1; day <= 10; day += 1) {
      now = NOON + day * DAY
      for (const epsilon of [1.9, 2]) {
        // oxlint-disable-next-line no-await-in-loop
        const { data: later } = await ask(asking(epsilon))
        if (later.cohortMetric.refused === null) answered += epsilon
        else expect(later.cohortMetric.refused.place).toMatch(/left for ever$/)
      }
    }
    expect(answered).toBeGreaterThan(15)
    expect((await spent())[0]).toBeLessThanOrEqual(20)
  })

  test('who is killed before the answer is kept has spent it, and a minute later the same is asked and paid anew', async () => {
    const died: CohortEvents = {
      ofType: async () => {
        throw new Error('killed')
      },
    }
    const { data, errors } = await desk(died).ask(asking(1))
    expect(data).toBeNull()
    expect(errors).toHaveLength(1)
    expect(await spent()).toEqual([1, 1])
    const again = await desk().ask(asking(1))
    expect(again.data.cohortMetric.refused.code).toBe('AGGREGATE_UNDER_WAY')
    expect(reads).toBe(0)
    now += LOST_AFTER_MS
    expect((await desk().ask(asking(1))).data.cohortMetric.refused).toBeNull()
    expect(await spent()).toEqual([expect.closeTo(2, 9), expect.closeTo(2, 9)])
  })

  test('of two who ask the same at once one is answered, and both are later, with the same number', async () => {
    const both = await Promise.all([desk().ask(asking(1)), desk().ask(asking(1))])
    const codes = both.map(({ data }) => data.cohortMetric.refused?.code ?? 'answered')
    expect(codes.filter((code) => code === 'answered').length).toBeGreaterThanOrEqual(1)
    expect(reads).toBe(1)
    const later = await Promise.all([desk().ask(asking(1)), desk().ask(asking(1))])
    const values = new Set(later.map(({ data }) => data.cohortMetric.value))
    expect(values.size).toBe(1)
    expect(values).toContain(
      both.find(({ data }) => data.cohortMetric.value !== null)?.data.cohortMetric.value,
    )
    expect(await spent()).toEqual([1, 1])
  })

  test('what is kept is noisy: the exact number is nowhere in the database', async () => {
    await desk().ask(asking(0.001))
    const { rows } = await sql<{ answer: string }>`select answer from budget.spent`.execute(engine.admin)
    // With ε of a thousandth 100 itself is as unlikely as any number near it; the seed is fixed.
    expect(rows[0]?.answer).toMatch(/^\[\["-?\d+"\],\["-?\d+"\]\]$/)
    expect(rows[0]?.answer).not.toContain('"100"')
  })

  test('another window is another question', async () => {
    await desk().ask(`{ cohortMetric(metric: "sessions", ${WINDOW}) { value } }`)
    await desk().ask(asking(1, '2026-05-02T00:00:00Z'))
    expect(reads).toBe(2)
  })
})
