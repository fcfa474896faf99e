import { codedError } from '../../coded-error.ts'
import type { EventDefinition } from '../materialise/feature-state.ts'
import type { FeatureEvent } from '../materialise/event-source.ts'
import { happenedAt, partialOf } from '../materialise/partial.ts'
import { admitRows, inBytes } from './admit-rows.ts'
import {
  asLines,
  AT_ONCE,
  type BuildOptions,
  digestOf,
  everybody,
  takeSnapshot,
} from './build-training-set.ts'
import { chooseFeatures } from './choose-features.ts'
import type { TrainingPorts } from './training-ports.ts'
import type { Snapshot, TrainingRow, TrainingSet } from './training-set.ts'
import type { LabelledTime, TrainingSpec } from './training-spec.ts'
import { createUse } from './used-receipts.ts'

export interface InteractionsSpec extends Pick<TrainingSpec, 'name' | 'purpose' | 'consent'> {
  /** Computed of what people took: its events, their field, its window, its scope and its purposes say what is read. */
  readonly feature: string
}

/**
 * Who took what when, each as a row of a training set: the label is the item. A row is there by the consent of the very moment when it
 * was taken, and by that of now: what somebody bought before they agreed is not learned from.
 */
export async function buildInteractions(
  spec: InteractionsSpec,
  ports: TrainingPorts,
  { vocabulary, snapshot }: BuildOptions,
): Promise<TrainingSet> {
  const definition = itemsFeature(spec, ports, { vocabulary })
  const taken = snapshot ?? (await takeSnapshot(ports))
  const events = await takings(definition, taken, ports)
  const asking = { scopes: [definition.scope], rule: spec.consent, snapshot: taken }
  const { admitted, leftOut, left } = await admitRows([...events.keys()], asking, ports)
  const use = createUse()
  const rows: TrainingRow[] = []
  for (const { row, granted } of admitted) {
    for (const [scope, yes] of granted) use.computed(row.pid, scope, yes)
    const event = events.get(row)
    if (event !== undefined) use.event(definition.scope, event)
    rows.push({ ...row, values: {} })
  }
  const receipts = use.receipts()
  return {
    rows,
    receipts,
    left,
    manifest: {
      name: spec.name,
      purpose: spec.purpose,
      consent: spec.consent,
      features: [{ name: definition.name, version: definition.digest }],
      entities: digestOf(JSON.stringify({ kind: 'everybody', did: definition.source.event })),
      snapshot: taken,
      rows: rows.length,
      people: new Set(rows.map(({ pid }) => pid)).size,
      leftOut,
      digests: { rows: digestOf(asLines(rows)), receipts: digestOf(asLines(receipts)) },
    },
  }
}

/** What of the house is asked for, before anything of it is read. Throws where it may not be, or is not of items. */
export function itemsFeature(
  { feature, purpose }: Pick<InteractionsSpec, 'feature' | 'purpose'>,
  { definitions }: Pick<TrainingPorts, 'definitions'>,
  { vocabulary }: Pick<BuildOptions, 'vocabulary'>,
): EventDefinition {
  const asked = { purpose, features: [{ name: feature, version: null }] }
  const [definition] = chooseFeatures(asked, definitions, vocabulary)
  if (definition === undefined) throw codedError('TRAINING_FEATURE_UNKNOWN', feature)
  if (definition.source.of === null || !OF_ITEMS.has(definition.source.take))
    throw codedError('TRAINING_FEATURE_WITHOUT_ITEMS', feature)
  return definition
}

/** What is counted by its different values, or is one of them, has names; what is added up has sizes. */
const OF_ITEMS: ReadonlySet<string> = new Set(['distinct', 'values', 'last'])

/** In the order of pid, time, item and position. Two clocks: what was heard of after the snapshot had not happened for it. */
async function takings(
  { source }: EventDefinition,
  { at: taken, position }: Snapshot,
  { events }: TrainingPorts,
): Promise<ReadonlyMap<LabelledTime, FeatureEvent>> {
  const [to, from] = [Date.parse(taken), Date.parse(taken) - source.window.ms]
  const found: (readonly [LabelledTime, FeatureEvent])[] = []
  const read = async (pids: readonly string[]): Promise<void> => {
    for (const event of await events.of(pids, [source.event], position)) {
      const at = happenedAt(event)
      const item = source.of === null ? null : event.data[source.of]
      if (typeof item !== 'string' || at < from || at >= to || event.receivedAt >= to) continue
      if (partialOf(source, event) !== null) found.push([{ pid: event.pid, at, label: item }, event])
    }
  }
  let some: string[] = []
  for await (const pid of everybody(events)) {
    some.push(pid)
    if (some.length < AT_ONCE) continue
    await read(some)
    some = []
  }
  await read(some)
  return new Map(
    found.toSorted(
      ([a, one], [b, other]) =>
        inBytes(a.pid, b.pid) ||
        a.at - b.at ||
        inBytes(a.label ?? '', b.label ?? '') ||
        Number(BigInt(one.position) - BigInt(other.position)),
    ),
  )
}
