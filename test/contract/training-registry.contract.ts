import { beforeEach, describe, expect, test } from 'vitest'
import type { RegisteredSet, TrainingRegistry } from '../../subgraphs/features/training/training-registry.ts'

/** What every registry of training sets promises. `open` gives an empty one. */
export function trainingRegistryContract(engine: string, open: () => Promise<TrainingRegistry>): void {
  describe(`A registry of training sets on ${engine}`, () => {
    let registry: TrainingRegistry
    beforeEach(async () => {
      registry = await open()
    })

    const set = (id: string, builtAt: number, ...pids: readonly string[]): RegisteredSet => ({
      id,
      name: 'churn',
      builtAt,
      asksNow: true,
      rests: pids.flatMap((pid) => [
        { pid, scope: 'analytics', revision: '7' },
        { pid, scope: 'product_recs', revision: '12345678901234567' },
      ]),
    })
    const idsOf = async (pid: string) => (await registry.setsOf(pid)).map(({ id }) => id)

    test('tells from a person all sets, the oldest first, and what of the person each rests on', async () => {
      await registry.register(set('b', 2, 'ada', 'bo'))
      await registry.register(set('a', 3, 'ada'))
      await registry.register(set('c', 1, 'bo'))
      expect([await idsOf('ada'), await idsOf('bo'), await idsOf('cyd')]).toEqual([
        ['b', 'a'],
        ['c', 'b'],
        [],
      ])
      expect((await registry.setsOf('ada'))[0]).toEqual({
        id: 'b',
        name: 'churn',
        builtAt: 2,
        asksNow: true,
        rests: [
          { scope: 'analytics', revision: '7' },
          { scope: 'product_recs', revision: '12345678901234567' },
        ],
      })
    })

    test('tells from a set who is in it', async () => {
      await registry.register(set('a', 1, 'bo', 'ada'))
      expect([await registry.peopleOf('a'), await registry.peopleOf('b')]).toEqual([['ada', 'bo'], []])
    })

    test('takes a set once, and forgets the one it replaces', async () => {
      await registry.register(set('a', 1, 'ada', 'bo'))
      await registry.register(set('a', 1, 'ada', 'bo'))
      await registry.register(set('b', 2, 'ada'), 'a')
      expect([await idsOf('ada'), await idsOf('bo'), await registry.peopleOf('a')]).toEqual([['b'], [], []])
      expect((await registry.setsOf('ada'))[0]?.rests).toHaveLength(2)
    })

    test('follows people to their new pids', async () => {
      await registry.register(set('a', 1, 'ada'))
      await registry.copyPids([{ from: 'ada', to: 'ada-2' }])
      await registry.copyPids([{ from: 'ada', to: 'ada-2' }])
      await registry.forgetPids(['ada'])
      expect([await idsOf('ada'), await idsOf('ada-2')]).toEqual([[], ['a']])
      expect((await registry.setsOf('ada-2'))[0]?.rests).toHaveLength(2)
    })
  })
}
