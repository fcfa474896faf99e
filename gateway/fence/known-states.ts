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
 * What is known of people's consent while one request lasts. What may be relied upon without asking is taken as it is; all
 * lookups that wait at the same moment for the rest are one question, and nobody is asked about twice. After `forget`
 * everybody is looked at anew.
 */
export interface KnownStates {
  /** Resolves when everything there is to know about these people is known; nothing to wait for where it is already. */
  learn(subjects: readonly string[]): Promise<unknown> | undefined
  /** Undefined: consent could not be established. */
  of(subject: string): ConsentState | undefined
  forget(): void
}

export const createKnownStates = (asking: Asking): KnownStates => {
  let known = new Map<string, ConsentState | null>()
  let asked = new Map<string, Promise<unknown>>()
  // Made where somebody has to be asked. A key is all that one lookup does not know yet.
  let questions: DataLoader<readonly string[], null> | undefined
  const ask = (subjects: readonly string[]): Promise<null> => {
    questions ??= new DataLoader(
      async (lists) => {
        const [into, all] = [known, lists.flat()]
        const states = await loadStates(asking, all)
        all.forEach((subject, index) => into.set(subject, states[index] ?? null))
        return lists.map(() => null)
      },
      { cache: false },
    )
    return questions.load(subjects)
  }
  const atHand = createAtHand(asking)
  return {
    learn: (subjects) => {
      const fresh: string[] = []
      const waiting = new Set<Promise<unknown>>()
      for (const subject of subjects) {
        if (known.has(subject)) continue
        const pending = asked.get(subject)
        const state = pending === undefined ? atHand(subject) : undefined
        if (pending !== undefined) waiting.add(pending)
        else if (state === undefined) fresh.push(subject)
        else known.set(subject, state)
      }
      const unknown = new Set(fresh)
      if (unknown.size > 0) {
        const answered = ask([...unknown])
        for (const subject of unknown) asked.set(subject, answered)
        waiting.add(answered)
      }
      return waiting.size === 0 ? undefined : Promise.all(waiting)
    },
    of: (subject) => known.get(subject) ?? undefined,
    forget: () => {
      known = new Map()
      asked = new Map()
    },
  }
}

/** Null: this request has asked about as many people as one request may, and of the others nothing is known. */
const createAtHand = ({ consent, caller: { context }, mostSubjects, onConsentFailure }: Asking) => {
  let left = mostSubjects
  return (subject: string): ConsentState | null | undefined => {
    left -= 1
    if (left === -1) onConsentFailure(new AssentError('CONSENT_UNAVAILABLE', 'limits.subjects'))
    if (left < 0) return null
    const state = consent.known?.(subject, context)
    return isAbout(state, subject) ? state : undefined
  }
}

/** A source may be wrong about its own types, and about whom it was asked. */
const isAbout = (state: ConsentState | undefined, subject: string): state is ConsentState =>
  state?.subject === subject && state.scopes instanceof Map

const loadStates = async (
  asking: Asking,
  subjects: readonly string[],
): Promise<readonly (ConsentState | null)[]> => {
  try {
    const found = await asking.consent.load(subjects, asking.caller.context)
    return subjects.map((subject) => {
      const state = found.get(subject)
      return isAbout(state, subject) ? state : null
    })
  } catch (cause) {
    asking.onConsentFailure(cause)
    return subjects.map(() => null)
  }
}
