import DataLoader from 'dataloader'
import { AssentError } from '../errors.ts'
import type { ConsentContext, ConsentSource, ConsentState } from '../ports.ts'

export interface Asking {
  readonly consent: ConsentSource
  /** Where what is asked for will be used. */
  readonly context: ConsentContext
  /** People that one request may ask about. */
  readonly mostSubjects: number
  /** The caller knows of this revision, and is not answered by who does not; null where the caller says nothing. */
  readonly notBefore: string | null
  readonly onConsentFailure: (cause: unknown) => void
}

/**
 * What is known of people's consent while one request lasts. What may be relied upon without asking is taken as it is; all
 * lookups that wait at the same moment for the rest are one question, and nobody is asked about twice. After `forget`
 * everybody is looked at anew.
 *
 * Where changes are heard of, what was known may have been overtaken when it is acted upon. So whoever is about to let
 * something leave asks `holds` with the version that was decided by, at that very moment and without waiting.
 */
export class KnownStates {
  private readonly asking: Asking
  /** Where all of the first who were asked about were at hand: nearly always they are the only ones. */
  private first: AtHand | null = null
  /** Nobody has been asked about since everything was forgotten. */
  private isUntouched = true
  private others = new Map<string, ConsentState | null>()
  private asked = new Map<string, Promise<unknown>>()
  /** Used and forgotten: something may rest on it still. */
  private used = new Map<string, ConsentState | null>()
  /** People whose consent was used by this request and has changed since. */
  private overtaken = new Set<string>()
  private left: number
  private position: number
  private soonest = Number.POSITIVE_INFINITY
  private hasGivenUp = false
  private hasReached: boolean
  /** Grows whenever something this request knew is not so any more. */
  private versions = 0
  /** Made where somebody has to be asked. A key is all that one lookup does not know yet. */
  private questions: DataLoader<readonly string[], null> | undefined

  constructor(asking: Asking) {
    this.asking = asking
    this.left = asking.mostSubjects
    this.position = asking.consent.changes?.position() ?? 0
    this.hasReached = asking.notBefore === null
  }

  /**
   * Resolves when everything there is to know about these people is known; nothing to wait for where it is already. Null stands
   * for nobody.
   */
  learn(subjects: readonly (string | null)[]): Promise<unknown> | undefined {
    if (this.isUnleased() || !this.hasReached) return this.awaitLease().then(() => this.learn(subjects))
    this.refresh()
    if (subjects.length === 0 || this.areAtHand(subjects)) return undefined
    return this.learnMissing(subjects)
  }

  private learnMissing(subjects: readonly (string | null)[]): Promise<unknown> | undefined {
    const known = this.table()
    const fresh = new Set<string>()
    const waiting = new Set<Promise<unknown>>()
    for (const subject of subjects) {
      if (subject === null || known.has(subject)) continue
      const pending = this.asked.get(subject)
      const state = pending === undefined && !fresh.has(subject) ? this.atHand(subject) : undefined
      if (pending !== undefined) waiting.add(pending)
      else if (state === undefined) fresh.add(subject)
      else this.keep(subject, state)
    }
    if (fresh.size > 0) waiting.add(this.ask([...fresh]))
    return waiting.size === 0 ? undefined : Promise.all(waiting)
  }

  /** What is known of each. Undefined: consent could not be established. Null: nobody is meant. */
  of(subjects: readonly (string | null)[]): readonly (ConsentState | null | undefined)[] {
    if (this.first !== null && isSame(this.first.subjects, subjects)) return this.first.states
    const known = this.table()
    return subjects.map((subject) => (subject === null ? null : (known.get(subject) ?? undefined)))
  }

  forget(): void {
    for (const [subject, state] of this.table()) this.used.set(subject, state)
    this.others = new Map()
    this.asked = new Map()
    this.isUntouched = true
  }

  /** Names what is known at this moment. */
  version(): number {
    this.refresh()
    return this.versions
  }

  /** Whether everything that was known under this version may still be relied upon. */
  holds(version: number): boolean {
    if (this.hasGivenUp) return version === this.versions
    if (this.isUnleased()) return false
    this.refresh()
    return version === this.versions
  }

  /** Whether there is nobody whose consent was used and has changed, and everything that is known may be relied upon. */
  isSettled(): boolean {
    return this.holds(this.version()) && this.overtaken.size === 0
  }

  /** Those of whom something else is known now than what was decided by, each told once. */
  takeOvertaken(): ReadonlySet<string> {
    this.refresh()
    const { overtaken } = this
    this.overtaken = new Set()
    return overtaken
  }

  /** From here on nothing is known about anybody. */
  giveUp(): void {
    this.hasGivenUp = true
    this.hasReached = true
    const known = this.table()
    for (const subject of [...known.keys(), ...this.used.keys()]) this.overtake(subject)
    for (const subject of this.overtaken) known.set(subject, null)
  }

  private isUnleased(): boolean {
    return !this.hasGivenUp && this.asking.consent.changes?.holds() === false
  }

