import type { DateOrder } from './clean-value.ts'

/** Told by the dates that can be read in one way only; where none can, by where the people live. */
export const dateOrderOf = (dates: Iterable<string>, region: string | null): DateOrder => {
  let [dayFirst, monthFirst] = [0, 0]
  for (const date of dates) {
    const parts = /^\s*(\d{1,2})[-/\s](\d{1,2})[-/\s]\d{2,4}(?!\d)/.exec(date)
    if (parts === null) continue
    if (Number(parts[1]) > 12) dayFirst += 1
    if (Number(parts[2]) > 12) monthFirst += 1
  }
  if (dayFirst !== monthFirst) return dayFirst > monthFirst ? 'day-first' : 'month-first'
  return region !== null && MONTH_FIRST.has(region) ? 'month-first' : 'day-first'
}

/** Unicode CLDR, short dates. */
const MONTH_FIRST: ReadonlySet<string> = new Set(['US', 'PH', 'FM', 'MH', 'PW', 'GU', 'PR', 'VI', 'AS'])
