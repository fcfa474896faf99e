import { type IdentityChange, type MergeDecision, type RecordNode, isGone } from './decision.ts'
import { inForceAmong } from './components.ts'
import { fieldsOfMerge } from './field-outcomes.ts'
import type { GraphReader, GraphStore, GraphWriter } from './graph-port.ts'
import type { Link, Unlink } from './linked-consent.ts'
import { areSeparated } from './merge-records.ts'
import { neighbourhoodOf, regroup } from './regroup.ts'
import { unmergeRecords } from './unmerge-records.ts'

/**
 * What consent and the consumers of pids still have to hear of, kept in the store of the graph in the same transaction as
 * the decision: whoever does this work may be killed anywhere and goes on. Everything may be done twice.
 */
export interface ConsentWork {
  /** Merges that wait for consent, oldest first, each with the links it has to know of. */
  pending(limit: number): Promise<readonly PendingLink[]>
  /** After consent knows: from now on the records are one person's. False: it was taken back meanwhile. */
  setEffective(decisionId: string, at: number): Promise<boolean>
  /** Links that ended, of which consent has not heard. */
  unheard(limit: number): Promise<readonly Unlink[]>
  heard(decisionIds: readonly string[]): Promise<void>
  untold(limit: number): Promise<readonly IdentityChange[]>
  told(ids: readonly string[]): Promise<void>
}

export interface PendingLink {
  readonly decisionId: string
  readonly links: readonly Link[]
}

export const consentWork = (store: GraphStore): ConsentWork => ({
  pending: (limit) => store.change((graph) => pendingLinks(graph, limit)),
  setEffective: (decisionId, at) => store.change((graph) => bringIntoForce(graph, decisionId, at)),
  unheard: (limit) => store.look((graph) => endedLinks(graph, limit)),
  heard: (decisionIds) =>
    store.change(async (graph) => {
      const merges = await graph.merges(decisionIds)
      const ending = merges.filter(({ consent }) => consent === 'ending')
      await graph.putMerges(ending.map((merge) => ({ ...merge, consent: 'unlinked' })))
    }),
  untold: (limit) => store.look((graph) => graph.untoldChanges(limit)),
  told: (ids) => store.change((graph) => graph.toldChanges(ids)),
})

async function pendingLinks(graph: GraphWriter, limit: number): Promise<readonly PendingLink[]> {
  const pending = []
  for (const merge of await graph.untoldMerges('asked', limit)) {
    // oxlint-disable-next-line no-await-in-loop -- joins asked about for one are known to the next
    const links = await linksFor(graph, merge)
    pending.push({ decisionId: merge.decisionId, links })
  }
  return pending
}

/**
 * The link of the decision, and those of the joins of both people: a record that joined somebody at import never was
 * a person to consent, and consent has to know whose its pid is before it is linked through it.
 */
async function linksFor(graph: GraphWriter, merge: MergeDecision): Promise<readonly Link[]> {
  if (merge.effectiveAt !== null) return [linkOf(merge, await graph.byId([merge.a, merge.b]))]
  const { nodes, merges } = await neighbourhoodOf(graph, [merge.a, merge.b])
  const joins = inForceAmong(nodes, merges).filter(({ isJoin }) => isJoin)
  const silent = joins.filter(({ consent }) => consent === 'silent')
  await graph.putMerges(silent.map((join) => ({ ...join, consent: 'asked' })))
  const untold = joins.filter(({ consent }) => consent === 'silent' || consent === 'asked')
  return [...untold, merge].map((one) => linkOf(one, nodes))
}

function linkOf({ decisionId, a, b, isJoin, at, actor }: MergeDecision, nodes: readonly RecordNode[]): Link {
  const seedOf = (id: number): string => nodes.find((node) => node.id === id)?.seed ?? ''
  return { decisionId, pids: [seedOf(a), seedOf(b)], kind: isJoin ? 'renamed' : 'merged', at, by: actor }
}

async function bringIntoForce(graph: GraphWriter, decisionId: string, at: number): Promise<boolean> {
  const [merge] = await graph.merges([decisionId])
  if (merge === undefined || merge.undone !== null || merge.consent === 'ending') return false
  if (merge.effectiveAt !== null) {
    await graph.putMerges([{ ...merge, consent: 'linked' }])
    return true
  }
  const nodes = await graph.byId([merge.a, merge.b])
  const [a, b] = nodes
  if (a === undefined || b === undefined || nodes.some(isGone)) return false
  if (merge.how !== 'person' && (await areSeparated(graph, a, b))) {
    // Somebody said no while it waited: consent is told that nothing comes of it.
    await unmergeRecords(graph, { decisionId, actor: SEPARATED, reason: null, keepApart: false }, at)
    return false
  }
  const fields = await fieldsOfMerge(graph, a, b)
  await graph.putMerges([{ ...merge, consent: 'linked', effectiveAt: Math.max(at, merge.at), fields }])
  await regroup(graph, [merge.a, merge.b], { id: decisionId, type: 'merged', decisionId, at })
  return true
}

const SEPARATED = 'separation'

async function endedLinks(graph: GraphReader, limit: number): Promise<readonly Unlink[]> {
  const merges = await graph.untoldMerges('ending', limit)
  const nodes = new Map(
    (await graph.byId(merges.flatMap(({ a, b }) => [a, b]))).map((node) => [node.id, node]),
  )
  return merges.map(({ decisionId, a, b, undone, at }) => ({
    decisionId,
    at: undone?.at ?? nodes.get(a)?.goneAt ?? nodes.get(b)?.goneAt ?? at,
    by: undone?.actor ?? 'record_deleted',
  }))
}
