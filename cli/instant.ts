import { InvalidArgumentError } from 'commander'
import { isDay } from './day.ts'

/** The value of a flag that names an instant, in milliseconds: without a zone it would be another one on each machine. */
export const instant = (written: string): number => {
  const at = WRITTEN.test(written) && isDay(written.slice(0, 10)) ? Date.parse(written) : NaN
  if (Number.isNaN(at)) throw new InvalidArgumentError('write an instant such as 2026-01-01T00:00:00Z.')
  return at
}

const WRITTEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.]\d+)?)?(Z|[+-]\d\d:\d\d)$/
