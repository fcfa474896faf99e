import { InvalidArgumentError } from 'commander'

/** A flag that names a day: `2026-11-22`, and one that there is. */
export const calendarDay = (written: string): string => {
  const time = /^\d{4}-\d\d-\d\d$/.test(written) ? Date.parse(`${written}T00:00:00Z`) : NaN
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== written)
    throw new InvalidArgumentError('write a day that there is, for example 2026-11-22.')
  return written
}
