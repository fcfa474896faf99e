import { ANONYMOUS } from '../../directives/grant.ts'

/** Whether a text can be the id of a person at all; the reserved one is nobody's. */
export function isPid(subject: string): boolean {
  return /^[\w.~:-]{1,128}$/.test(subject) && subject !== ANONYMOUS
}

/** Of one question. */
export const MOST_SUBJECTS = 20_000
