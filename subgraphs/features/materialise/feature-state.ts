import type { EventFeature, FeatureDefinition, FeatureValue } from '../definitions/feature-definition.ts'
import type { FeatureEvent } from './event-source.ts'
import { happenedAt, merged, type Partial, partialOf, type Traced, valueOf } from './partial.ts'
import { bucketLength, bucketOf, firstBucket, leavesAt } from './window.ts'

/** What is kept of a person's events for one feature, so that its window can move on without reading them again. */
export interface FeatureState {
  /** Of the definition it was made by. */
  readonly digest: string
  /** The eldest revision that anything in it rests on. */
  readonly revision: string
  readonly buckets: Readonly<Record<string, Partial>>
}

/** An event together with the revision it is used under. */
export interface Used {
  readonly event: FeatureEvent
  readonly revision: string
}

/** Null where nothing was counted and nothing had been. */
export function withEvents(
  { source, digest }: { readonly source: EventFeature; readonly digest: string },
  state: FeatureState | null,
  used: readonly Used[],
): FeatureState | null {
  const buckets: Record<string, Partial> = { ...state?.buckets }
  let revision = state?.revision
  for (const { event, revision: rests } of used) {
    const partial = partialOf(source, event)
    if (partial === null) continue
    const bucket = bucketOf(happenedAt(event), bucketLength(source.window.ms))
    const known = buckets[bucket]
    buckets[bucket] = known === undefined ? partial : merged(known, partial)
    revision = revision === undefined || BigInt(rests) < BigInt(revision) ? rests : revision
  }
  return revision === undefined ? null : { digest, revision, buckets }
}

export interface Computed {
  readonly value: FeatureValue
  readonly partial: Partial
  /** When the value is another one although nothing happens; milliseconds since the epoch. */
  readonly dueAt: number
}

/** What the window holds at a moment; null when there is nothing in it. */
export function valueAt(
  { source }: { readonly source: EventFeature },
  state: FeatureState,
  now: number,
): Computed | null {
  const first = firstBucket(now, source.window.ms)
  const inside = Object.entries(state.buckets)
    .map(([bucket, partial]) => ({ bucket: Number(bucket), partial }))
    .filter(({ bucket }) => bucket >= first)
  const [some, ...others] = inside
  if (some === undefined) return null
  const partial = others.reduce((sum, one) => merged(sum, one.partial), some.partial)
  const value = valueOf(source, partial)
  const eldest = Math.min(...inside.map(({ bucket }) => bucket))
  return value === null ? null : { value, partial, dueAt: leavesAt(eldest, source.window.ms) }
}

/** Without what no window will ever reach again. */
export function forgetting(
  { source }: { readonly source: EventFeature },
  state: FeatureState,
  now: number,
): FeatureState {
  const first = firstBucket(now, source.window.ms)
  const left = Object.entries(state.buckets).filter(([bucket]) => Number(bucket) >= first)
  return { ...state, buckets: Object.fromEntries(left) }
}

/** Where a value comes from, as it is kept beside it. Plain JSON. */
export interface Lineage {
  readonly count: number
  readonly newest: readonly Traced[]
  readonly from: number | null
  readonly until: number | null
  /** The one the value rests on comes first. */
  readonly receipts: readonly string[]
}

export const lineageOf = (receipt: string, partial: Partial | null): Lineage => ({
  count: partial?.count ?? 0,
  newest: partial?.newest ?? [],
  from: partial?.from ?? null,
  until: partial?.until ?? null,
  receipts: [receipt, ...(partial?.receipts ?? []).filter((one) => one !== receipt)],
})

export type EventDefinition = FeatureDefinition & { readonly source: EventFeature }

export const isEventDefinition = (definition: FeatureDefinition): definition is EventDefinition =>
  definition.source.kind === 'event'
