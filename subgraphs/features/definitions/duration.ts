/** An ISO 8601 duration of a fixed length: as it was written, and in milliseconds. */
export interface Duration {
  readonly iso: string
  readonly ms: number
}

const SHAPE =
  /^P(?!$)(?:(\d{1,4})W|(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)$/
const UNITS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000]

/**
 * Null for what is no duration, for one of no length, and for years and months: how long those are depends on when they
 * begin, and two who compute the same window would not compute the same value (ISO 8601-1, 5.5.2).
 */
export function readDuration(text: unknown): Duration | null {
  // A group that took no part is undefined.
  const parts: readonly (string | undefined)[] | undefined =
    typeof text === 'string' ? SHAPE.exec(text)?.slice(1) : undefined
  if (parts === undefined) return null
  const ms = parts.reduce<number>((sum, part = '0', place) => sum + Number(part) * (UNITS[place] ?? 0), 0)
  return ms > 0 ? Object.freeze({ iso: String(text), ms }) : null
}
