import type { ConsentSource, ConsentState } from '../../gateway/ports.ts'
import { SCOPES } from './people-schemas.ts'

/** Whether a person has said yes to the scope of this number. */
export type Says = (person: number, scope: number) => boolean

/** What people have said: everybody yes to everything, or each something else than their neighbour. */
export const ANSWERS = {
  granted: () => true,
  different: (person, scope) => ((person * 2_654_435_761) >>> (scope + 3)) % 2 === 0,
} as const satisfies Record<string, Says>

export type AnswersName = keyof typeof ANSWERS

/** Answers at once, from memory: what a warm gateway knows. */
export const consentInMemory = (says: Says): ConsentSource => {
  const states = new Map<string, ConsentState>()
  const stateOf = (subject: string): ConsentState => {
    const state = states.get(subject) ?? makeState(subject, says)
    states.set(subject, state)
    return state
  }
  return {
    known: stateOf,
    load: (subjects) => Promise.resolve(new Map(subjects.map((subject) => [subject, stateOf(subject)]))),
  }
}

const makeState = (subject: string, says: Says): ConsentState => ({
  subject,
  revision: '1',
  scopes: new Map(
    SCOPES.map((scope, index) => {
      const status = says(Number(subject.slice(1)), index) ? 'given' : 'refused'
      return [scope, { status, receipt: `${subject}-${scope}`, expiresAt: null }] as const
    }),
  ),
})
