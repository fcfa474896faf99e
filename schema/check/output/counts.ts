import type { Report } from '../finding.ts'

/** `1 error, 0 warnings, 2 notes`. */
export const counts = ({ error, warning, note }: Report['summary']): string =>
  Object.entries({ error, warning, note })
    .map(([level, count]) => `${count} ${level}${count === 1 ? '' : 's'}`)
    .join(', ')
