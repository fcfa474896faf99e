import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { handedOutMigration } from '../../subgraphs/recommendations/vectors/migration.ts'
import { createSqlHandedOut } from '../../subgraphs/recommendations/vectors/sql-handed-out.ts'
import type { Handing, KeptHandedOut } from '../../subgraphs/recommendations/vectors/vector-store.ts'

describe('What was handed out, on a server without the extension', () => {
  let engine: Engine
  let store: KeptHandedOut
  let rewritten = 0

  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [handedOutMigration])
    store = createSqlHandedOut(engine.database<never>(handedOutMigration), async () => void (rewritten += 1))
  })
  afterAll(() => engine.close())

  test('is counted, follows a person to a new pid, and names nobody who was erased', async () => {
    expect(await given('ada', 0, 20)).toHaveLength(20)
    expect(await given('ada', 20, 40)).toEqual([])
    await store.copyPids([{ from: 'ada', to: 'ada-2' }])
    expect(await given('ada-2', 20, 40)).toEqual([])
    await store.forgetPids(['ada'])
    expect((await store.retrievals(9)).map(({ about }) => about)).not.toContain('ada')
    await store.purgeDead(NOW + 2 * 86_400_000)
    expect(await given('ada-2', 20, 40)).toHaveLength(20)
    await store.vacuum()
    expect(rewritten).toBe(1)
  })

  const given = async (about: string, from: number, until: number): Promise<readonly string[]> => {
    const found = Array.from({ length: until - from }, (_, n) => `item-${from + n}`)
    const line = { at: NOW, client: 'shop', purpose: 'personalization', about, among: 'items' } as const
    const handing: Handing = {
      line: { ...line, model: 'tower-1', k: 20 },
      countedFor: about,
      found,
      wanted: 20,
      most: 20,
      windowMs: 60_000,
    }
    return (await store.handOut([handing]))[0] ?? []
  }
})

const NOW = Date.UTC(2026, 4, 1, 12)
