import { describe, expect, test, vi } from 'vitest'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { openFeatures } from '../../subgraphs/open-features.ts'
import { eventWorld, memoryEngine, NOON, sent, take } from '../support/events/event-flow.ts'

describe('While events wait to be stored, features', () => {
  test('are computed of fewer at once, and none is left out', async () => {
    const world = eventWorld(memoryEngine())
    await world.says('ada', 'analytics', 'rc-ada')
    await take(world.flow, ...Array.from({ length: 250 }, (_, number) => sent({ eventId: `e${number}` })))
    const features = createMemoryFeaturesStore()
    const after = vi.fn<typeof world.store.after>(world.store.after)
    let isBusy = true
    const running = openFeatures({
      features,
      events: { ...world.store, after },
      currency: { isCurrent: () => true },
      clock: () => NOON,
      log: () => {},
      isBusy: () => isBusy,
      everyMs: 1,
    })
    await vi.waitFor(async () =>
      expect((await features.progress()).position).toBe(await world.store.newest()),
    )
    expect(new Set(after.mock.calls.map(([, limit]) => limit))).toEqual(new Set([100]))
    isBusy = false
    await vi.waitFor(() => expect(after.mock.lastCall?.[1]).toBe(500))
    await running.stop()
  })
})
