import { AssentError } from '../errors.ts'
import type { ConsentContext, ConsentState } from '../ports.ts'
import { type ConsentProtocol, isBefore } from './consent-protocol.ts'
import { contextKey } from './kept-states.ts'

/** A question under way: whose consent has changed since it was asked, and at which revision. */
interface Fill {
  readonly overtaken: Map<string, string>
  /** Set when everything known was forgotten meanwhile: older than this nothing is used. */
  floor: string
}

interface Asked {
  readonly fill: Fill
  readonly answer: Promise<ReadonlyMap<string, ConsentState>>
}

export interface FillsOptions {
  readonly protocol: Pick<ConsentProtocol, 'decide'>
  /** The newest revision that is known of. */
  readonly revision: () => string
  /** Whether what is answered now may be relied upon. */
  readonly holds: () => boolean
  readonly keep: (state: ConsentState, context: ConsentContext) => void
}

/**
 * Questions about people of whom nothing is known. People who are being asked about are not asked about twice, so a thousand
 * clients of a gateway that has just started make one question.
 *
 * An answer under way when a change is heard of must not put the old state back: what it says is used only of those whose last
 * change it has seen, by its revision; and an answer that is older than what was known when it was asked comes from somewhere
 * that lags behind, and is worth nothing.
 */
export class Fills {
  private readonly options: FillsOptions
  private readonly underWay = new Set<Fill>()
  private readonly asked = new Map<string, Asked>()

  constructor(options: FillsOptions) {
    this.options = options
  }

  async load(subjects: readonly string[], context: ConsentContext): Promise<Map<string, ConsentState>> {
    const prefix = contextKey(context)
    const fresh = [...new Set(subjects)].filter((subject) => !this.asked.has(prefix + subject))
    if (fresh.length > 0) this.begin(fresh, context, prefix)
    const waiting = subjects.map((subject) => ({ subject, asked: this.asked.get(prefix + subject) }))
    const states = new Map<string, ConsentState>()
    for (const { subject, asked } of waiting) {
      const state = (await asked?.answer)?.get(subject)
      if (state !== undefined && asked?.fill.overtaken.has(subject) === false) states.set(subject, state)
    }
    return states
  }

  /** A change was heard of: no answer that has not seen it may be used. */
  overtake(subject: string, revision: string): void {
    for (const { overtaken } of this.underWay) overtaken.set(subject, revision)
  }

  overtakeAll(revision: string): void {
    for (const fill of this.underWay) fill.floor = revision
  }

  private begin(subjects: readonly string[], context: ConsentContext, prefix: string): void {
    const fill: Fill = { overtaken: new Map(), floor: this.options.revision() }
    const asked: Asked = { fill, answer: this.ask(subjects, context, fill) }
    this.underWay.add(fill)
    for (const subject of subjects) this.asked.set(prefix + subject, asked)
    const end = (): void => {
      this.underWay.delete(fill)
      for (const subject of subjects) this.asked.delete(prefix + subject)
    }
    asked.answer.then(end, end)
  }

  private async ask(
    subjects: readonly string[],
    context: ConsentContext,
    fill: Fill,
  ): Promise<ReadonlyMap<string, ConsentState>> {
    const { protocol, holds, keep } = this.options
    const { revision, states } = await protocol.decide(subjects, context)
    if (isBefore(revision, fill.floor))
      throw new AssentError('CONSENT_UNAVAILABLE', 'consent, a replica that lags')
    if (!holds()) throw new AssentError('CONSENT_UNAVAILABLE', 'consent, the lease')
    for (const [subject, changed] of fill.overtaken)
      if (!isBefore(revision, changed)) fill.overtaken.delete(subject)
    const usable = states.filter(({ subject }) => !fill.overtaken.has(subject))
    for (const state of usable) keep(state, context)
    return new Map(usable.map((state) => [state.subject, state]))
  }
}
