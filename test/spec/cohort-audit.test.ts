import { describe, expect, test } from 'vitest'
import { differenceOfAnswers } from '../../privacy/audit/difference-of-answers.ts'
import {
  createMemoryCohortEvents,
  type MemoryCohortEvent,
} from '../../subgraphs/aggregates/memory-cohort-events.ts'
import { createMemoryPeople } from '../../subgraphs/aggregates/people/memory-people.ts'
import type { ReadQuestion } from '../../subgraphs/aggregates/question.ts'
import type { Kind } from '../../subgraphs/aggregates/release/release.ts'
import { scalarKind } from '../../subgraphs/aggregates/release/scalar-release.ts'
import type { BudgetLedger } from '../../subgraphs/budget/ledger.ts'
import { portsOf, session, SESSIONS } from '../support/cohorts/cohort-desk.ts'
import { questionOf, releasedNumbers, sessions, withParts } from '../support/cohorts/cohort-release.ts'
import { seededWords } from '../support/seeded-words.ts'

/** Everything of a release leads to one number: which answers can be told apart is looked for among these. */
const asOne = (numbers: readonly number[], steps: readonly number[]): number =>
  numbers.reduce((one, number, part) => {
    const step = Math.floor(number / (steps[part] ?? 1))
    return one * 64 + Math.min(31, Math.max(-32, step)) + 32
  }, 0)

interface House {
  /** How finely each part is looked at. */
  readonly steps?: readonly number[]
  readonly question?: ReadQuestion
  readonly kind?: Kind<unknown>
  readonly isMerged?: boolean
}

/** Each answer is drawn anew: what many of them cost together is not what is looked at here. */
const boundless: BudgetLedger = {
  reserve: async () => ({ kind: 'reserved', id: '1' }),
  renew: async () => {},
  settle: async () => {},
  left: async () => [],
}

const ANSWERS = 6_000

/** As many answers about one data set, each by the whole way from the question to what is kept. */
const answers = async (
  kept: readonly MemoryCohortEvent[],
  { question = questionOf(1), kind = scalarKind(sessions(), 'count'), isMerged = true, steps = [] }: House,
  seed: number,
): Promise<number[]> => {
  const people = createMemoryPeople()
  if (isMerged) await people.write(new Map([['ada-at-work', 'ada']]), '1')
  const ports = portsOf({ people, events: createMemoryCohortEvents(kept), words: seededWords(seed) })
  const found: number[] = []
  for (let round = 0; round < ANSWERS; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const numbers = await releasedNumbers(question, kind, { ...ports, ledger: boundless })
    found.push(asOne(numbers, steps))
  }
  return found
}

const others = ['bo', 'cyd'].map((pid) => session(pid))
/** Ada came six times, half of it under another pid. */
const adas = ['ada', 'ada', 'ada', 'ada-at-work', 'ada-at-work', 'ada-at-work'].map((pid) => session(pid))

/** With and without everything of Ada, held against what one answer is said to give away. */
const tellApart = async (house: House, epsilon = 1): Promise<boolean> => {
  const both = await Promise.all([answers([...others, ...adas], house, 1), answers(others, house, 2)])
  return differenceOfAnswers([both[0], both[1]], { epsilon, delta: 0 }).isRefuted
}

describe('with and without Ada, who has two pids', () => {
  test.each([
    ['people', []],
    ['count', []],
    ['sum', [1, 60]],
    ['mean', [1, 1, 60]],
  ] as const)('%s: nobody can tell better than by ε', async (statistic, steps) => {
    expect(await tellApart({ kind: scalarKind(sessions(), statistic), steps })).toBe(false)
  })

  test('the audit sees that well: half of ε would not be enough', async () => {
    expect(await tellApart({ kind: scalarKind(sessions(), 'people') }, 0.5)).toBe(true)
  })

  test.each<readonly [string, House]>([
    ['pids that are not gathered into people', { isMerged: false }],
    [
      'contributions that are not bounded for each person',
      { question: questionOf(1, SESSIONS.replace('contributions: 2', 'contributions: 100')) },
    ],
    [
      'noise half as wide as it has to be',
      {
        kind: withParts(scalarKind(sessions(), 'count'), ({ sensitivity }) => ({
          sensitivity: Math.ceil(sensitivity / 2),
          weight: 2,
        })),
        question: questionOf(2),
      },
    ],
  ])('planted: %s is found', async (_, house) => {
    expect(await tellApart(house)).toBe(true)
  })

  test('planted: exact when there are few, is found', async () => {
    const exact = async (kept: readonly MemoryCohortEvent[], seed: number) =>
      kept.length < 5 ? Array.from({ length: ANSWERS }, () => kept.length) : answers(kept, {}, seed)
    const both = await Promise.all([exact([...others, ...adas], 1), exact(others, 2)])
    expect(differenceOfAnswers([both[0], both[1]], { epsilon: 1, delta: 0 }).isRefuted).toBe(true)
  })
})
