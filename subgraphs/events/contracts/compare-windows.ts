import type { Deprecation } from './contract.ts'
import type { PlacedChange } from './contract-change.ts'
import { compareDurations } from './iso-duration.ts'

/** A window is cut by an earlier end, by a later announcement, by one in the past, and by a shorter notice. */
export function compareWindows(
  before: Deprecation,
  after: Deprecation,
  today: string | null,
): readonly PlacedChange[] {
  const isAnnounced = before.until === null && after.until !== null
  return [
    ...noticeChange(before, after),
    ...(isAnnounced ? [announcement(after, today)] : endChange(before, after)),
    ...startChange(before, after),
    ...successorChange(before, after),
  ]
}

function noticeChange(before: Deprecation, after: Deprecation): readonly PlacedChange[] {
  if (compareDurations(after.notice, before.notice) >= 0) return []
  return [{ code: 'WINDOW_CUT', path: 'deprecation.notice', before: before.notice, after: after.notice }]
}

function announcement({ announced, until }: Deprecation, today: string | null): PlacedChange {
  if (today !== null && announced !== null && announced < today)
    return { code: 'WINDOW_CUT', path: 'deprecation.announced', before: today, after: announced }
  return { code: 'DEPRECATED', path: 'deprecation.until', after: until }
}

/** Days are compared as they are written: the year first. */
function endChange(before: Deprecation, after: Deprecation): readonly PlacedChange[] {
  if (before.until === null || before.until === after.until) return []
  const isEarlier = after.until !== null && after.until < before.until
  const code = isEarlier ? 'WINDOW_CUT' : 'WINDOW_EXTENDED'
  return [{ code, path: 'deprecation.until', before: before.until, after: after.until }]
}

/** Announced later, with no more time until the end. */
function startChange(before: Deprecation, after: Deprecation): readonly PlacedChange[] {
  if (before.announced === null || after.announced === null || after.announced <= before.announced) return []
  if ((after.until ?? '') > (before.until ?? '')) return []
  return [
    { code: 'WINDOW_CUT', path: 'deprecation.announced', before: before.announced, after: after.announced },
  ]
}

function successorChange(before: Deprecation, after: Deprecation): readonly PlacedChange[] {
  const [one, other] = [before.successor, after.successor]
  if (one === null || other === null || one === other) return []
  return [
    { code: 'SUCCESSOR_CHANGED', path: 'deprecation.successor', before: String(one), after: String(other) },
  ]
}
