import type { FeatureValue } from '../definitions/feature-definition.ts'
import type { FeatureEvent } from '../materialise/event-source.ts'
import { type EventDefinition, valueAt, withEvents } from '../materialise/feature-state.ts'
import { happenedAt, partialOf } from '../materialise/partial.ts'
import { bucketLength, bucketOf, firstBucket, leavesAt } from '../materialise/window.ts'

export interface ValueThen {
  readonly value: FeatureValue
  /** The events it is computed from. */
  readonly events: readonly FeatureEvent[]
}

/**
 * The value that would have been served at a past time: of what had happened before it and was known before it, and only
 * while it lived. What happened before and was heard of later was not known; what is said to happen later cannot tell what
 * it is asked for. Both would let a model learn from the future.
 *
 * Values are computed by what computes those that are served, so that training and serving do not differ.
 */
export function valueThen(
  definition: EventDefinition,
  all: readonly FeatureEvent[],
  { at, grantedAt }: { readonly at: number; readonly grantedAt: number },
): ValueThen | null {
  const { source, ttl } = definition
  const known = all.filter(
    (event) => event.type === source.event && event.occurredAt < at && event.receivedAt < at,
  )
  const used = known.map((event) => ({ event, revision: event.consentRevision ?? '0' }))
  const state = withEvents(definition, null, used)
  const computed = state && valueAt(definition, state, at)
  if (!computed) return null
  const left = Object.keys(state.buckets).map((bucket) => leavesAt(Number(bucket), source.window.ms))
  // It was computed again with each event, when something moved out of the window, and when consent was given.
  const computedAt = [grantedAt, ...known.map(({ receivedAt }) => receivedAt), ...left].reduce(
    (last, time) => (time <= at ? Math.max(last, time) : last),
    -Infinity,
  )
  if (at >= computedAt + ttl.ms) return null
  return { value: computed.value, events: known.filter((event) => isCounted(definition, event, at)) }
}

function isCounted({ source }: EventDefinition, event: FeatureEvent, at: number): boolean {
  const bucket = bucketOf(happenedAt(event), bucketLength(source.window.ms))
  return bucket >= firstBucket(at, source.window.ms) && partialOf(source, event) !== null
}
