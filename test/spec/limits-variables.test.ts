import { describe, expect, test } from 'vitest'
import { canariesIn } from '../support/canaries.ts'
import { checkVariables } from '../../gateway/limits/check-variables.ts'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { cpuMilliseconds } from '../support/cpu-time.ts'
import { refusal, told } from '../support/refusal.ts'
import { createWorld } from '../support/world.ts'

const world = createWorld({
  ...peopleGraph,
  limits: {
    ...DEFAULT_LIMITS,
    variables: 3,
    variableBytes: 300,
    textLength: 100,
    listItems: 5,
    inputDepth: 4,
  },
})
const QUERY = 'query ($ids: [ID!]!) { people(ids: $ids) { name } }'
const nested = (depth: number): unknown => (depth === 0 ? 'ada' : [nested(depth - 1)])

describe('values of variables are measured before they are coerced, and refused without being repeated', () => {
  const cases: Record<string, readonly [variables: Record<string, unknown>, refused: string]> = {
    'a text that is too long': [
      { ids: [`${canary('ada', 'ssn')}${'x'.repeat(100)}`] },
      'VARIABLES_TOO_LARGE limits.textLength: 114 of 100',
    ],
    'a list with too many items': [
      { ids: ['a', 'b', 'c', 'd', 'e', canary('ada', 'ssn')] },
      'VARIABLES_TOO_LARGE limits.listItems: 6 of 5',
    ],
    'a list with too many items where one value is declared': [
      { ids: [{ a: [1, 2, 3, 4, 5, 6] }] },
      'VARIABLES_TOO_LARGE limits.listItems: 6 of 5',
    ],
    'lists inside one another': [{ ids: nested(5) }, 'OPERATION_TOO_LARGE limits.inputDepth: 5 of 4'],
    'many values that are each small enough': [
      { ids: ['ada'], more: ['x'.repeat(99), 'y'.repeat(99), 'z'.repeat(99)] },
      'VARIABLES_TOO_LARGE limits.variableBytes: 330 of 300',
    ],
    'bytes, not characters': [
      { ids: ['ada'], more: ['ä'.repeat(99), '€'.repeat(50)] },
      'VARIABLES_TOO_LARGE limits.variableBytes: 378 of 300',
    ],
    'values for more variables than may be declared': [
      { ids: ['ada'], a: 1, b: 2, c: 3 },
      'VARIABLES_TOO_LARGE limits.variables: 4 of 3',
    ],
  }
  for (const [title, [variables, refused]] of Object.entries(cases))
    test(title, async () => {
      const error = await refusal(world.ask(QUERY, { variables }))
      expect(told(error)).toBe(refused)
      expect(canariesIn([error.message, error.extensions])).toEqual([])
      // Also where a contract lets the operation itself be larger.
      expect(told(await refusal(world.ask(QUERY, { variables, contract: { limits: { depth: 50 } } })))).toBe(
        refused,
      )
    })

  test('at the limits they are served', async () => {
    const asked = await world.ask(QUERY, {
      variables: { ids: ['ada', 'bo', 'cyd', 'dee', 'x'.repeat(100)], a: nested(4) },
    })
    expect(asked.data).toEqual({
      people: [{ name: 'Ada' }, { name: 'Bo' }, { name: 'Cyd' }, { name: 'Dee' }],
    })
  })
})

test('values a hundred thousand levels deep are refused before anything descends into them', () => {
  let value: unknown = 1
  for (let level = 0; level < 100_000; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  expect(() => checkVariables({ value }, DEFAULT_LIMITS)).toThrow('limits.inputDepth: 31, at most 30')
})

test('measuring ends at the limit: what is far too much takes no longer than what is a little too much', () => {
  const ones = Array.from({ length: 9000 }, () => 1)
  const ids = Array.from({ length: 9000 }, () => ones)
  const check = () => expect(() => checkVariables({ ids }, DEFAULT_LIMITS)).toThrow('limits.variableBytes')
  expect(cpuMilliseconds(check)).toBeLessThan(50)
})
