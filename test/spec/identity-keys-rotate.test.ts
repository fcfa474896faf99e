import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createJudge } from '../../subgraphs/consent/links/state-of.ts'
import { NO_IDENTITY_FEED } from '../../subgraphs/open-identity-feed.ts'
import { keyChangeIn } from '../../subgraphs/open-rotation.ts'
import { openStores, type OpenStores } from '../../subgraphs/open-stores.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { STANDARD_FORMAT } from '../../subgraphs/identity/pseudonyms/key-ring.ts'
import type { RotationProgress } from '../../subgraphs/identity/rotation/rotate-keys.ts'
import { seed } from '../../subgraphs/seed.ts'
import { readValues } from '../support/feature-rows.ts'

const NOW = Date.parse('2026-01-01')
let dataDir: string
let stores: OpenStores
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'assent-rotation-'))
  stores = await openStores({ dataDir })
  await seed(stores, createPseudonymizer({ ring: stores.keys }), { people: 40, events: 200, now: NOW })
  const terms = { name: 'warehouse', kind: 'pull', slaMs: 60_000 } as const
  await stores.changes.configure([{ ...terms, start: await stores.changes.newest() }])
})
afterAll(async () => {
  await stores.close()
  rmSync(dataDir, { recursive: true })
})

async function rotate(): Promise<RotationProgress | undefined> {
  const steps: RotationProgress[] = []
  const options = { mayBegin: true, format: STANDARD_FORMAT, windowMs: 0, graceMs: 0, batch: 25 }
  for await (const step of keyChangeIn(stores, NO_IDENTITY_FEED).run(options)) steps.push(step)
  return steps.at(-1)
}

const pidsOf = async (): Promise<string[]> =>
  (await stores.identity.page(500, 0)).people.map(({ pid }) => pid)

/** What holds for each person, scope by scope, and by which receipt. */
const heldBy = async (pids: readonly string[]): Promise<readonly unknown[]> => {
  const records = await stores.consent.records(pids)
  const judge = createJudge({ context: { channel: null, region: null, brand: null }, now: NOW })
  return pids.map((pid) => {
    const record = records.get(pid)
    return record === undefined ? null : [...judge(record).scopes].toSorted(([a], [b]) => (a < b ? -1 : 1))
  })
}

const featuresOf = (pids: readonly string[]) =>
  readValues(
    stores.features,
    pids.map((pid) => ({ pid, scope: 'personalization', feature: 'plan_tier' })),
    NOW,
  )

test('everybody has a new pid, with all they said; when all have heard, the elder one leads nowhere', async () => {
  const elder = await pidsOf()
  const held = await heldBy(elder)
  const features = await featuresOf(elder)
  expect(features.length).toBeGreaterThan(0)
  expect(JSON.stringify(held)).toContain('"status":"given"')

  expect(await rotate()).toMatchObject({ step: 'waiting', behind: ['warehouse'] })
  const pids = await pidsOf()
  expect(pids.every((pid) => pid.startsWith('p2_'))).toBe(true)
  expect(await heldBy(pids)).toEqual(held)
  // Till everybody has heard, who is called by the elder name is the same person.
  expect((await stores.identity.records(elder)).size).toBe(elder.length)
  expect(await heldBy(elder)).toEqual(held)

  const newest = await stores.changes.newest()
  await stores.changes.handOut('warehouse', newest)
  expect(await stores.changes.acknowledge('warehouse', newest)).toBe(true)
  expect(await featuresOf(elder)).toHaveLength(features.length)
  expect(await rotate()).toMatchObject({ step: 'done', to: 2 })
  expect(await featuresOf(pids)).toHaveLength(features.length)
  expect(await featuresOf(elder)).toEqual([])
  expect(await pidsOf()).toEqual(pids)
  expect(await heldBy(pids)).toEqual(held)
  expect((await stores.identity.records(elder)).size).toBe(0)
  expect((await stores.keys.keys()).map(({ state }) => state)).toEqual(['writing', 'retired'])
  const told = await stores.changes.after('0', 1000)
  const changed = told.filter(({ type }) => type === 'pid_changed')
  expect(new Set(changed.map(({ from }) => from[0]))).toEqual(new Set(elder))
  expect(changed).toHaveLength(elder.length)
})
