/** ISO 8601 durations in whole numbers, `P13M`, `P2W`, `PT36H`: calendar parts and clock parts stay apart. */
export interface IsoDuration {
  readonly months: number
  readonly days: number
  readonly milliseconds: number
}

const SHAPE =
  /^P(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?(T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?)?$/

/** Null for what is none, for a mark without a number, and for no time at all. */
export function readDuration(text: unknown): IsoDuration | null {
  const parts = typeof text === 'string' ? SHAPE.exec(text) : null
  if (parts === null || parts[5] === 'T') return null
  const [years, months, weeks, days, , hours, minutes, seconds] = parts
    .slice(1)
    .map((part) => Number(part ?? 0))
  const duration = {
    months: (years ?? 0) * 12 + (months ?? 0),
    days: (weeks ?? 0) * 7 + (days ?? 0),
    milliseconds: ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000,
  }
  return duration.months + duration.days + duration.milliseconds > 0 ? duration : null
}

/**
 * The moment a duration after another, in UTC; both in milliseconds since the epoch. A month later is the same day of
 * the month, or its last day. Throws `RangeError` for what `readDuration` does not read.
 */
export function addDuration(at: number, written: string): number {
  const duration = readDuration(written)
  if (duration === null) throw new RangeError('not an ISO 8601 duration')
  const date = new Date(at)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + duration.months)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, lastDay) + duration.days)
  return date.getTime() + duration.milliseconds
}

/** Positive when the first is longer. Measured from one leap year's first day, so that `P1M` is as long as `P31D`. */
export function compareDurations(one: string, other: string): number {
  const start = Date.UTC(2024, 0, 1)
  return addDuration(start, one) - addDuration(start, other)
}
