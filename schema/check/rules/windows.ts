import { announcedDay, isDeprecated } from '../announced-day.ts'
import type { Check } from '../check-context.ts'
import { at } from '../places.ts'

/** A day that was announced is a promise to who has to move (`@deprecated(reason: "… until 2027-01-31")`). */
export const windows: Check = (context) => {
  const { base, head } = context
  return [...base.declared.keys()].flatMap((coordinate) => {
    const day = announcedDay(base, coordinate)
    if (day === null || !isDeprecated(head, coordinate)) return []
    const other = announcedDay(head, coordinate)
    if (other === day) return []
    const code = other === null || other < day ? 'WINDOW_CUT' : 'WINDOW_EXTENDED'
    return [{ ...at(context, coordinate), code, before: day, after: other ?? '' }]
  })
}
