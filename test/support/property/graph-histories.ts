import fc from 'fast-check'
import { GraphQLError } from 'graphql'
import { expect } from 'vitest'
import { consentWork } from '../../../subgraphs/identity/graph/consent-work.ts'
import { deleteRecord } from '../../../subgraphs/identity/graph/delete-record.ts'
import { mergeRecords } from '../../../subgraphs/identity/graph/merge-records.ts'
import { separateRecords } from '../../../subgraphs/identity/graph/possible-matches.ts'
import { settle } from '../../../subgraphs/identity/graph/settle.ts'
import { unmergeRecords } from '../../../subgraphs/identity/graph/unmerge-records.ts'
import type { IdentityStore } from '../../../subgraphs/identity/store.ts'
import { fakeLinkedConsent } from '../linked-consent.ts'
import { loneRecord } from '../lone-record.ts'

const PEOPLE = 6

type Act =
  | { readonly act: 'merge'; readonly a: number; readonly b: number; readonly how: 'person' | 'model' }
  | { readonly act: 'unmerge'; readonly nth: number }
  | { readonly act: 'separate'; readonly a: number; readonly b: number }
  | { readonly act: 'delete'; readonly a: number }
  | { readonly act: 'consent'; readonly isReachable: boolean }

const record = fc.integer({ min: 1, max: PEOPLE })
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('merge' as const),
      a: record,
      b: record,
      how: fc.constantFrom('person', 'model'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('unmerge' as const), nth: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('separate' as const), a: record, b: record }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('delete' as const), a: record }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('consent' as const), isReachable: fc.boolean() }) },
)

/** What was accepted and not taken back, kept apart from the code under test. */
interface Survivors {
  readonly merges: Map<string, readonly [number, number]>
  readonly gone: Set<number>
}

/**
 * Random histories against the plainest model there is: the surviving merges between the records that are left, joined by
 * colouring. Consent, too, must end up knowing of exactly the people there are.
 */
export async function anyOrderGivesTheSurvivors(
  open: () => Promise<IdentityStore>,
  runs: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { minLength: 4, maxLength: 24 }), async (acts) => {
      const store = await open()
      try {
        await play(store, acts)
      } finally {
        await store.close()
      }
    }),
    { numRuns: runs, seed: 20261122 },
  )
}

async function play(store: IdentityStore, acts: readonly Act[]): Promise<void> {
  const nodes = await store.change((graph) =>
    graph.putRecords(
      Array.from({ length: PEOPLE }, (_, index) => loneRecord(index + 1)),
      0,
    ),
  )
  const idOf = (index: number): number => nodes[index - 1]?.id ?? 0
  const fake = fakeLinkedConsent()
  const survivors: Survivors = { merges: new Map(), gone: new Set() }
  const made: string[] = []
  let now = 0
  const settled = () => settle(consentWork(store), fake.consent, () => (now += 1))
  for (const act of acts) {
    now += 1
    // oxlint-disable-next-line no-await-in-loop -- a history is one thing after the other
    await perform(act)
    // oxlint-disable-next-line no-await-in-loop
    await settled()
  }
  fake.reachable(true)
  await settled()
  // What was separated while it waited for consent never came into force.
  const all = await store.look((graph) => graph.merges(made))
  for (const { decisionId, undone } of all)
    if (undone?.actor === 'separation') survivors.merges.delete(decisionId)
  await expectSurvivors(store, survivors, fake)

  async function perform(act: Act): Promise<void> {
    if (act.act === 'consent') fake.reachable(act.isReachable)
    else if (act.act === 'merge') {
      const outcome = await store
        .change((graph) => mergeRecords(graph, { ...DRAFT, ...act, a: idOf(act.a), b: idOf(act.b) }, now))
        .catch(refused)
      if (outcome?.outcome !== 'decided') return
      made.push(outcome.decision.decisionId)
      survivors.merges.set(outcome.decision.decisionId, [act.a, act.b])
    } else if (act.act === 'unmerge') {
      const decisionId = made[act.nth] ?? 'm_nothing'
      const draft = { decisionId, actor: 'clerk-7', reason: null, keepApart: false }
      await store.change((graph) => unmergeRecords(graph, draft, now)).catch(refused)
      survivors.merges.delete(decisionId)
    } else if (act.act === 'separate') {
      const draft = { a: idOf(act.a), b: idOf(act.b), actor: 'clerk-7', reason: null }
      await store.change((graph) => separateRecords(graph, draft, now)).catch(refused)
    } else {
      await store.change((graph) => deleteRecord(graph, `crm\u001f${act.a}`, now)).catch(refused)
      survivors.gone.add(act.a)
    }
  }
}

const DRAFT = { by: 'any@1', evidence: [], prior: null, probability: null, actor: 'clerk-7', reason: null }

/** A coded refusal is a part of the history; anything else is a failure. */
function refused(error: unknown): undefined {
  if (!(error instanceof GraphQLError)) throw error as Error
  return undefined
}

async function expectSurvivors(
  store: IdentityStore,
  { merges, gone }: Survivors,
  fake: ReturnType<typeof fakeLinkedConsent>,
): Promise<void> {
  const colours = new Map(Array.from({ length: PEOPLE }, (_, index) => [index + 1, index + 1]))
  for (let round = 0; round < PEOPLE; round += 1)
    for (const [a, b] of merges.values()) {
      if (gone.has(a) || gone.has(b)) continue
      const colour = Math.min(colours.get(a) ?? 0, colours.get(b) ?? 0)
      colours.set(a, colour).set(b, colour)
    }
  const expected = [...colours]
    .filter(([index]) => !gone.has(index))
    .map(([index, colour]) => [`p1_${index}`, `p1_${colour}`])
  const seeds = Array.from({ length: PEOPLE }, (_, index) => `p1_${index + 1}`)
  const nodes = await store.look((graph) => graph.bySeed(seeds))
  const present = nodes.filter(({ goneAt }) => goneAt === null)
  expect(present.map(({ seed, pid }) => [seed, pid])).toEqual(expected)
  // A pid that leads to somebody is bound by what they say; nobody else is.
  for (const one of nodes)
    for (const other of nodes)
      if (one.seed < other.seed && one.pid !== null && other.pid !== null)
        expect([one.seed, other.seed, fake.isLinked(one.seed, other.seed)]).toEqual([
          one.seed,
          other.seed,
          one.pid === other.pid,
        ])
  const people = new Set(expected.map(([, pid]) => pid))
  expect((await store.page(100, 0)).people.map(({ pid }) => pid)).toEqual([...people])
}
