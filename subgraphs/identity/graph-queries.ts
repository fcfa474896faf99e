import { codedError, outOfBounds } from '../coded-error.ts'
import type { Resolvers, SubgraphContext } from '../serve.ts'
import type { MergeDecision, RecordNode } from './graph/decision.ts'
import type { GraphReader } from './graph/graph-port.ts'
import { type HowBuilt, howBuilt } from './graph/how-built.ts'
import type { LinkedConsent, SaidWhileLinked } from './graph/linked-consent.ts'
import { type HistoryEntry, mergeHistory } from './graph/merge-history.ts'
import { type Carried, type UnmergePlan, planUnmerge } from './graph/plan-unmerge.ts'
import { type Why, whySamePerson } from './graph/why-same-person.ts'
import {
  type Nodes,
  shownInstant,
  shownMatch,
  refIn,
  shownMerge,
  shownRecord,
  shownSeparation,
} from './show-decisions.ts'
import type { IdentityStore } from './store.ts'

/** What explains the graph. Whether two pids are one person is itself personal: only who serves people may ask. */
export function graphQueries(store: IdentityStore, consent: LinkedConsent): NonNullable<Resolvers['Query']> {
  const only =
    <A>(field: string, answer: (args: A) => Promise<unknown>) =>
    async (_root: unknown, args: A, { grant }: SubgraphContext) => {
      if (grant?.purpose !== 'customer_service') throw codedError('PURPOSE_NOT_ALLOWED', `Query.${field}`)
      return answer(args)
    }
  return {
    whySamePerson: only('whySamePerson', ({ a, b, asOf }: WhyArguments) => {
      const question = { a: pidIn(a, 'a'), b: pidIn(b, 'b'), asOf: instantIn(asOf) }
      return store.look(async (graph) => shownWhy(await whySamePerson(graph, question), graph))
    }),
    howBuilt: only('howBuilt', ({ pid, asOf }: HowArguments) =>
      store.look(async (graph) => {
        const built = await howBuilt(graph, pidIn(pid, 'pid'), instantIn(asOf))
        return built === null ? null : { ...shownHow(built), takenFrom: asOf == null ? built.records : null }
      }),
    ),
    mergeHistory: only('mergeHistory', ({ pid }: HowArguments) =>
      store.look(async (graph) => {
        const { entries, nodes } = await mergeHistory(graph, pidIn(pid, 'pid'))
        return entries.map((entry) => shownEntry(entry, nodes))
      }),
    ),
    possibleMatches: only('possibleMatches', (args: PageArguments) =>
      store.look((graph) => matchesPage(graph, args)),
    ),
    planUnmerge: only('planUnmerge', async ({ decisionId }: { readonly decisionId: string }) => {
      const id = idIn(decisionId, 'DECISION_UNKNOWN', 'decisionId')
      const plan = await store.look((graph) => planUnmerge(graph, id))
      return shownPlan(plan, await consent.saidWhileLinked([id]))
    }),
  }
}

interface WhyArguments {
  readonly a: string
  readonly b: string
  readonly asOf?: string | null
}

interface HowArguments {
  readonly pid: string
  readonly asOf?: string | null
}

/** Other text is nobody's pid, and some of it no database takes. */
export function pidIn(text: string, place: string): string {
  if (!/^[\w-]{1,128}$/.test(text)) throw codedError('RECORD_UNKNOWN', place)
  return text
}

/** Of a decision or a possible match. */
export function idIn(text: string, code: 'DECISION_UNKNOWN' | 'MATCH_UNKNOWN', place: string): string {
  if (!/^[\w-]{1,64}$/.test(text)) throw codedError(code, place)
  return text
}

export function instantIn(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null
  const at = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) throw codedError('BAD_USER_INPUT', 'asOf, ISO 8601 with a zone')
  return at
}

const nodesOf = (nodes: readonly RecordNode[]): Nodes => new Map(nodes.map((node) => [node.id, node]))

async function nodesIn(
  graph: GraphReader,
  statements: readonly { readonly a: number; readonly b: number }[],
): Promise<Nodes> {
  return nodesOf(await graph.byId([...new Set(statements.flatMap(({ a, b }) => [a, b]))]))
}

