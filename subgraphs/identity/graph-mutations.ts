import { setTimeout } from 'node:timers/promises'
import { codedError } from '../coded-error.ts'
import type { Resolvers, SubgraphContext } from '../serve.ts'
import { consentWork } from './graph/consent-work.ts'
import type { RecordNode } from './graph/decision.ts'
import { deleteRecord } from './graph/delete-record.ts'
import { presentRecordOf, recordOf } from './graph/find-record.ts'
import type { GraphReader, GraphWriter } from './graph/graph-port.ts'
import type { LinkedConsent } from './graph/linked-consent.ts'
import { mergeRecords } from './graph/merge-records.ts'
import { planUnmerge } from './graph/plan-unmerge.ts'
import { decideMatch, separateRecords } from './graph/possible-matches.ts'
import { settle } from './graph/settle.ts'
import { unmergeRecords } from './graph/unmerge-records.ts'
import { idIn, pidIn, shownPlan } from './graph-queries.ts'
import { shownMatch, shownMerge, shownSeparation } from './show-decisions.ts'
import { nameIn, type IdentityStore } from './store.ts'
import type { Vault } from './vault/vault.ts'

/** Decisions somebody makes: each is written first, then consent is told; what consent did not hear of goes on waiting. */
export function graphMutations({ store, vault, consent }: MutationParts): NonNullable<Resolvers['Mutation']> {
  const desk: Desk = {
    store,
    consent,
    decided: async (clock, work) => {
      const done = await store.change(work)
      await Promise.race([settle(consentWork(store), consent, clock), pause(LONGEST_WAIT_MS)])
      return done
    },
  }
  return {
    merge: deciding('merge', (input: PairInput, decider) => merge(input, decider, desk)),
    unmerge: deciding('unmerge', (input: UnmergeInput, decider) => unmerge(input, decider, desk)),
    separate: deciding('separate', ({ a, b, reason }: PairInput, { actor, clock }) =>
      store.change(async (graph) => {
        const pair = await twoRecords(graph, a, b)
        const separation = await separateRecords(graph, { ...pair, actor, reason: reasonIn(reason) }, clock())
        return shownSeparation(separation, await nodesOf(graph, separation))
      }),
    ),
    decideMatch: deciding('decideMatch', ({ matchId, verdict, reason }: MatchInput, { actor, clock }) =>
      desk.decided(clock, async (graph) => {
        const word = verdict === 'MERGED' ? 'merged' : 'separated'
        const id = idIn(matchId, 'MATCH_UNKNOWN', 'matchId')
        const draft = { matchId: id, verdict: word, actor, reason: reasonIn(reason) } as const
        const { match } = await decideMatch(graph, draft, clock())
        return shownMatch(match, await nodesOf(graph, match))
      }),
    ),
    deleteRecord: deciding('deleteRecord', async ({ record }: { readonly record: string }, { clock }) => {
      const { key } = await store.look((graph) => recordOf(graph, pidIn(record, 'record'), 'record'))
      // What can tell who it was goes first: of a deletion that is broken off behind it only tokens are left.
      if (key !== null) await vault.erase([nameIn(key)])
      return desk.decided(clock, (graph) => deleteRecord(graph, key ?? '', clock()))
    }),
  }
}

/** How long an answer waits for consent before it says that the decision is pending; it takes effect all the same. */
const LONGEST_WAIT_MS = 5_000

const pause = (ms: number): Promise<void> => setTimeout(ms, undefined, { ref: false })

interface MutationParts {
  readonly store: IdentityStore
  readonly vault: Pick<Vault, 'erase'>
  readonly consent: LinkedConsent
}

interface Desk {
  readonly store: IdentityStore
  readonly consent: LinkedConsent
  /** One change of the graph, of which consent is told right after. */
  readonly decided: <T>(clock: () => number, work: (graph: GraphWriter) => Promise<T>) => Promise<T>
}

async function merge(
  { a, b, reason }: PairInput,
  { actor, clock }: Decider,
  { store, decided }: Desk,
): Promise<object> {
  const decision = await decided(clock, async (graph) => {
    const pair = await twoRecords(graph, a, b)
    const outcome = await mergeRecords(
      graph,
      { ...NOTHING_WEIGHED, ...pair, actor, reason: reasonIn(reason) },
      clock(),
    )
    if (outcome.outcome !== 'decided') throw codedError('MERGE_WITH_ONESELF', 'a, b')
    return outcome.decision
  })
  return store.look(async (graph) => {
    const [now = decision] = await graph.merges([decision.decisionId])
    return shownMerge(now, await nodesOf(graph, now))
  })
}

/** What somebody decides in person. */
const NOTHING_WEIGHED = {
  how: 'person',
  by: 'by-hand@1',
  evidence: [],
  prior: null,
  probability: null,
} as const

/** Answers the plan: what was to happen has happened. */
async function unmerge(
  { decisionId: named, reason, keepApart }: UnmergeInput,
  { actor, clock }: Decider,
  { consent, decided }: Desk,
): Promise<object> {
  const decisionId = idIn(named, 'DECISION_UNKNOWN', 'decisionId')
  const said = await consent.saidWhileLinked([decisionId])
  const plan = await decided(clock, async (graph) => {
    const planned = await planUnmerge(graph, decisionId)
    const draft = { decisionId, actor, reason: reasonIn(reason), keepApart: keepApart ?? true }
    const { undoes } = await unmergeRecords(graph, draft, clock())
    return { ...planned, merge: undoes }
  })
  return shownPlan(plan, said)
}

interface PairInput {
  readonly a: string
  readonly b: string
  readonly reason?: string | null
}

interface UnmergeInput {
  readonly decisionId: string
  readonly reason?: string | null
  readonly keepApart?: boolean | null
}

interface MatchInput {
  readonly matchId: string
  readonly verdict: 'MERGED' | 'SEPARATED'
  readonly reason?: string | null
}

interface Decider {
  readonly actor: string
  readonly clock: () => number
}

/** Who decides is named in the decision, so nobody decides without a name; and only to serve the people concerned. */
const deciding =
  <I>(field: string, decide: (input: I, decider: Decider) => Promise<unknown>) =>
  async (_root: unknown, { input }: { readonly input: I }, { grant, clock }: SubgraphContext) => {
    if (grant?.purpose !== 'customer_service') throw codedError('PURPOSE_NOT_ALLOWED', `Mutation.${field}`)
    if (grant.actor === null) throw codedError('ACTOR_MISSING', `Mutation.${field}`)
    return decide(input, { actor: grant.actor, clock })
  }

const MOST_REASON = 256

function reasonIn(text: string | null | undefined): string | null {
  const reason = text?.trim() ?? ''
  // oxlint-disable-next-line no-control-regex -- what no store and no log can keep
  if (reason.length > MOST_REASON || /[\u0000-\u001f]/.test(reason))
    throw codedError('BAD_USER_INPUT', `reason, one line of at most ${MOST_REASON} characters`)
  return reason === '' ? null : reason
}

async function twoRecords(
  graph: GraphReader,
  a: string,
  b: string,
): Promise<{ readonly a: number; readonly b: number }> {
  const one = await presentRecordOf(graph, pidIn(a, 'a'), 'a')
  const other = await presentRecordOf(graph, pidIn(b, 'b'), 'b')
  return { a: one.id, b: other.id }
}

async function nodesOf(
  graph: GraphReader,
  { a, b }: { readonly a: number; readonly b: number },
): Promise<ReadonlyMap<number, RecordNode>> {
  return new Map((await graph.byId([a, b])).map((node) => [node.id, node]))
}
