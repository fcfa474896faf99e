import { readDuration } from './iso-duration.ts'

/**
 * The Open Data Contract Standard 3.1 has no words for consent: scope, basis, disposition, what people were told. They
 * stand in `customProperties`, which other tools carry along unread.
 */
export type OdcsRecord = Readonly<Record<string, unknown>>

export const ODCS_VERSION = 'v3.1.0'

/** One service level with a number and a unit where one unit is enough; otherwise as ISO 8601 writes it. */
export function slaOf(property: string, duration: string): OdcsRecord {
  const single = /^P(?:(\d+)([YMWD])|T(\d+)([HMS]))$/.exec(duration)
  const [, days, calendar, count, clock] = single ?? []
  const unit = calendar === undefined ? UNITS.get(`T${clock ?? ''}`) : UNITS.get(calendar)
  if (unit === undefined) return { property, value: duration }
  return { property, value: Number(days ?? count), unit }
}

/** The ISO 8601 duration of a service level; undefined for one without. */
export function durationOfSla(sla: OdcsRecord | undefined): string | undefined {
  const { value, unit } = sla ?? {}
  if (typeof value === 'string' && readDuration(value) !== null) return value
  if (!Number.isInteger(Number(value)) || typeof unit !== 'string') return undefined
  const mark = [...UNITS].find(([, name]) => name === unit)?.[0] ?? SYNONYMS.get(unit.toLowerCase())
  if (mark === undefined) return undefined
  const written = mark.startsWith('T') ? `PT${Number(value)}${mark.slice(1)}` : `P${Number(value)}${mark}`
  return readDuration(written) === null ? undefined : written
}

export const custom = (record: OdcsRecord): readonly OdcsRecord[] =>
  Object.entries(record)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([property, value]) => ({ property, value }))

/** `y` and `d` are the standard’s own; `m` alone would be minutes to one reader and months to another. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['Y', 'y'],
  ['M', 'month'],
  ['W', 'week'],
  ['D', 'd'],
  ['TH', 'h'],
  ['TM', 'minute'],
  ['TS', 's'],
])

const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['yr', 'Y'],
  ['year', 'Y'],
  ['years', 'Y'],
  ['mo', 'M'],
  ['months', 'M'],
  ['w', 'W'],
  ['weeks', 'W'],
  ['day', 'D'],
  ['days', 'D'],
  ['hour', 'TH'],
  ['hours', 'TH'],
  ['min', 'TM'],
  ['minutes', 'TM'],
  ['second', 'TS'],
  ['seconds', 'TS'],
])
