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
  private known = new Map<string, ConsentState | null>()
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

  /** Resolves when everything there is to know about these people is known; nothing to wait for where it is already. */
  learn(subjects: readonly string[]): Promise<unknown> | undefined {
    if (this.isUnleased() || !this.hasReached) return this.awaitLease().then(() => this.learn(subjects))
    this.refresh()
    const fresh = new Set<string>()
    const waiting = new Set<Promise<unknown>>()
    for (const subject of subjects) {
      if (this.known.has(subject)) continue
      const pending = this.asked.get(subject)
      const state = pending === undefined && !fresh.has(subject) ? this.atHand(subject) : undefined
      if (pending !== undefined) waiting.add(pending)
      else if (state === undefined) fresh.add(subject)
      else this.keep(subject, state)
    }
    if (fresh.size > 0) waiting.add(this.ask([...fresh]))
    return waiting.size === 0 ? undefined : Promise.all(waiting)
  }

  /** Undefined: consent could not be established. */
  of(subject: string): ConsentState | undefined {
    return this.known.get(subject) ?? undefined
  }

  forget(): void {
    for (const [subject, state] of this.known) this.used.set(subject, state)
    this.known = new Map()
    this.asked = new Map()
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
    for (const subject of [...this.known.keys(), ...this.used.keys()]) this.overtake(subject)
    for (const subject of this.overtaken) this.known.set(subject, null)
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
      for (const subject of changed ?? [...this.known.keys(), ...this.used.keys()])
        if (this.known.has(subject) || this.used.has(subject)) this.overtake(subject)
    }
    if (this.soonest !== Number.POSITIVE_INFINITY && performance.now() >= this.soonest) this.runOut()
  }

  private overtake(subject: string): void {
    this.known.delete(subject)
    this.used.delete(subject)
    this.asked.delete(subject)
    this.overtaken.add(subject)
    this.versions += 1
  }

  private runOut(): void {
    const now = performance.now()
    this.soonest = Number.POSITIVE_INFINITY
    for (const [subject, state] of [...this.used, ...this.known]) {
      const until = state?.until ?? Number.POSITIVE_INFINITY
      if (until <= now) this.overtake(subject)
      else this.soonest = Math.min(this.soonest, until)
    }
  }

  private keep(subject: string, state: ConsentState | null): void {
    this.known.set(subject, state)
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
        const [into, all] = [this.known, lists.flat()]
        const states = await loadStates(this.asking, all)
        // What was forgotten meanwhile stays forgotten.
        if (into === this.known && !this.hasGivenUp)
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

/** A source may be wrong about its own types, and about whom it was asked. */
const isAbout = (state: ConsentState | undefined, subject: string): state is ConsentState =>
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
