import { beforeEach, describe, expect, test } from 'vitest'
import type { ChangeFeed } from '../../subgraphs/identity/changes/change-feed.ts'
import type { IdentityChange } from '../../subgraphs/identity/graph/decision.ts'

const NOON = Date.UTC(2026, 4, 1, 12)

function changeOf(id: string, more: Partial<IdentityChange> = {}): IdentityChange {
  return {
    id,
    position: 7,
    type: 'merged',
    decisionId: id,
    at: NOON,
    from: ['pa', 'pb'],
    to: ['pa'],
    ...more,
  }
}

/** What every feed of identity changes promises. `open` gives an empty one. */
export function changeFeedContract(engine: string, open: () => Promise<ChangeFeed>): void {
  describe(`A feed of what became of pids on ${engine}`, () => {
    let feed: ChangeFeed
    beforeEach(async () => {
      feed = await open()
    })
    const pull = (name: string) => ({ name, kind: 'pull', slaMs: 1_000, start: '0' }) as const

    test('tells each change once, in the order it was added', async () => {
      await feed.append([changeOf('m1'), changeOf('m2')])
      await feed.append([
        changeOf('m2'),
        changeOf('m3', { type: 'unmerged', from: ['pa'], to: ['pa', 'pb'] }),
      ])
      const told = await feed.after('0', 10)
      expect(told.map(({ id, position }) => [id, position])).toEqual([
        ['m1', '1'],
        ['m2', '2'],
        ['m3', '3'],
      ])
      expect(told[2]).toMatchObject({
        type: 'unmerged',
        decisionId: 'm3',
        at: NOON,
        from: ['pa'],
        to: ['pa', 'pb'],
      })
      expect(await feed.after('1', 1)).toEqual([told[1]])
      expect(await feed.newest()).toBe('3')
    })

    test('adds the same at the same moment once', async () => {
      await Promise.all([
        feed.append([changeOf('m1'), changeOf('m2')]),
        feed.append([changeOf('m1'), changeOf('m3')]),
      ])
      const told = await feed.after('0', 10)
      expect(told.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['m1', 'm2', 'm3'])
      expect(told.map(({ position }) => position)).toEqual(['1', '2', '3'])
    })

    test('keeps the place of a consumer, and takes no acknowledgement of what was never handed out', async () => {
      await feed.append([changeOf('m1'), changeOf('m2')])
      await feed.configure([pull('crm')])
      expect(await feed.acknowledge('crm', '1')).toBe(false)
      await feed.handOut('crm', '1')
      expect([await feed.acknowledge('crm', '2'), await feed.acknowledge('crm', '1')]).toEqual([false, true])
      await feed.configure([{ ...pull('crm'), slaMs: 2_000, start: '2' }])
      expect(await feed.consumers()).toEqual([
        { name: 'crm', kind: 'pull', slaMs: 2_000, position: '1', handedOut: '1' },
      ])
      expect(await feed.acknowledge('nobody', '1')).toBe(false)
    })

    test('knows when everybody has heard of a change, and waits for nobody who is no consumer any more', async () => {
      await feed.append([changeOf('m1'), changeOf('m2')])
      expect([await feed.areHeard(['m1']), await feed.areHeard(['m9'])]).toEqual([true, false])
      await feed.configure([pull('crm'), pull('warehouse')])
      for (const name of ['crm', 'warehouse']) await feed.handOut(name, '2')
      await feed.acknowledge('crm', '2')
      expect(await feed.areHeard(['m1'])).toBe(false)
      await feed.acknowledge('warehouse', '1')
      expect([await feed.areHeard(['m1']), await feed.areHeard(['m1', 'm2'])]).toEqual([true, false])
      await feed.configure([pull('crm')])
      expect(await feed.areHeard(['m1', 'm2'])).toBe(true)
      await feed.configure([pull('crm'), pull('warehouse')])
      expect((await feed.consumers()).map(({ name, position }) => [name, position])).toEqual([
        ['crm', '2'],
        ['warehouse', '1'],
      ])
    })

    test('lets one deliver to a consumer at a time', async () => {
      await feed.configure([pull('crm')])
      const take = (holder: string, ms: number) => feed.take({ consumer: 'crm', holder, ms })
      expect([await take('one', 60_000), await take('other', 60_000), await take('one', 0)]).toEqual([
        true,
        false,
        true,
      ])
      expect(await take('other', 60_000)).toBe(true)
    })

    test('wakes its listeners at each write until they leave', async () => {
      let woken = 0
      const leave = feed.onWrite(() => (woken += 1))
      await feed.append([changeOf('m1')])
      leave()
      await feed.append([changeOf('m2')])
      expect(woken).toBe(1)
    })
  })
}
