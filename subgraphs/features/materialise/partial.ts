import {
  type EventFeature,
  type FeatureScalar,
  type FeatureValue,
  OCCURRED_AT,
} from '../definitions/feature-definition.ts'
import type { FeatureEvent } from './event-source.ts'

/** An event as lineage tells it: when, where in the store, under which id. */
export type Traced = readonly [at: number, position: string, eventId: string]

/**
 * What is kept of the events of one bucket, or of many: enough to compute any value and to say where it comes from. Adding
 * one after the other in any order gives the same, to the last digit. Plain JSON.
 */
export interface Partial {
  readonly count: number
  /** Of millionths, in decimal digits: a sum of fractions would depend on the order. */
  readonly sum: string
  readonly min: number | null
  readonly max: number | null
  readonly last: readonly [at: number, position: string, value: FeatureScalar] | null
  readonly distinct: readonly string[]
  readonly from: number
  readonly until: number
  readonly newest: readonly Traced[]
  /** Those the events rest on; none for what rests on a contract. */
  readonly receipts: readonly string[]
}

/** How many events lineage names. */
const MOST_NAMED = 10

/** The bucket of one event; null when it does not count. */
export function partialOf(source: EventFeature, event: FeatureEvent): Partial | null {
  if (event.type !== source.event || !isMeant(source, event)) return null
  const value = valueIn(source, event)
  if (source.of !== null && value === undefined) return null
  const at = happenedAt(event)
  return {
    count: 1,
    ...valuesOf(source.take, value, [at, event.position]),
    from: at,
    until: at,
    newest: [[at, event.position, event.eventId]],
    receipts: event.consentId === null ? [] : [event.consentId],
  }
}

/** As much of a value as the aggregation looks at, and no more. */
function valuesOf(
  take: EventFeature['take'],
  value: FeatureScalar | undefined,
  when: readonly [at: number, position: string],
): Pick<Partial, 'sum' | 'min' | 'max' | 'last' | 'distinct'> {
  const number = typeof value === 'number' ? value : null
  const isSum = take === 'sum' || take === 'mean'
  return {
    sum: isSum && number !== null ? String(millionths(number)) : '0',
    min: take === 'min' ? number : null,
    max: take === 'max' ? number : null,
    last: take === 'last' && value !== undefined ? [...when, value] : null,
    distinct: NAMES_VALUES.has(take) ? [String(value)] : [],
  }
}

/** What is kept of these is which values there were. */
const NAMES_VALUES: ReadonlySet<EventFeature['take']> = new Set(['distinct', 'values'])

/** Nobody is told of anything before it is heard of: what is said to happen later counts from when it was received. */
export const happenedAt = ({ occurredAt, receivedAt }: FeatureEvent): number =>
  Math.min(occurredAt, receivedAt)

export function merged(one: Partial, other: Partial): Partial {
  return {
    count: one.count + other.count,
    sum: String(BigInt(one.sum) + BigInt(other.sum)),
    min: least(one.min, other.min, Math.min),
    max: least(one.max, other.max, Math.max),
    last: laterOf(one.last, other.last),
    distinct: union(one.distinct, other.distinct),
    from: Math.min(one.from, other.from),
    until: Math.max(one.until, other.until),
    newest: [...one.newest, ...other.newest].toSorted(newestFirst).slice(0, MOST_NAMED),
    receipts: union(one.receipts, other.receipts),
  }
}

/** NaN and the infinities are no values: they are not stored, whatever was added up. */
export function valueOf({ take }: EventFeature, partial: Partial): FeatureValue | null {
  const value = computed(take, partial)
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

function computed(
  take: EventFeature['take'],
  { count, sum, min, max, last, distinct }: Partial,
): FeatureValue | null {
  switch (take) {
    case 'count':
      return count
    case 'exists':
      return count > 0
    case 'distinct':
      return distinct.length
    case 'values':
      return distinct.slice(0, MOST_VALUES)
    case 'sum':
      return Number(sum) / MILLION
    case 'mean':
      return Number(sum) / MILLION / count
    case 'min':
      return min
    case 'max':
      return max
    case 'last':
      return last === null ? null : last[2]
  }
}

/** In the order of their names, so that the same events give the same list. */
const MOST_VALUES = 500

const MILLION = 1_000_000

/** Beyond this a number has no millionths. */
const LARGEST = 2 ** 53

const millionths = (value: number): bigint => BigInt(Math.round(value * MILLION))

const isMeant = ({ where }: EventFeature, { data }: FeatureEvent): boolean =>
  Object.entries(where).every(([name, value]) => Object.hasOwn(data, name) && data[name] === value)

/** Undefined for what the event does not have, and for what is not of the kind that is computed with. */
function valueIn({ of, take }: EventFeature, event: FeatureEvent): FeatureScalar | undefined {
  if (of === null) return undefined
  if (of === OCCURRED_AT) return new Date(happenedAt(event)).toISOString()
  const value = Object.hasOwn(event.data, of) ? event.data[of] : undefined
  if (typeof value === 'number') return Math.abs(value) <= LARGEST ? value : undefined
  const isText = typeof value === 'string' || typeof value === 'boolean'
  return isText && (take === 'last' || NAMES_VALUES.has(take)) ? value : undefined
}

const least = (one: number | null, other: number | null, pick: (...of: number[]) => number): number | null =>
  one === null ? other : other === null ? one : pick(one, other)

function laterOf(one: Partial['last'], other: Partial['last']): Partial['last'] {
  if (one === null || other === null) return one ?? other
  return newestFirst(one, other) <= 0 ? one : other
}

const union = (one: readonly string[], other: readonly string[]): readonly string[] =>
  [...new Set([...one, ...other])].toSorted()

/** Two that happened in the same millisecond are in the order in which they were taken. */
function newestFirst(
  one: readonly [number, string, ...unknown[]],
  other: readonly [number, string, ...unknown[]],
): number {
  if (one[0] !== other[0]) return other[0] - one[0]
  const [a, b] = [BigInt(one[1]), BigInt(other[1])]
  return a === b ? 0 : a > b ? -1 : 1
}
