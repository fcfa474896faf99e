import { codedError } from '../../coded-error.ts'
import type { LabelledTime } from './training-spec.ts'

const PID = /^[\w.~:-]{1,128}$/
/** With a zone: without one it is another instant on each machine. */
export const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/
/** A class or a number, and no text that could say who somebody is. */
const LABEL = /^[\w.+-]{1,64}$/

/** `pid,at` or `pid,at,label`, one row a line, the first line names the columns. Throws with the line. */
export function readEntities(text: string): readonly LabelledTime[] {
  const [head = '', ...lines] = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  const hasLabel = head === 'pid,at,label'
  if (!hasLabel && head !== 'pid,at') throw codedError('TRAINING_ENTITIES_INVALID', 'line 1')
  return lines.map((line, index) => {
    const [pid = '', written = '', label, ...more] = line.split(',')
    const isRead = PID.test(pid) && INSTANT.test(written) && !Number.isNaN(Date.parse(written))
    const isLabelled = hasLabel ? label !== undefined && LABEL.test(label) : label === undefined
    if (!isRead || !isLabelled || more.length > 0)
      throw codedError('TRAINING_ENTITIES_INVALID', `line ${index + 2}`)
    return { pid, at: Date.parse(written), label: label ?? null }
  })
}
