import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RecordRename } from '../../subgraphs/identity/graph/graph-port.ts'
import { deleteRecord } from '../../subgraphs/identity/graph/delete-record.ts'
import type { IdentityStore, ResolvedRecord } from '../../subgraphs/identity/store.ts'
import { loneRecord } from '../support/lone-record.ts'

const NOTHING: Omit<RecordRename, 'id'> = {
  seed: null,
  identifiers: [],
  keepsElders: true,
  devices: [],
  household: null,
  account: null,
}

/** Records under another key of the pseudonyms, the same on every store. `open` gives an empty one. */
export function identityRenameContract(engine: string, open: () => Promise<IdentityStore>): void {
  describe(`names under another key on ${engine}`, () => {
    let store: IdentityStore
    let [ada, bo]: [number, number] = [0, 0]
    const home = { household: 'h1_home', account: 'a1_acme' }
    const record = (index: number, rest: Partial<ResolvedRecord>): ResolvedRecord => ({
      ...loneRecord(index),
      seed: `p1_${index}`,
      pid: `p1_${index}`,
      ...home,
      ...rest,
    })
    beforeEach(async () => {
      store = await open()
      const phone = { id: 'd1_phone', kind: 'phone', lastSeen: '2026-03-01T00:00:00.000Z' }
      const nodes = await store.change((graph) =>
        graph.putRecords(
          [
            record(1, { identifiers: [{ kind: 'EMAIL', token: 'e1_us' }], devices: [phone] }),
            record(2, { identifiers: [{ kind: 'EMAIL', token: 'e1_us' }], pid: 'p1_1' }),
          ],
          1000,
        ),
      )
      ;[ada, bo] = nodes.map(({ id }) => id) as [number, number]
    })
    afterEach(() => store.close())
    const rename = (...renames: (Partial<RecordRename> & { readonly id: number })[]) =>
      store.change((graph) => graph.renameRecords(renames.map((each) => ({ ...NOTHING, ...each }))))
    const seed = (index: number) => ({ elders: [`p1_${index}`], newest: `p2_${index}` })
    const emailOf = async (id: number): Promise<string[]> =>
      (await store.look((graph) => graph.facts([id])))[0]?.identifiers.map(({ token }) => token).toSorted() ??
      []

    test('a record has a new pid, and the elder one leads on to the same person', async () => {
      await rename({ id: ada, seed: seed(1) })
      const people = await store.records(['p1_1', 'p2_1'])
      expect(people.get('p1_1')).toHaveLength(2)
      expect(people.get('p2_1')).toEqual(people.get('p1_1'))
      expect((await store.page(10, 0)).people.map(({ pid }) => pid)).toEqual(['p2_1'])
      const [node] = await store.look((graph) => graph.bySeed(['p1_1']))
      expect(node).toMatchObject({ id: ada, seed: 'p2_1', pid: 'p2_1' })
      expect((await store.look((graph) => graph.members(['p2_1']))).map(({ id }) => id)).toEqual([ada, bo])
    })

    test('to rename again, or what is called otherwise by now, changes nothing', async () => {
      await rename({ id: ada, seed: seed(1) })
      await rename({ id: ada, seed: seed(1) })
      await rename({ id: ada, seed: { elders: ['p1_1'], newest: 'p3_1' } })
      expect((await store.look((graph) => graph.byId([ada])))[0]?.seed).toBe('p2_1')
      expect((await store.records(['p3_1'])).size).toBe(0)
    })

    test('a token stands beside the elder one, and then in its place', async () => {
      const identifiers = [{ kind: 'EMAIL', elders: ['e1_us'], newest: 'e2_us' }]
      await rename({ id: ada, identifiers })
      expect(await emailOf(ada)).toEqual(['e1_us', 'e2_us'])
      expect(await emailOf(bo)).toEqual(['e1_us'])
      expect((await store.connected('p1_1')).map(({ distance }) => distance)).toEqual([0, 0])
      await rename({ id: ada, identifiers, keepsElders: false }, { id: bo, identifiers, keepsElders: false })
      expect([await emailOf(ada), await emailOf(bo)]).toEqual([['e2_us'], ['e2_us']])
      expect(await store.holders(['e1_us', 'e2_us'])).toEqual(new Map([['e2_us', ['p1_1']]]))
    })

    test('a household is renamed for all who live there, devices and accounts with their record', async () => {
      await rename({
        id: ada,
        household: { elders: ['h1_home'], newest: 'h2_home' },
        account: { elders: ['a1_acme'], newest: 'a2_acme' },
        devices: [{ elders: ['d1_phone'], newest: 'd2_phone' }],
      })
      expect((await store.households(['p1_1'])).get('p1_1')?.id).toBe('h2_home')
      expect((await store.devices(['p1_1'])).get('p1_1')).toEqual([
        { id: 'd2_phone', kind: 'phone', lastSeen: '2026-03-01T00:00:00.000Z' },
      ])
      const facts = await store.look((graph) => graph.facts([ada, bo]))
      expect(facts.map(({ household }) => household)).toEqual(['h2_home', 'h2_home'])
      expect(facts[0]?.account).toBe('a2_acme')
    })

    test('records that were written under the new key meanwhile live together with those renamed', async () => {
      await store.change((graph) =>
        graph.putRecords([record(3, { household: 'h2_home', account: null })], 1001),
      )
      await rename({ id: ada, household: { elders: ['h1_home'], newest: 'h2_home' } })
      expect((await store.households(['p1_3'])).get('p1_3')).toEqual({
        id: 'h2_home',
        members: ['p1_1', 'p1_3'],
      })
    })

    test('forgotten pids lead nowhere, those of gone records neither', async () => {
      await rename({ id: ada, seed: seed(1) }, { id: bo, seed: seed(2) })
      await store.change((graph) => deleteRecord(graph, 'crm\u001f2', 1002))
      await store.change((graph) => graph.forgetElderPids([ada, bo]))
      expect([...(await store.records(['p1_1', 'p1_2', 'p2_1', 'p2_2'])).keys()]).toEqual(['p2_1'])
      await store.change((graph) => graph.forgetGonePids([ada, bo]))
      const people = await store.records(['p1_1', 'p1_2', 'p2_1', 'p2_2'])
      expect([...people.keys()]).toEqual(['p2_1'])
    })

    test('nodes are counted, and walked in their order', async () => {
      const walked = await store.look(async (graph) => [
        await graph.countNodes(),
        (await graph.nodesAfter(0, 1)).map(({ id }) => id),
        (await graph.nodesAfter(ada, 10)).map(({ id }) => id),
        await graph.nodesAfter(bo, 10),
      ])
      expect(walked).toEqual([2, [ada], [bo], []])
    })
  })
}
