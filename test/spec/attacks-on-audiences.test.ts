import { describe, expect, test } from 'vitest'
import { askCohort } from '../../subgraphs/aggregates/ask-cohort.ts'
import { NO_CELLS } from '../../subgraphs/aggregates/cells.ts'
import { createMemoryCohortEvents } from '../../subgraphs/aggregates/memory-cohort-events.ts'
import { scalarKind } from '../../subgraphs/aggregates/release/scalar-release.ts'
import type { BudgetLedger } from '../../subgraphs/budget/ledger.ts'
import { mostOften } from '../support/binomial-bound.ts'
import { crowd, portsOf, session } from '../support/cohorts/cohort-desk.ts'
import { questionOf, releasedNumbers, sessions } from '../support/cohorts/cohort-release.ts'
import { seededWords } from '../support/seeded-words.ts'

const EPSILON = 1
const ROUNDS = 600
const question = questionOf(EPSILON)
/** With an ε of 60, which no metric allows: the same way with hardly any noise is broken by the same attack, or it is blunt. */
const weak = { ...question, epsilon: 60_000 }
const people = scalarKind(sessions(), 'people')
/** Nine, and ten with Ada: at the limit below which an audience is not shown. */
const without = crowd(9)
const withAda = [...without, session('ada')]

/** Each answer is drawn anew, for an attacker with many houses; what the ledger does against that is asked below. */
const boundless: BudgetLedger = {
  reserve: async () => ({ kind: 'reserved', id: '1' }),
  renew: async () => {},
  settle: async () => {},
  left: async () => [],
}

/** How large the audience is said to be, and whether it is said at all: both are seen. */
const sizes = async (isThere: boolean, seed: number, asking = question) => {
  const events = createMemoryCohortEvents(isThere ? withAda : without)
  const ports = portsOf({ events, words: seededWords(seed), ledger: boundless })
  const found: { size: number; isShown: boolean }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = { name: 'people', cells: NO_CELLS, kind: people }
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { shown, isSmall } = await askCohort(asking, asked, ports)
    found.push({ size: shown.value, isShown: !isSmall })
  }
  return found
}

/** Of those with Ada, how many an attacker finds who says so wrongly in no more than one case in a hundred. */
const caught = (there: readonly number[], away: readonly number[]): number => {
  const limit = away.toSorted((a, b) => a - b)[Math.ceil(away.length * 0.99) - 1] ?? 0
  return there.filter((value) => value > limit).length
}

/** No attack on ε does better than e^ε times its false alarms; so many as 2 % may hide behind one in a hundred of 600 draws. */
const BOUND = Math.exp(EPSILON) * 0.02

describe('The size of an audience, which tells whether Ada is in it', () => {
  test('tells it always where there is hardly any noise: else the attack would be blunt', async () => {
    const [there, away] = [await sizes(true, 1, weak), await sizes(false, 2, weak)]
    const of = (all: typeof there) => all.map(({ size }) => size)
    expect(caught(of(there), of(away))).toBeGreaterThan(0.99 * ROUNDS)
    const shown = (all: typeof there) => all.filter(({ isShown }) => isShown).length
    expect([shown(there), shown(away)], 'and so does whether it is shown').toEqual([ROUNDS, 0])
  })

  test('tells it hardly ever as it is answered', async () => {
    const [there, away] = [await sizes(true, 1), await sizes(false, 2)]
    const of = (all: typeof there) => all.map(({ size }) => size)
    expect(mostOften(caught(of(there), of(away)), ROUNDS)).toBeLessThan(BOUND)
  })

  test('nor does it tell by being too small to be shown: noise decides that, not the people', async () => {
    const share = (all: Awaited<ReturnType<typeof sizes>>) =>
      all.filter(({ isShown }) => isShown).length / ROUNDS
    const [there, away] = [share(await sizes(true, 3)), share(await sizes(false, 4))]
    expect(away, 'nine of nine would never be shown if they were counted').toBeGreaterThan(0.1)
    expect(there, 'nor would ten ever be held back').toBeLessThan(0.9)
    expect(there / away).toBeLessThan(Math.exp(EPSILON) * 1.1)
  })
})

describe('Differencing: an answer about everybody less an answer about everybody but Ada', () => {
  const released = (isThere: boolean, seed: number, asking = question) =>
    releasedNumbers(
      asking,
      people,
      portsOf({
        events: createMemoryCohortEvents(isThere ? withAda : without),
        words: seededWords(seed),
        ledger: boundless,
      }),
    )
  const differences = (isThere: boolean, from: number, asking = question) =>
    Promise.all(
      Array.from({ length: ROUNDS }, async (_, at) => {
        const [[all = 0], [rest = 0]] = await Promise.all([
          released(isThere, from + 2 * at, asking),
          released(false, from + 2 * at + 1, asking),
        ])
        return all - rest
      }),
    )

  test('tells it where there is hardly any noise: else the attack would be blunt', async () => {
    const [there, away] = [await differences(true, 10_000, weak), await differences(false, 50_000, weak)]
    expect(caught(there, away)).toBeGreaterThan(0.99 * ROUNDS)
  })

  test('tells less than ε allows as it is answered', async () => {
    const [there, away] = [await differences(true, 10_000), await differences(false, 50_000)]
    expect(mostOften(caught(there, away), ROUNDS)).toBeLessThan(BOUND)
  })

  test('is not made sharp by asking again: the same question has the same answer, and costs once', async () => {
    const ports = portsOf({ kept: withAda, seed: 5 })
    const ask = () => releasedNumbers(question, people, ports)
    const again = [await ask(), await ask(), await ask(), await ask(), await ask(), await ask()]
    expect(new Set(again.map(([size]) => size)).size).toBe(1)
    const fresh = await Promise.all(Array.from({ length: 400 }, (_, at) => released(true, 90_000 + at)))
    const mean = fresh.reduce((sum, [size = 0]) => sum + size, 0) / fresh.length
    expect(Math.round(mean), 'an average of fresh answers would have given the number away').toBe(10)
  })
})
