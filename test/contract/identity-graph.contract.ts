import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { consentWork } from '../../subgraphs/identity/graph/consent-work.ts'
import { deleteRecord } from '../../subgraphs/identity/graph/delete-record.ts'
import { mergeRecords, type MergeDraft } from '../../subgraphs/identity/graph/merge-records.ts'
import {
  decideMatch,
  proposeMatches,
  separateRecords,
} from '../../subgraphs/identity/graph/possible-matches.ts'
import { settle } from '../../subgraphs/identity/graph/settle.ts'
import { unmergeRecords } from '../../subgraphs/identity/graph/unmerge-records.ts'
import type { IdentityStore } from '../../subgraphs/identity/store.ts'
import { fakeLinkedConsent } from '../support/linked-consent.ts'
import { loneRecord } from '../support/lone-record.ts'
import { anyOrderGivesTheSurvivors } from '../support/property/graph-histories.ts'

const DRAFT: Omit<MergeDraft, 'a' | 'b'> = {
  how: 'person',
  by: 'by-hand@1',
  evidence: [{ field: 'email', level: 'same', weight: 8.25 }],
  prior: -12.5,
  probability: 0.97,
  actor: 'clerk-7',
  reason: 'They called.',
}

/** Decisions and the people they give, the same on every store. `open` gives an empty one. */
export function identityGraphContract(
  engine: string,
  open: () => Promise<IdentityStore>,
  { runs = 5 }: { readonly runs?: number } = {},
): void {
  describe(`identity graph on ${engine}`, () => {
    let store: IdentityStore
    let fake: ReturnType<typeof fakeLinkedConsent>
    let now: number
    beforeEach(async () => {
      store = await open()
      fake = fakeLinkedConsent()
      now = 1000
    })
    afterEach(() => store.close())

    /** Ada, Bo, Cyd, Dee: one record each, numbered 1 to 4 here whatever the store counts. */
    const people = async (count = 4): Promise<number[]> => {
      const nodes = await store.change((graph) =>
        graph.putRecords(
          Array.from({ length: count }, (_, index) => loneRecord(index + 1)),
          now,
        ),
      )
      return nodes.map(({ id }) => id)
    }
    const settled = () => settle(consentWork(store), fake.consent, () => (now += 1))
    const merge = async (a: number | undefined, b: number | undefined, draft: Partial<MergeDraft> = {}) => {
      const outcome = await store.change((graph) =>
        mergeRecords(graph, { ...DRAFT, ...draft, a: a ?? 0, b: b ?? 0 }, (now += 1)),
      )
      await settled()
      return outcome.outcome === 'decided' ? outcome.decision.decisionId : outcome.outcome
    }
    const unmerge = async (decisionId: string, keepApart = false) => {
      const draft = { decisionId, actor: 'clerk-7', reason: null, keepApart }
      const change = await store.change((graph) => unmergeRecords(graph, draft, (now += 1)))
      await settled()
      return change
    }
    const erase = async (index: number) => {
      const change = await store.change((graph) => deleteRecord(graph, `crm\u001f${index}`, (now += 1)))
      await settled()
      return change
    }
    const currentPids = async () => {
      const nodes = await store.look((graph) => graph.bySeed(['p1_1', 'p1_2', 'p1_3', 'p1_4', 'p1_5']))
      return Object.fromEntries(nodes.map(({ seed, pid }) => [seed, pid]))
    }

    test('a record is its own person until a decision says more', async () => {
      await people(2)
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_2' })
      expect((await store.page(10, 0)).people.map(({ pid }) => pid)).toEqual(['p1_1', 'p1_2'])
    })

    test('a merge gives both the pid of the oldest record; the other pid leads there and is answered', async () => {
      const [one, two] = await people(2)
      await merge(two, one)
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_1' })
      expect((await store.page(10, 0)).people.map(({ pid }) => pid)).toEqual(['p1_1'])
      const found = await store.records(['p1_2', 'p1_1'])
      expect(found.get('p1_2')).toEqual(found.get('p1_1'))
      expect(found.get('p1_2')).toHaveLength(2)
    })

    test('a decision is kept as it was made, with its evidence, and what became of it', async () => {
      const [one, two] = await people(2)
      const decisionId = await merge(two, one)
      const [kept] = await store.look((graph) => graph.merges([decisionId]))
      expect(kept).toMatchObject({ ...DRAFT, a: one, b: two, undone: null, consent: 'linked' })
      expect(kept?.effectiveAt).toBeGreaterThan(kept?.at ?? 0)
      await unmerge(decisionId)
      expect(await store.look((graph) => graph.merges([decisionId]))).toMatchObject([
        { ...DRAFT, undone: { actor: 'clerk-7' }, consent: 'unlinked' },
      ])
    })

    test('which record wins each field is kept with the merge, and what each has again with the unmerge', async () => {
      await store.change((graph) =>
        graph.putRecords(
          [
            { ...loneRecord(1), says: ['displayName'] },
            { ...loneRecord(2), says: ['displayName', 'email'] },
          ],
          now,
        ),
      )
      const [one = 0, two = 0] = (await store.look((graph) => graph.bySeed(['p1_1', 'p1_2']))).map(
        ({ id }) => id,
      )
      const decisionId = await merge(one, two)
      const kept = async () => (await store.look((graph) => graph.merges([decisionId])))[0]
      const rule = 'oldest-record@1'
      const fields = [
        { field: 'displayName', rule, won: one, lost: two },
        { field: 'email', rule, won: two, lost: null },
      ]
      expect(await kept()).toMatchObject({ fields, undone: null })
      await unmerge(decisionId)
      const back = [
        { field: 'displayName', rule, person: one, record: one },
        { field: 'displayName', rule, person: two, record: two },
        { field: 'email', rule, person: two, record: two },
      ]
      expect(await kept()).toMatchObject({ fields, undone: { fields: back } })
    })

    test('what lies around two pids is answered at once as it is one after the other', async () => {
      const [one, two, three] = await people(5)
      const first = await merge(one, two)
      await merge(two, three)
      await unmerge(first)
      await erase(3)
      const pids = ['p1_2', 'p1_3', 'p1_4', 'p1_nobody']
      await store.look(async (graph) => {
        const around = await graph.around?.(pids)
        if (around === undefined) return
        const found = await graph.bySeed(pids)
        const members = await graph.members([...new Set(found.flatMap(({ pid }) => pid ?? []))])
        const merges = await graph.mergesOf(members.map(({ id }) => id))
        expect(around).toEqual({ found, members, merges })
      })
    })

    test('until consent has heard of a merge nothing is merged; then it is', async () => {
      const [one, two] = await people(2)
      fake.reachable(false)
      const decisionId = await merge(one, two)
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_2' })
      expect(await merge(one, two)).toBe('already')
      fake.reachable(true)
      expect((await settled()).effective).toEqual([decisionId])
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_1' })
      expect([...fake.links.values()]).toMatchObject([
        { decisionId, pids: ['p1_1', 'p1_2'], kind: 'merged', by: 'clerk-7' },
      ])
    })

    test('a merge that is taken back before consent has heard never takes effect, and consent is told of its end', async () => {
      const [one, two] = await people(2)
      fake.reachable(false)
      const decisionId = await merge(one, two)
      fake.reachable(true)
      expect(await unmerge(decisionId)).toMatchObject({ from: ['p1_1', 'p1_2'], to: ['p1_1', 'p1_2'] })
      expect(await settled()).toEqual({ effective: [], isDone: true })
      expect(fake.links.size).toBe(0)
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_2' })
    })

    test('an unmerge splits at once, and consent keeps both bound until it has heard', async () => {
      const [one, two] = await people(2)
      const decisionId = await merge(one, two)
      fake.reachable(false)
      await unmerge(decisionId)
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_2' })
      expect(fake.isLinked('p1_1', 'p1_2')).toBe(true)
      fake.reachable(true)
      await settled()
      expect(fake.isLinked('p1_1', 'p1_2')).toBe(false)
    })

    test('an earlier merge is undone without touching the later ones, and consent follows exactly', async () => {
      const [one, two, three, four] = await people(4)
      const first = await merge(one, two)
      await merge(two, three)
      await merge(three, four)
      expect(await unmerge(first)).toMatchObject({ from: ['p1_1'], to: ['p1_1', 'p1_2'] })
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_2', p1_3: 'p1_2', p1_4: 'p1_2' })
      expect(fake.isLinked('p1_1', 'p1_3')).toBe(false)
      expect(fake.isLinked('p1_2', 'p1_4')).toBe(true)
    })

    test('what other decisions still join stays joined, and so it does in consent', async () => {
      const [one, two, three] = await people(3)
      const first = await merge(one, two)
      await merge(two, three)
      const second = await merge(one, three, { how: 'model' })
      expect(await merge(one, three, { how: 'model' })).toBe('already')
      expect(await unmerge(first)).toMatchObject({ to: ['p1_1'], moved: [] })
      expect(fake.isLinked('p1_1', 'p1_2')).toBe(true)
      expect((await unmerge(second)).to).toEqual(['p1_1', 'p1_2'])
      expect(fake.isLinked('p1_1', 'p1_2')).toBe(false)
    })

    test('an unmerge is made once, of a merge that was made', async () => {
      const [one, two] = await people(2)
      const decisionId = await merge(one, two)
      const undo = await unmerge(decisionId)
      const codeOf = (id: string) =>
        unmerge(id).then(
          () => null,
          (error: { extensions?: { code?: unknown } }) => error.extensions?.code,
        )
      expect(await codeOf(decisionId)).toBe('ALREADY_UNMERGED')
      expect(await codeOf(undo.decisionId)).toBe('DECISION_NOT_A_MERGE')
      expect(await codeOf('m_nothing')).toBe('DECISION_UNKNOWN')
    })

    test('nobody is merged with themselves, or with who is not there', async () => {
      const [one, two] = await people(2)
      await merge(one, two)
      await expect(merge(one, one)).rejects.toMatchObject({ extensions: { code: 'MERGE_WITH_ONESELF' } })
      await expect(merge(one, 99)).rejects.toMatchObject({ extensions: { code: 'RECORD_UNKNOWN' } })
      expect(await merge(one, two)).toBe('already')
    })

    test('who was separated is joined by no rule and no model, not through others either; a person may', async () => {
      const [one, two, three] = await people(3)
      const separation = { a: one ?? 0, b: three ?? 0, actor: 'clerk-7', reason: null }
      await store.change((graph) => separateRecords(graph, separation, now))
      expect(await merge(one, three, { how: 'model' })).toBe('separated')
      await merge(one, two, { how: 'model' })
      expect(await merge(two, three, { how: 'rule' })).toBe('separated')
      await merge(two, three, { how: 'person' })
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_1', p1_3: 'p1_1' })
    })

    test('who is separated while a model’s merge waits for consent is not merged when consent comes back', async () => {
      const [one, two] = await people(2)
      fake.reachable(false)
      const decisionId = await merge(one, two, { how: 'model' })
      const separation = { a: one ?? 0, b: two ?? 0, actor: 'clerk-7', reason: null }
      await store.change((graph) => separateRecords(graph, separation, now))
      fake.reachable(true)
      expect((await settled()).effective).toEqual([])
      expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_2' })
      await settled()
      expect(fake.links.size).toBe(0)
      expect(await store.look((graph) => graph.merges([decisionId]))).toMatchObject([
        { undone: { actor: 'separation' }, consent: 'unlinked' },
      ])
    })

    test('an unmerge that keeps apart holds against every later rule and model', async () => {
      const [one, two] = await people(2)
      await unmerge(await merge(one, two, { how: 'model' }), true)
      expect(await merge(one, two, { how: 'model' })).toBe('separated')
    })

    describe('a record that goes', () => {
      test('splits those it alone held together, and says so', async () => {
        const [one, two, three, four] = await people(4)
        await merge(two, one)
        await merge(two, three)
        await merge(three, four)
        expect(await erase(2)).toMatchObject({
          wasBridge: true,
          from: ['p1_1'],
          to: ['p1_1', 'p1_3'],
          heir: 'p1_1',
        })
        expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_1', p1_3: 'p1_3', p1_4: 'p1_3' })
        expect((await store.records(['p1_1'])).get('p1_1')).toHaveLength(1)
        expect(fake.isLinked('p1_1', 'p1_2')).toBe(true)
        expect(fake.isLinked('p1_1', 'p1_3')).toBe(false)
        expect(fake.isLinked('p1_3', 'p1_4')).toBe(true)
      })

      test('leaves its pid to the next oldest, bound by what was said under it', async () => {
        const [one, two, three] = await people(3)
        await merge(one, two)
        await merge(one, three)
        await merge(two, three)
        expect(await erase(1)).toMatchObject({ wasBridge: true, to: ['p1_2', 'p1_3'], heir: 'p1_2' })
        expect((await store.records(['p1_1'])).get('p1_1')).toMatchObject([{ recordId: '2' }])
        expect(fake.isLinked('p1_1', 'p1_2')).toBe(true)
        expect(fake.isLinked('p1_1', 'p1_3')).toBe(false)
      })

      test('takes its person with it when it is the last, and everything it said', async () => {
        await people(1)
        expect(await erase(1)).toMatchObject({ wasBridge: false, from: ['p1_1'], to: [], heir: null })
        expect(await store.records(['p1_1'])).toEqual(new Map())
        expect(await store.holders(['e1_1'])).toEqual(new Map())
        expect((await store.page(10, 0)).total).toBe(0)
        await expect(erase(1)).rejects.toMatchObject({ extensions: { code: 'RECORD_UNKNOWN' } })
      })

      test('comes again as a new one, under its own pid and joined to nobody', async () => {
        const [one, two] = await people(2)
        await merge(one, two)
        await erase(2)
        await store.change((graph) => graph.putRecords([loneRecord(2)], now))
        expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_2' })
      })
    })

    describe('possible matches', () => {
      const match = (a = 0, b = 0) => ({
        a,
        b,
        how: 'model' as const,
        by: 'pairs@3',
        prior: -12,
        probability: 0.6,
        evidence: [{ field: 'name', level: 'similar', weight: 4.5 }],
      })
      const openOnes = () => store.look((graph) => graph.openMatches(10, 0))

      test('are put up once, in order, and answered page by page', async () => {
        const [one, two, three] = await people(3)
        const put = () =>
          store.change((graph) => proposeMatches(graph, [match(two, one), match(two, three)], now))
        expect([await put(), await put()]).toEqual([2, 0])
        const found = await openOnes()
        expect(found).toMatchObject([match(one, two), match(two, three)])
        expect(await store.look((graph) => graph.openMatches(10, found[0]?.position ?? 0))).toEqual([
          found[1],
        ])
      })

      test('are decided once: separated ones are never put up again', async () => {
        const [one, two] = await people(2)
        const put = () => store.change((graph) => proposeMatches(graph, [match(one, two)], now))
        await put()
        const [{ matchId } = { matchId: '' }] = await openOnes()
        const verdict = { matchId, verdict: 'separated', actor: 'clerk-7', reason: null } as const
        await store.change((graph) => decideMatch(graph, verdict, now))
        expect(await openOnes()).toEqual([])
        expect(await put()).toBe(0)
        await expect(store.change((graph) => decideMatch(graph, verdict, now))).rejects.toMatchObject({
          extensions: { code: 'MATCH_DECIDED' },
        })
        expect(await merge(one, two, { how: 'model' })).toBe('separated')
      })

      test('merged ones carry their evidence into the decision of whoever looked', async () => {
        const [one, two] = await people(2)
        await store.change((graph) => proposeMatches(graph, [match(one, two)], now))
        const [{ matchId } = { matchId: '' }] = await openOnes()
        const verdict = { matchId, verdict: 'merged', actor: 'clerk-7', reason: null } as const
        const { merge: decision } = await store.change((graph) => decideMatch(graph, verdict, now))
        await settled()
        expect(decision).toMatchObject({ how: 'person', by: 'pairs@3', evidence: match().evidence })
        expect(await currentPids()).toEqual({ p1_1: 'p1_1', p1_2: 'p1_1' })
      })

      test('of two who are one by now wait out of sight, and show again should they be parted', async () => {
        const [one, two] = await people(2)
        await store.change((graph) => proposeMatches(graph, [match(one, two)], now))
        const decisionId = await merge(one, two)
        expect(await openOnes()).toEqual([])
        await unmerge(decisionId)
        expect(await openOnes()).toHaveLength(1)
      })
    })

    test('whoever keeps pids hears of every change, in order, until they were told', async () => {
      const [one, two] = await people(2)
      const decisionId = await merge(one, two)
      await unmerge(decisionId)
      await erase(2)
      const work = consentWork(store)
      const untold = await work.untold(10)
      expect(untold).toMatchObject([
        { type: 'merged', decisionId, from: ['p1_1', 'p1_2'], to: ['p1_1'] },
        { type: 'unmerged', from: ['p1_1'], to: ['p1_1', 'p1_2'] },
        { type: 'record_deleted', decisionId: null, from: ['p1_2'], to: [] },
      ])
      await work.told(untold.slice(0, 2).map(({ id }) => id))
      expect(await work.untold(10)).toEqual(untold.slice(2))
    })

    test('a change that fails leaves nothing behind', async () => {
      if (engine === 'memory') return
      const [one, two] = await people(2)
      const failing = store.change(async (graph) => {
        await mergeRecords(graph, { ...DRAFT, a: one ?? 0, b: two ?? 0 }, now)
        throw new Error('stopped in the middle')
      })
      await expect(failing).rejects.toThrow('stopped in the middle')
      expect(await store.look((graph) => graph.mergesOf([one ?? 0]))).toEqual([])
    })

    test(
      'merges, unmerges, separations and deletions in any order give what the surviving ones give',
      { timeout: 120_000 },
      () => anyOrderGivesTheSurvivors(open, runs),
    )
  })
}
