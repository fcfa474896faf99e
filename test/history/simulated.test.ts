import { describe, expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'
import { FAULTS } from './faults.ts'
import type { History } from './history.ts'
import { simulate } from './simulate.ts'

/** Set to look further than every run does; a seed that fails is told, and is the same history again. */
const FIRST_SEED = Number(process.env['HISTORY_SEED'] ?? 1)
const OPERATIONS = Number(process.env['HISTORY_OPERATIONS'] ?? 10_000)

describe('Gateways that hold leases, whatever happens to them and to what they are told', () => {
  test.each([0, 1])('use nothing that was withdrawn and said to be (seed + %i)', async (more) => {
    const seed = FIRST_SEED + more
    const { history, operations } = await simulate({ seed, operations: OPERATIONS })
    expect(checkHistory(history), `seed ${seed}`).toEqual([])
    expect(operations).toBe(OPERATIONS)
    // Something happened: much was shown, much was withdrawn, and most withdrawals were in force in the end.
    const { shown, withdrawn, effective } = countsOf(history)
    expect(shown).toBeGreaterThan(OPERATIONS / 5)
    expect(withdrawn).toBeGreaterThan(OPERATIONS / 50)
    expect(effective).toBeGreaterThan(withdrawn * 0.8)
  })

  test('do the same again for the same seed', async () => {
    const [one, other] = [
      await simulate({ seed: FIRST_SEED, operations: 300 }),
      await simulate({ seed: FIRST_SEED, operations: 300 }),
    ]
    expect(countsOf(other.history)).toEqual(countsOf(one.history))
  })
})

describe('The checker finds', () => {
  test.each(Object.entries(FAULTS))('%s', async (_name, faults) => {
    const isEnough = (history: History) => checkHistory(history).length > 0
    let found = false
    for (let seed = 1; !found && seed <= MOST_SEEDS; seed += 1)
      found = isEnough((await simulate({ seed, operations: 4_000, faults, isEnough })).history)
    expect(found).toBe(true)
  })
})

const MOST_SEEDS = 4

const countsOf = ({ statements, requests, answers }: History) => ({
  shown: answers.filter(({ shown }) => shown.length > 0).length,
  asked: requests.length,
  withdrawn: statements.filter(({ status, revision }) => status === 'withdrawn' && revision !== null).length,
  effective: statements.filter(({ effective }) => effective < Number.POSITIVE_INFINITY).length,
})