  private async awaitLease(): Promise<void> {
    const { consent, notBefore, onConsentFailure } = this.asking
    try {
      await consent.changes?.reach(notBefore ?? '0')
      this.hasReached = true
    } catch (cause) {
      onConsentFailure(cause)
      this.giveUp()
    }
  }

  /** Takes in what has been heard of since the last time. */
  private refresh(): void {
    const { changes } = this.asking.consent
    if (changes !== undefined && changes.position() !== this.position) {
      const changed = changes.after(this.position)
      this.position = changes.position()
      const known = this.table()
      for (const subject of changed ?? [...known.keys(), ...this.used.keys()])
        if (known.has(subject) || this.used.has(subject)) this.overtake(subject)
    }
    if (this.soonest !== Number.POSITIVE_INFINITY && performance.now() >= this.soonest) this.runOut()
  }

  private overtake(subject: string): void {
    this.table().delete(subject)
    this.used.delete(subject)
    this.asked.delete(subject)
    this.overtaken.add(subject)
    this.versions += 1
  }

  private runOut(): void {
    const now = performance.now()
    this.soonest = Number.POSITIVE_INFINITY
    for (const [subject, state] of [...this.used, ...this.table()]) {
      const until = state?.until ?? Number.POSITIVE_INFINITY
      if (until <= now) this.overtake(subject)
      else this.soonest = Math.min(this.soonest, until)
    }
  }

  /** Whether nobody else was asked about before, and all of these are at hand. */
  private areAtHand(subjects: readonly (string | null)[]): boolean {
    if (this.first !== null) return isSame(this.first.subjects, subjects)
    const { isUntouched } = this
    this.isUntouched = false
    if (!isUntouched || this.hasGivenUp || subjects.length > this.left) return false
    const states = this.allAtHand(subjects)
    if (states === null) return false
    for (const state of states) this.heedEnd(state)
    this.first = { subjects, states }
    this.left -= subjects.length
    return true
  }

  /** Null where somebody has to be asked. */
  private allAtHand(subjects: readonly (string | null)[]): readonly (ConsentState | null)[] | null {
    const { consent, context } = this.asking
    const states: (ConsentState | null)[] = []
    for (const subject of subjects) {
      const state = subject === null ? undefined : consent.known?.(subject, context)
      if (subject !== null && !isAbout(state, subject)) return null
      states.push(state ?? null)
    }
    return states
  }

  /** What is known, by person: made where that cannot be told by their places in one list. */
  private table(): Map<string, ConsentState | null> {
    const { first, others } = this
    if (first === null) return others
    this.first = null
    for (const [index, subject] of first.subjects.entries())
      if (subject !== null) others.set(subject, first.states[index] ?? null)
    // Who was met several times was asked about once.
    this.left += first.subjects.length - others.size
    return others
  }

  private keep(subject: string, state: ConsentState | null): void {
    this.table().set(subject, state)
    this.heedEnd(state)
  }

  private heedEnd(state: ConsentState | null): void {
    if (state?.until !== undefined && state.until < this.soonest) this.soonest = state.until
  }

  /** Null: this request has asked about as many people as one request may, and of the others nothing is known. */
  private atHand(subject: string): ConsentState | null | undefined {
    const { consent, context, onConsentFailure } = this.asking
    if (this.hasGivenUp) return null
    this.left -= 1
    if (this.left === -1) onConsentFailure(new AssentError('CONSENT_UNAVAILABLE', 'limits.subjects'))
    if (this.left < 0) return null
    const state = consent.known?.(subject, context)
    return isAbout(state, subject) ? state : undefined
  }

  private ask(subjects: readonly string[]): Promise<null> {
    this.questions ??= new DataLoader(
      async (lists) => {
        const [into, all] = [this.table(), lists.flat()]
        const states = await loadStates(this.asking, all)
        // What was forgotten meanwhile stays forgotten.
        if (into === this.others && !this.hasGivenUp)
          all.forEach((subject, index) => this.keep(subject, states[index] ?? null))
        return lists.map(() => null)
      },
      { cache: false },
    )
    const answered = this.questions.load(subjects)
    for (const subject of subjects) this.asked.set(subject, answered)
    return answered
  }
}

interface AtHand {
  readonly subjects: readonly (string | null)[]
  readonly states: readonly (ConsentState | null)[]
}

const isSame = (one: readonly (string | null)[], other: readonly (string | null)[]): boolean =>
  one === other || (one.length === other.length && one.every((subject, at) => subject === other[at]))

/** A source may be wrong about its own types, and about whom it was asked. */
const isAbout = (state: ConsentState | null | undefined, subject: string): state is ConsentState =>
  state?.subject === subject && state.scopes instanceof Map

const loadStates = async (
  asking: Asking,
  subjects: readonly string[],
): Promise<readonly (ConsentState | null)[]> => {
  try {
    const found = await asking.consent.load(subjects, asking.context)
    return subjects.map((subject) => {
      const state = found.get(subject)
      return isAbout(state, subject) ? state : null
    })
  } catch (cause) {
    asking.onConsentFailure(cause)
    return subjects.map(() => null)
  }
}
