import { expect, test } from 'vitest'
import { createMemoryPeople } from '../../subgraphs/aggregates/people/memory-people.ts'
import { createMemoryLedger } from '../../subgraphs/budget/memory-ledger.ts'
import { budgetIn, openHouse } from '../../subgraphs/open-house.ts'
import type { OpenStores } from '../../subgraphs/open-stores.ts'

const product = (sku: string, category: string) => ({ sku, category, title: sku, price: 1 })

const houseWith = ({ catalogue = [product('b', 'y'), product('a', 'x')], isForgetful = true } = {}) =>
  openHouse(
    {
      aggregates: { people: createMemoryPeople(), ledger: createMemoryLedger() },
      // Ada came under two pids, and is one since.
      changes: {
        after: async (position: string) =>
          position === '0' ? [{ position: '1', from: ['ada-1', 'ada-2'], to: ['ada-2'] }] : [],
      },
      identity: {
        look: (read: (graph: unknown) => unknown) =>
          read({
            bySeed: async (seeds: readonly string[]) => seeds.map((seed) => ({ seed, pid: 'ada-2' })),
          }),
      },
      recommendations: { catalogue: async () => catalogue },
      leases: { isForgetful },
      training: {},
    } as unknown as OpenStores,
    {} as never,
  )

test('A house that trains has heard who became one person before it counts people', async () => {
  expect(await houseWith().personsOf(['ada-1', 'ada-2', 'bo'])).toEqual(
    new Map([
      ['ada-1', 'ada-2'],
      ['ada-2', 'ada-2'],
      ['bo', 'bo'],
    ]),
  )
})

test('It offers what it sells, with categories where there is more than one', async () => {
  expect(await houseWith().catalogue()).toEqual({ items: ['a', 'b'], categories: Int32Array.of(0, 1) })
  const alike = { catalogue: [product('b', 'x'), product('a', 'x')] }
  expect(await houseWith(alike).catalogue()).toEqual({ items: ['a', 'b'], categories: null })
})

test('It is alone on embedded stores, and not on those of a server', () => {
  expect([houseWith().isAlone, houseWith({ isForgetful: false }).isAlone]).toEqual([true, false])
})

test('A budget that it does not declare is none', () => {
  expect(() => budgetIn({ budgets: new Map() }, 'model_training')).toThrow('no budget of this name')
})
