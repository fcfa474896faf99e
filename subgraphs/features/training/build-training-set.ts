import { createHash } from 'node:crypto'
import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { codedError } from '../../coded-error.ts'
import type { FeatureValue } from '../definitions/feature-definition.ts'
import { byPid } from '../materialise/by-pid.ts'
import type { FeatureEvent } from '../materialise/event-source.ts'
import type { EventDefinition } from '../materialise/feature-state.ts'
import { type AdmittedRow, admitRows, inBytes } from './admit-rows.ts'
import { chooseFeatures } from './choose-features.ts'
import type { TrainingPorts } from './training-ports.ts'
import type { Snapshot, TrainingRow, TrainingSet } from './training-set.ts'
import type { Entities, LabelledTime, TrainingSpec } from './training-spec.ts'
import { createUse, type Use } from './used-receipts.ts'
import { valueThen } from './value-then.ts'

export interface BuildOptions {
  readonly vocabulary: Vocabulary
  /** What an earlier set was made of; default: what there is now. */
  readonly snapshot?: Snapshot
}

/**
 * Values as of the time of each label, of people who agreed. With the snapshot of an earlier set the same comes out, without
 * those who have left.
 */
export async function buildTrainingSet(
  spec: TrainingSpec,
  ports: TrainingPorts,
  { vocabulary, snapshot }: BuildOptions,
): Promise<TrainingSet> {
  const definitions = chooseFeatures(spec, ports.definitions, vocabulary)
  const taken = snapshot ?? (await takeSnapshot(ports))
  const asked = await rowsOf(spec.entities, ports)
  if (asked.some(({ at }) => at > Date.parse(taken.at)))
    throw codedError('TRAINING_LABEL_FROM_THE_FUTURE', 'at')
  const scopes = [...new Set(definitions.map(({ scope }) => scope))].toSorted(inBytes)
  const asking = { scopes, rule: spec.consent, snapshot: taken }
  const { admitted, leftOut, left } = await admitRows(asked, asking, ports)
  const use = createUse()
  const rows = await fill(admitted, definitions, { ports, upTo: taken.position, use })
  const receipts = use.receipts()
  return {
    rows,
    receipts,
    left,
    manifest: {
      name: spec.name,
      purpose: spec.purpose,
      consent: spec.consent,
      features: definitions.map(({ name, digest }) => ({ name, version: digest })),
      entities: digestOf(JSON.stringify(spec.entities)),
      snapshot: taken,
      rows: rows.length,
      people: new Set(rows.map(({ pid }) => pid)).size,
      leftOut,
      digests: { rows: digestOf(asLines(rows)), receipts: digestOf(asLines(receipts)) },
    },
  }
}

/** One JSON object a line, the same for the same. */
export const asLines = (objects: readonly object[]): string =>
  objects.map((one) => `${JSON.stringify(one)}\n`).join('')

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Consent first: of what happens in between, later events are told with a consent that is older, and never the other way round. */
export async function takeSnapshot({ standings, events, clock }: TrainingPorts): Promise<Snapshot> {
  const [revision, policy] = [await standings.mark(), await standings.policy()]
  return { position: await events.newest(), revision, policy, at: new Date(clock()).toISOString() }
}

/** People whose events are read together. */
export const AT_ONCE = 500

/** Each once, in the order of pid, time and label. */
async function rowsOf(entities: Entities, { events }: TrainingPorts): Promise<readonly LabelledTime[]> {
  const rows: LabelledTime[] = []
  if (entities.kind === 'listed') rows.push(...entities.rows)
  else
    for await (const pid of everybody(events))
      rows.push(...entities.at.map((at) => ({ pid, at, label: null })))
  const once = new Map(rows.map((row) => [JSON.stringify([row.pid, row.at, row.label]), row]))
  return [...once.values()].toSorted(
    (a, b) => inBytes(a.pid, b.pid) || a.at - b.at || inBytes(a.label ?? '', b.label ?? ''),
  )
}

/** Page by page: all who did anything. */
export async function* everybody(events: Pick<TrainingPorts['events'], 'people'>): AsyncGenerator<string> {
  let after: string | null = null
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page: readonly string[] = await events.people(after, AT_ONCE)
    yield* page
    if (page.length < AT_ONCE) return
    after = page.at(-1) ?? null
  }
}

interface Filling {
  readonly ports: TrainingPorts
  readonly upTo: string
  readonly use: Use
}

async function fill(
  admitted: readonly AdmittedRow[],
  definitions: readonly EventDefinition[],
  { ports, upTo, use }: Filling,
): Promise<readonly TrainingRow[]> {
  const types = [...new Set(definitions.map(({ source }) => source.event))]
  const rows: TrainingRow[] = []
  for (let start = 0; start < admitted.length; start += AT_ONCE) {
    const some = admitted.slice(start, start + AT_ONCE)
    const pids = [...new Set(some.map(({ row }) => row.pid))]
    // oxlint-disable-next-line no-await-in-loop -- people by people: all their events at once would be too many
    const events = byPid(await ports.events.of(pids, types, upTo))
    for (const one of some)
      rows.push(filled(one, definitions, { events: events.get(one.row.pid) ?? [], use }))
  }
  return rows
}

function filled(
  { row, granted }: AdmittedRow,
  definitions: readonly EventDefinition[],
  { events, use }: { readonly events: readonly FeatureEvent[]; readonly use: Use },
): TrainingRow {
  const values: Record<string, FeatureValue | null> = Object.create(null)
  for (const [scope, yes] of granted) use.computed(row.pid, scope, yes)
  for (const definition of definitions) {
    const { scope, name } = definition
    const grantedAt = granted.get(scope)?.at ?? -Infinity
    const found = valueThen(definition, events, { at: row.at, grantedAt })
    values[name] = found?.value ?? null
    for (const event of found?.events ?? []) use.event(scope, event)
  }
  const { pid, at, label } = row
  return { pid, at, label, values }
}