async function shownWhy({ a, b, isSame, path, whyNot }: Why, graph: GraphReader): Promise<object> {
  const { separations, undone, waiting, matches, inCommon } = whyNot
  const nodes = isSame
    ? nodesOf(path.flatMap(({ from, to }) => [from, to]))
    : await nodesIn(graph, [...separations, ...undone, ...waiting, ...matches])
  return {
    a: shownRecord(a),
    b: shownRecord(b),
    isSame,
    path: path.map(({ from, to, decision }) => ({
      from: shownRecord(from),
      to: shownRecord(to),
      decision: shownMerge(decision, nodes),
    })),
    whyNot: isSame
      ? null
      : {
          separations: separations.map((one) => shownSeparation(one, nodes)),
          undone: undone.map((one) => shownMerge(one, nodes)),
          waiting: waiting.map((one) => shownMerge(one, nodes)),
          matches: matches.map((one) => shownMatch(one, nodes)),
          inCommon,
        },
  }
}

const shownHow = ({ pid, records, steps }: HowBuilt): object => ({
  pid,
  records: records.map(shownRecord),
  steps: steps.map(({ decision, ...step }) => ({
    ...step,
    decision: shownMerge(decision, nodesOf([step.a, step.b])),
  })),
})

function shownEntry(entry: HistoryEntry, nodes: Nodes): object {
  if (entry.kind === 'separation') {
    const { actor, at } = entry.separation
    return {
      kind: 'SEPARATION',
      actor,
      at: shownInstant(at),
      separation: shownSeparation(entry.separation, nodes),
    }
  }
  const { actor, at } = entry.kind === 'merge' ? entry.decision : entry.undone
  return {
    kind: entry.kind.toUpperCase(),
    actor,
    at: shownInstant(at),
    merge: shownMerge(entry.decision, nodes),
  }
}

interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
}

const PAGE_DEFAULT = 20
const PAGE_MOST = 500

async function matchesPage(graph: GraphReader, { first, after }: PageArguments): Promise<object> {
  const size = first ?? PAGE_DEFAULT
  if (size < 0 || size > PAGE_MOST) throw outOfBounds('Query.possibleMatches', 'first', [0, PAGE_MOST])
  const found = await graph.openMatches(size + 1, after == null ? 0 : positionIn(after))
  const page = found.slice(0, size)
  const nodes = await nodesIn(graph, page)
  const last = page.at(-1)
  return {
    nodes: page.map((match) => shownMatch(match, nodes)),
    pageInfo: {
      hasNextPage: found.length > size,
      endCursor: last === undefined ? null : Buffer.from(`match:${last.position}`).toString('base64url'),
    },
  }
}

function positionIn(cursor: string): number {
  const position = /^match:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  if (position === undefined)
    throw codedError('BAD_USER_INPUT', 'Query.possibleMatches(after:), a cursor of this list')
  return Number(position)
}

export function shownPlan(plan: UnmergePlan, said: readonly SaidWhileLinked[]): object {
  const nodes = nodesOf(plan.nodes)
  const carried = (facts: readonly Carried[]): object[] =>
    facts.map(({ kind, records }) => ({ kind, records: records.map(shownRecord) }))
  return {
    merge: shownMerge(plan.merge, nodes),
    parts: plan.parts.map((part) => ({
      pid: part.pid,
      records: part.records.map(shownRecord),
      identifiers: carried(part.identifiers),
      households: carried(part.households),
      accounts: carried(part.accounts),
      devices: carried(part.devices),
      fields: part.fields?.map(({ field, record }) => ({ field, record: refIn(nodes, record) })) ?? null,
      consentPids: part.consentPids,
    })),
    heldBy: plan.heldBy.map((one: MergeDecision) => shownMerge(one, nodes)),
    redirects: plan.redirects,
    shared: plan.shared,
    saidWhileMerged: said.map(({ decisionId, pid, consentId, scope, at }) => ({
      decisionId,
      pid,
      consentId,
      scope,
      at: shownInstant(at),
    })),
  }
}
