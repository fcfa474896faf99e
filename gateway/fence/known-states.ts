import DataLoader from 'dataloader'
import { AssentError } from '../errors.ts'
import type { Caller, ConsentSource, ConsentState } from '../ports.ts'

export interface Asking {
  readonly consent: ConsentSource
  readonly caller: Pick<Caller, 'context'>
  /** People that one request may ask about. */
  readonly mostSubjects: number
  readonly onConsentFailure: (cause: unknown) => void
}

/**
 * What is known of people's consent while one request lasts. All lookups that wait at the same moment are one question, and
 * nobody is asked about twice; after `forget` everybody is asked about anew.
 */
export interface KnownStates {
  /** Resolves when everything there is to know about these people is known. */
  learn(subjects: readonly string[]): Promise<void>
  /** Undefined: consent could not be established. */
  of(subject: string): ConsentState | undefined
  forget(): void
}

export const createKnownStates = (asking: Asking): KnownStates => {
  let known = new Map<string, ConsentState | null>()
  let asked = new Map<string, Promise<void>>()
  let left = asking.mostSubjects
  /** One request asks about so many people and no more: of the others nothing is known. */
  const within = (subjects: readonly string[]): readonly string[] => {
    const some = subjects.slice(0, left)
    left -= some.length
    if (some.length < subjects.length)
      asking.onConsentFailure(new AssentError('CONSENT_UNAVAILABLE', 'limits.subjects'))
    return some
  }
  // A key is all that one lookup does not know yet.
  const questions = new DataLoader<readonly string[], null>(
    async (lists) => {
      const [into, subjects] = [known, [...new Set(lists.flat())]]
      const states = await loadStates(asking, within(subjects))
      subjects.forEach((subject, index) => into.set(subject, states[index] ?? null))
      return lists.map(() => null)
    },
    { cache: false },
  )
  return {
    learn: async (subjects) => {
      const fresh = [...new Set(subjects)].filter((subject) => !known.has(subject) && !asked.has(subject))
      if (fresh.length > 0) {
        const answered = questions.load(fresh).then(() => undefined)
        for (const subject of fresh) asked.set(subject, answered)
      }
      await Promise.all(new Set(subjects.flatMap((subject) => asked.get(subject) ?? [])))
    },
    of: (subject) => known.get(subject) ?? undefined,
    forget: () => {
      known = new Map()
      asked = new Map()
    },
  }
}

const loadStates = async (
  asking: Asking,
  subjects: readonly string[],
): Promise<readonly (ConsentState | null)[]> => {
  if (subjects.length === 0) return []
  try {
    const found = await asking.consent.load(subjects, asking.caller.context)
    return subjects.map((subject) => {
      const state = found.get(subject)
      return state?.subject === subject && state.scopes instanceof Map ? state : null
    })
  } catch (cause) {
    asking.onConsentFailure(cause)
    return subjects.map(() => null)
  }
}
