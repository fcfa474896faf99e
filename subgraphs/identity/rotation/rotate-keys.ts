import { CodedFailure } from '../../coded-failure.ts'
import { isGone, type RecordNode } from '../graph/decision.ts'
import type { GraphStore } from '../graph/graph-port.ts'
import type { Rotation, RotationStep, TokenFormat } from '../pseudonyms/key-book.ts'
import { versionOf } from '../pseudonyms/pseudonym.ts'
import { renameBatch } from './rename-batch.ts'
import type { RotationPorts } from './rotation-ports.ts'

export interface RotateOptions {
  /** Whether to begin one when none is under way; else there is nothing to do. */
  readonly mayBegin: boolean
  /** How the new key makes tokens. Of a rotation that is under way, what it began with counts. */
  readonly format: TokenFormat
  /** How long elder pids lead on at least, whoever has heard. */
  readonly windowMs: number
  /** Longer than whoever writes at the moment takes for a batch: what they write with the elder key is swept up after it. */
  readonly graceMs: number
  /** Records at a time. */
  readonly batch?: number
}

export interface RotationProgress {
  /** `done`: the elder key is destroyed. */
  readonly step: RotationStep | 'done'
  readonly to: number
  readonly records: number
  readonly total: number
  /** Of a rotation that waits: until when (ms), and for whom. */
  readonly windowEnds: number
  readonly behind: readonly string[]
}

/**
 * Changes the key of all pseudonyms: every record gets its names under a new key beside the elder ones, everybody hears
 * of changed pids, and then the elder key and everything made with it goes. Begins, or goes on where the book stands, and
 * ends when it is through or has to wait: run it again then. While it runs, every pid and every token, elder or new, leads
 * to the same person. Throws `ROTATION_INCOMPLETE`, `ROTATION_ELSEWHERE`, and what its ports throw.
 */
export async function* rotateKeys(
  ports: RotationPorts,
  options: RotateOptions,
): AsyncGenerator<RotationProgress> {
  const { keys, hearing, clock } = ports
  const underWay = (await keys.underWay()) ?? (options.mayBegin ? await begin(ports, options) : null)
  if (underWay === null) return
  let rotation = underWay
  yield told(rotation)
  if (rotation.step === 'rewriting') {
    for await (const now of walk(rotation, ports, options.batch)) yield told((rotation = now))
    rotation = await keys.save({ ...rotation, step: 'waiting' })
  }
  if (rotation.step === 'waiting') {
    const behind = await hearing.behind()
    yield told(rotation, behind)
    if (behind.length > 0 || clock() < rotation.windowEnds) return
    rotation = await keys.stopWriting(rotation)
  }
  if (rotation.step === 'sweeping') {
    if (rotation.position === 0) await ports.pause(options.graceMs)
    for await (const now of walk(rotation, ports, options.batch)) yield told((rotation = now))
    rotation = await keys.retire(rotation)
  }
  yield told(rotation)
  await keys.destroy(rotation)
  yield { ...told(rotation), step: 'done' }
}

const BATCH = 500

async function begin({ keys, graph }: RotationPorts, { format, windowMs }: RotateOptions): Promise<Rotation> {
  const total = await graph.look((reader) => reader.countNodes())
  return keys.begin({ format, windowMs, total })
}

/** All records behind where the rotation stands, batch by batch; what could not be done is told of at the end. */
async function* walk(from: Rotation, ports: RotationPorts, batch = BATCH): AsyncGenerator<Rotation> {
  let rotation = from
  const left = { unreadable: 0, unheard: 0 }
  for (;;) {
    const { position } = rotation
    // eslint-disable-next-line no-await-in-loop -- each batch begins where the last one ended
    const nodes = await ports.graph.look((graph) => graph.nodesAfter(position, batch))
    const last = nodes.at(-1)
    if (last === undefined) break
    // eslint-disable-next-line no-await-in-loop
    left.unreadable += (await renameBatch(nodes, rotation, ports)).unreadable
    // eslint-disable-next-line no-await-in-loop
    if (rotation.step === 'sweeping') left.unheard += await forgetElders(nodes, rotation, ports.graph)
    const done = Math.min(rotation.done + nodes.length, rotation.total)
    rotation = { ...rotation, position: last.id, done }
    // Behind a record that could not be done the place is not kept: it is tried again.
    // eslint-disable-next-line no-await-in-loop
    if (left.unreadable + left.unheard === 0) await ports.keys.save(rotation)
    yield rotation
  }
  if (left.unreadable > 0)
    throw new CodedFailure('ROTATION_INCOMPLETE', `${left.unreadable} records cannot be read`)
  if (left.unheard > 0)
    throw new CodedFailure('ROTATION_INCOMPLETE', `consent has to hear of ${left.unheard} deleted records`)
}

/**
 * Elder pids lead nowhere any more. No key makes a new one for a record that is gone, so its own pid goes, too; not while
 * consent has still to hear under which pid it lived. Answers how many such there are.
 */
async function forgetElders(
  nodes: readonly RecordNode[],
  { to }: Rotation,
  graph: GraphStore,
): Promise<number> {
  const gone = nodes.filter((node) => isGone(node) && versionOf(node.seed) !== to)
  return graph.change(async (writer) => {
    const merges = await writer.mergesOf(gone.map(({ id }) => id))
    const asked = new Set(merges.flatMap(({ a, b, consent }) => (consent === 'asked' ? [a, b] : [])))
    await writer.forgetElderPids(nodes.map(({ id }) => id))
    await writer.forgetGonePids(gone.flatMap(({ id }) => (asked.has(id) ? [] : [id])))
    return gone.filter(({ id }) => asked.has(id)).length
  })
}

const told = (
  { to, step, done, total, windowEnds }: Rotation,
  behind: readonly string[] = [],
): RotationProgress => ({ step, to, records: done, total, windowEnds, behind })
