import { beforeEach, describe, expect, test } from 'vitest'
import type { ChangeFeed } from '../../subgraphs/identity/changes/change-feed.ts'
import { redirectsUntilHeard } from '../../subgraphs/identity/ended-redirects.ts'
import { createMemoryFeed } from '../../subgraphs/identity/changes/memory-feed.ts'
import { tellFeed } from '../../subgraphs/identity/changes/settler.ts'
import { consentWork } from '../../subgraphs/identity/graph/consent-work.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { customerRecord, identityDesk } from '../support/identity-desk.ts'

const CONSUMERS = ['crm', 'warehouse'].map((name) => ({
  name,
  kind: 'pull' as const,
  slaMs: 1000,
  start: '0',
}))

let feed: ChangeFeed
let desk: ReturnType<typeof identityDesk>
let [ada, bo, cyd]: [string, string, string] = ['', '', '']
beforeEach(async () => {
  const store = createMemoryIdentityStore()
  feed = createMemoryFeed(() => 0)
  await feed.configure(CONSUMERS)
  desk = identityDesk(store, redirectsUntilHeard(store, feed))
  await desk.import(
    customerRecord('1', { givenName: 'Ada' }),
    customerRecord('2', { givenName: 'Bo' }),
    customerRecord('3', { givenName: 'Cyd' }),
  )
  ;[ada, bo, cyd] = [await desk.seed('1'), await desk.seed('2'), await desk.seed('3')]
})

const told = () => tellFeed({ work: consentWork(desk.store), feed })
async function hears(consumer: string): Promise<void> {
  await told()
  const newest = await feed.newest()
  await feed.handOut(consumer, newest)
  await feed.acknowledge(consumer, newest)
}
const customer = async (pid: string) =>
  (await desk.ask('query ($pid: ID!) { customer(pid: $pid) { pid currentPid } }', { variables: { pid } }))
    .data.customer
const unmerge = (id: string) =>
  desk.ask(
    'mutation ($id: ID!) { unmerge(input: { decisionId: $id, keepApart: false }) { parts { pid } } }',
    { variables: { id } },
  )

describe('A pid that lost a merge, where redirects end when they are heard of,', () => {
  test('keeps answering until every consumer has been told by event; then nobody has it', async () => {
    await desk.merge(ada, bo)
    expect(await customer(bo)).toEqual({ pid: bo, currentPid: ada })
    await told()
    await hears('crm')
    expect(await customer(bo)).toEqual({ pid: bo, currentPid: ada })
    await hears('warehouse')
    expect(await customer(bo)).toBeNull()
    expect(await customer(ada)).toEqual({ pid: ada, currentPid: ada })
  })

  test('is somebody’s again when the merge is taken back', async () => {
    const decision = await desk.merge(ada, bo)
    for (const { name } of CONSUMERS) await hears(name) // oxlint-disable-line no-await-in-loop
    await unmerge(decision)
    expect(await customer(bo)).toEqual({ pid: bo, currentPid: bo })
  })

  test('is waited for by itself: another one that is lost later keeps answering', async () => {
    await desk.merge(ada, bo)
    for (const { name } of CONSUMERS) await hears(name) // oxlint-disable-line no-await-in-loop
    await desk.merge(bo, cyd)
    expect([await customer(bo), await customer(cyd)]).toEqual([null, { pid: cyd, currentPid: ada }])
  })

  test('keeps answering while nobody can say by which change it was lost', async () => {
    const first = await desk.merge(ada, bo)
    // Two decisions hold them together; the one whose event was heard goes.
    await desk.merge(ada, cyd)
    const second = await desk.store.change(async (graph) => {
      const [one] = await graph.merges([first])
      if (one === undefined) throw new Error('no merge')
      const position = await graph.takePositions(1)
      await graph.putMerges([{ ...one, decisionId: 'm_second', position, consent: 'silent', fields: [] }])
      return 'm_second'
    })
    for (const { name } of CONSUMERS) await hears(name) // oxlint-disable-line no-await-in-loop
    await unmerge(first)
    expect(second).toBe('m_second')
    expect(await customer(bo)).toEqual({ pid: bo, currentPid: ada })
  })

  test('explains itself to the service desk all the same', async () => {
    await desk.merge(ada, bo)
    for (const { name } of CONSUMERS) await hears(name) // oxlint-disable-line no-await-in-loop
    const { data } = await desk.ask('query ($pid: ID!) { howBuilt(pid: $pid) { pid } }', {
      variables: { pid: bo },
    })
    expect(data.howBuilt).toEqual({ pid: ada })
  })
})

test('By default a pid that lost a merge leads on for good', async () => {
  const kept = identityDesk(desk.store)
  await desk.merge(ada, bo)
  for (const { name } of CONSUMERS) await hears(name) // oxlint-disable-line no-await-in-loop
  const { data } = await kept.ask('query ($pid: ID!) { customer(pid: $pid) { currentPid } }', {
    variables: { pid: bo },
  })
  expect(data.customer).toEqual({ currentPid: ada })
})
