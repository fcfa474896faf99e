import { codedError } from '../../coded-error.ts'
import { inForceAmong, ownersOf } from './components.ts'
import { type MergeDecision, type RecordNode, isGone } from './decision.ts'
import type { GraphReader, GraphWriter } from './graph-port.ts'
import { type Neighbourhood, type Regrouped, neighbourhoodOf, regroup } from './regroup.ts'
import { ended } from './unmerge-records.ts'

export interface Deletion extends Regrouped {
  readonly recordId: number
  /** Whether it alone held people together who are several now. */
  readonly wasBridge: boolean
  /** Where its own pid leads from now on; null: nowhere. */
  readonly heir: string | null
}

/**
 * A record that is gone holds nobody together any more: who was one person only through it is several again. Its own pid
 * leads to the one of them with the oldest record, through one decision that consent keeps: what was said under that pid
 * goes on restricting, and a record that is gone never links two people.
 */
export async function deleteRecord(graph: GraphWriter, key: string, at: number): Promise<Deletion> {
  const { node, around, heirBy } = await leaving(graph, key)
  const own = withPresent(node, around)
  await graph.markGone(node.id, { at, heirBy: heirBy?.decisionId ?? null })
  await graph.putMerges(own.map((merge) => ({ ...merge, consent: consentAfter(merge, heirBy) })))
  const id = `gone-${node.id}`
  const change = await regroup(graph, [node.id], { id, type: 'record_deleted', decisionId: null, at })
  const heir = change.moved.find(({ record }) => record.id === node.id)?.to
  return {
    recordId: node.id,
    wasBridge: change.to.length > 1,
    heir: heir === undefined ? node.pid : heir,
    ...change,
  }
}

interface Leaving {
  readonly node: RecordNode
  readonly around: Neighbourhood
  readonly heirBy: MergeDecision | undefined
}

async function leaving(graph: GraphReader, key: string): Promise<Leaving> {
  const [node] = await graph.byKey([key])
  if (node === undefined) throw codedError('RECORD_UNKNOWN', 'record')
  const around = await neighbourhoodOf(graph, [node.id])
  return { node, around, heirBy: heirloomOf(node, around) }
}

/** The decision with its oldest neighbour in the piece that has the oldest record. */
function heirloomOf(node: RecordNode, { nodes, merges }: Neighbourhood): MergeDecision | undefined {
  const rest = nodes.filter(({ id }) => id !== node.id)
  const owners = ownersOf(rest, merges)
  const oldest = rest.filter((one) => !isGone(one)).toSorted((one, other) => one.id - other.id)[0]
  const other = ({ a, b }: MergeDecision): number => (a === node.id ? b : a)
  return inForceAmong(nodes, merges)
    .filter((merge) => merge.a === node.id || merge.b === node.id)
    .filter((merge) => oldest !== undefined && owners.get(other(merge)) === oldest.seed)
    .toSorted((one, next) => other(one) - other(next))[0]
}

/** All that was decided about it, waiting merges too; what leads from an older gone record to this one stays as it is. */
function withPresent({ id }: RecordNode, { nodes, merges }: Neighbourhood): readonly MergeDecision[] {
  const gone = new Set(nodes.filter(isGone).map((one) => one.id))
  return merges.filter(
    ({ a, b, undone }) => undone === null && ((a === id && !gone.has(b)) || (b === id && !gone.has(a))),
  )
}

/** The one link that stays is told if it never was: its pid and its heir's were one person's from the beginning. */
const consentAfter = (merge: MergeDecision, heirBy: MergeDecision | undefined): MergeDecision['consent'] => {
  if (merge.decisionId !== heirBy?.decisionId) return ended(merge.consent)
  return merge.consent === 'silent' ? 'asked' : merge.consent
}
