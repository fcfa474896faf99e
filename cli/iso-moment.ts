import { InvalidArgumentError } from 'commander'
import { calendarDay } from './calendar-day.ts'

/** A flag that names a day or a moment: `2027-01-31`, `2027-01-31T18:00:00Z`. Without its zone a moment is none. */
export const isoMoment = (written: string): string => {
  const [, day = '', time] = MOMENT.exec(written) ?? []
  if (day === '' || (time !== undefined && Number.isNaN(Date.parse(written))))
    throw new InvalidArgumentError('write a day or a time of ISO 8601, for example 2027-01-31.')
  calendarDay(day)
  return written
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/
