import { InvalidArgumentError } from 'commander'

/** The value of a flag that names a day there is: 2026-02-30 is none. */
export const day = (written: string): string => {
  if (!isDay(written)) throw new InvalidArgumentError('write a day, for example 2026-11-22.')
  return written
}

export const isDay = (written: string): boolean => {
  const at = /^\d{4}-\d\d-\d\d$/.test(written) ? Date.parse(written) : NaN
  // The 30th of February is read as the 2nd of March.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(written)
}
