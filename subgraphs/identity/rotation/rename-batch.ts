import type { MergeDecision, RecordNode } from '../graph/decision.ts'
import { isGone } from '../graph/decision.ts'
import type { GraphReader, GraphWriter, RecordRename } from '../graph/graph-port.ts'
import type { Rotation } from '../pseudonyms/key-book.ts'
import { namesOf } from './names-of.ts'
import type { RotationPorts } from './rotation-ports.ts'

type Ports = Pick<RotationPorts, 'pseudonymizer' | 'graph' | 'raw' | 'consent' | 'holders' | 'clock'>

export interface BatchOutcome {
  /** Records whose values could not be read. */
  readonly unreadable: number
}

/**
 * Gives these records their names under the new key. Consent hears of a new pid before anybody is called by it, and
 * consumers are told in the same change that calls them so: killed anywhere, it is run again with the same records.
 */
export async function renameBatch(
  nodes: readonly RecordNode[],
  rotation: Rotation,
  ports: Ports,
): Promise<BatchOutcome> {
  const live = nodes.filter((node) => !isGone(node))
  const raw = await ports.raw.read(live)
  const readable = live.flatMap((node) => {
    const values = raw.get(node.id)
    return values === undefined ? [] : [{ node, values }]
  })
  const renames = await namesOf(readable, rotation.step === 'rewriting', ports.pseudonymizer)
  // Whoever becomes a person of their own between the question and the change is asked about again.
  for (let left: readonly RecordRename[] = renames; left.length > 0;) {
    // eslint-disable-next-line no-await-in-loop -- each round starts from what the last one left
    const told = await tellConsent(left, rotation, ports)
    const round = left
    // eslint-disable-next-line no-await-in-loop
    left = await ports.graph.change((graph) => rename(graph, { renames: round, told, at: ports.clock() }))
  }
  const elder = rotation.step === 'sweeping' ? renames.flatMap(({ elderPids }) => elderPids) : []
  // oxlint-disable-next-line no-await-in-loop
  for (const holder of elder.length > 0 ? ports.holders : []) await holder.forgetPids(elder)
  return { unreadable: live.length - readable.length }
}

/** Answers the pids that consent knows of now. */
async function tellConsent(
  renames: readonly RecordRename[],
  { startedAt }: Rotation,
  { graph, consent, holders }: Ports,
): Promise<ReadonlySet<string>> {
  const known = await graph.look((reader) => changedPids(reader, renames))
  if (known.length > 0)
    await consent.link(
      known.map(({ from, to }) => ({
        // The same for the same change, however often it is told.
        decisionId: `renamed-${to}`,
        pids: [from, to],
        kind: 'renamed',
        at: startedAt,
        by: 'key-rotation',
      })),
    )
  // oxlint-disable-next-line no-await-in-loop -- few, and each a store of its own
  for (const holder of holders) await holder.copyPids(known.map(({ from, to }) => ({ from, to })))
  return new Set(known.map(({ from }) => from))
}

interface ChangedPid {
  readonly id: number
  readonly from: string
  readonly to: string
  /** Whether anybody may know it. */
  readonly wasPerson: boolean
}

/** Pids that somebody was answered under, or that consent has linked: those alone have to be told of. */
async function changedPids(
  graph: GraphReader,
  renames: readonly RecordRename[],
): Promise<readonly ChangedPid[]> {
  const seeds = new Map(renames.flatMap(({ id, seed }) => (seed === null ? [] : [[id, seed] as const])))
  const nodes = (await graph.byId([...seeds.keys()])).filter(
    (node) => !isGone(node) && seeds.get(node.id)?.elders.includes(node.seed) === true,
  )
  const linked = linkedIn(await graph.mergesOf(nodes.map(({ id }) => id)))
  return nodes
    .filter(({ id, wasPerson }) => wasPerson || linked.has(id))
    .map(({ id, seed: from, wasPerson }) => ({ id, from, to: seeds.get(id)?.newest ?? from, wasPerson }))
}

const linkedIn = (merges: readonly MergeDecision[]): ReadonlySet<number> =>
  new Set(merges.flatMap(({ a, b, consent }) => (consent === 'silent' ? [] : [a, b])))

interface Renames {
  readonly renames: readonly RecordRename[]
  readonly told: ReadonlySet<string>
  readonly at: number
}

/** Answers those that consent has to hear of first. */
async function rename(graph: GraphWriter, { renames, told, at }: Renames): Promise<readonly RecordRename[]> {
  const changed = await changedPids(graph, renames)
  const untold = new Set(changed.flatMap(({ id, from }) => (told.has(from) ? [] : [id])))
  await graph.renameRecords(renames.filter(({ id }) => !untold.has(id)))
  const known = changed.filter(({ id, wasPerson }) => wasPerson && !untold.has(id))
  if (known.length > 0) {
    const position = await graph.takePositions(known.length)
    await graph.putChanges(
      known.map(({ from, to }, index) => ({
        id: `renamed-${to}`,
        position: position + index,
        type: 'pid_changed',
        decisionId: `renamed-${to}`,
        at,
        from: [from],
        to: [to],
      })),
    )
  }
  return renames.filter(({ id }) => untold.has(id))
}
