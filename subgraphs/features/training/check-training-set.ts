import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { inBytes, NEWEST } from './admit-rows.ts'
import { asLines, buildTrainingSet, digestOf } from './build-training-set.ts'
import type { TrainingPorts } from './training-ports.ts'
import type { TrainingSet, UsedReceipt } from './training-set.ts'
import type { TrainingSpec } from './training-spec.ts'

/** A set as it was written. */
export type StoredSet = Pick<TrainingSet, 'rows' | 'receipts' | 'manifest'>

export interface Verified {
  /** Files that are not what the manifest says. */
  readonly changed: readonly ('rows' | 'receipts')[]
  /** Who is in it and may not be any more: it has to be built again. */
  readonly left: readonly string[]
}

/** Whether a set is as it was written, and everybody in it still agrees, as far as its rule asks for that. */
export async function verifyTrainingSet(
  { rows, receipts, manifest }: StoredSet,
  ports: PortsOfNow,
): Promise<Verified> {
  const changed = (['rows', 'receipts'] as const).filter(
    (file) => digestOf(asLines(file === 'rows' ? rows : receipts)) !== manifest.digests[file],
  )
  const pids = [...new Set(rows.map(({ pid }) => pid))]
  return { changed, left: await whoLeft(pids, { receipts, manifest }, ports) }
}

type PortsOfNow = Pick<TrainingPorts, 'standings' | 'historyUpTo' | 'policyDenials' | 'clock'>

/** Of these, who does not agree any more by what the set rests on, is erased or suppressed, or is too young as is known by now. */
export async function whoLeft(
  pids: readonly string[],
  { receipts, manifest }: Pick<StoredSet, 'receipts' | 'manifest'>,
  { standings, historyUpTo, policyDenials, clock }: PortsOfNow,
): Promise<readonly string[]> {
  const left = new Set(await historyUpTo(NEWEST).blockedAt(pids, clock()))
  const resting = receipts.filter(isOfConsent)
  const denials = await policyDenials(resting.map(({ pid, scope }) => ({ pid, scope, at: clock() })))
  for (const [index, { pid }] of resting.entries()) if (denials[index] !== null) left.add(pid)
  if (manifest.consent !== 'then') {
    const alive = await standings.areAlive(resting, clock())
    for (const [index, { pid }] of resting.entries()) if (alive[index] !== true) left.add(pid)
  }
  return [...left].toSorted(inBytes)
}

/** The set as it is when these have left. */
export function withoutPeople(set: TrainingSet, left: readonly string[]): TrainingSet {
  const gone = new Set(left)
  const rows = set.rows.filter(({ pid }) => !gone.has(pid))
  const receipts = set.receipts.filter(({ pid }) => !gone.has(pid))
  const people = new Set(rows.map(({ pid }) => pid)).size
  const digests = { rows: digestOf(asLines(rows)), receipts: digestOf(asLines(receipts)) }
  return {
    rows,
    receipts,
    left: [...new Set([...set.left, ...left])].toSorted(inBytes),
    manifest: { ...set.manifest, rows: rows.length, people, digests },
  }
}

const isOfConsent = (
  used: UsedReceipt,
): used is UsedReceipt & { readonly scope: string; readonly revision: string } =>
  used.scope !== null && used.revision !== null

/** What became of a set that was made again from its own snapshot. */
export type Rebuilt =
  | { readonly kind: 'same'; readonly set: TrainingSet }
  /** But for these people it is the same. Why they left is not told. */
  | { readonly kind: 'people left'; readonly set: TrainingSet; readonly left: readonly string[] }
  /** Events it was made of are there no longer, or something else is not what it was. */
  | { readonly kind: 'differs'; readonly set: TrainingSet; readonly left: readonly string[] }

export async function rebuildTrainingSet(
  stored: StoredSet,
  spec: TrainingSpec,
  ports: TrainingPorts,
  vocabulary: Vocabulary,
): Promise<Rebuilt> {
  const set = await buildTrainingSet(spec, ports, { vocabulary, snapshot: stored.manifest.snapshot })
  const stay = new Set(set.rows.map(({ pid }) => pid))
  const left = [...new Set(stored.rows.map(({ pid }) => pid))]
    .filter((pid) => !stay.has(pid))
    .toSorted(inBytes)
  const isSame =
    asLines(stored.rows.filter(({ pid }) => stay.has(pid))) === asLines(set.rows) &&
    asLines(stored.receipts.filter(({ pid }) => stay.has(pid))) === asLines(set.receipts)
  if (!isSame) return { kind: 'differs', set, left }
  return left.length > 0 ? { kind: 'people left', set, left } : { kind: 'same', set }
}
