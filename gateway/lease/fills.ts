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
  readonly answer: Promise<Filled>
}

interface Filled {
  readonly revision: string
  readonly states: ReadonlyMap<string, ConsentState>
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
    const asked = new Map(subjects.map((subject) => [subject, this.asked.get(prefix + subject)]))
    // Of those who are answered about first something may change while the others are waited for.
    const waiting: Fill = { overtaken: new Map(), floor: '0' }
    this.underWay.add(waiting)
    try {
      const answered = new Map<Asked, Filled>()
      for (const one of new Set(asked.values())) if (one !== undefined) answered.set(one, await one.answer)
      return usable(asked, answered, waiting)
    } finally {
      this.underWay.delete(waiting)
    }
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

  private async ask(subjects: readonly string[], context: ConsentContext, fill: Fill): Promise<Filled> {
    const { protocol, holds, keep } = this.options
    const { revision, states } = await protocol.decide(subjects, context)
    if (isBefore(revision, fill.floor))
      throw new AssentError('CONSENT_UNAVAILABLE', 'consent, a replica that lags')
    if (!holds()) throw new AssentError('CONSENT_UNAVAILABLE', 'consent, the lease')
    for (const [subject, changed] of fill.overtaken)
      if (!isBefore(revision, changed)) fill.overtaken.delete(subject)
    const fresh = states.filter(({ subject }) => !fill.overtaken.has(subject))
    for (const state of fresh) keep(state, context)
    return { revision, states: new Map(fresh.map((state) => [state.subject, state])) }
  }
}

/** What was answered and has not been overtaken since, neither while it was asked nor while it waited. */
const usable = (
  asked: ReadonlyMap<string, Asked | undefined>,
  answered: ReadonlyMap<Asked, Filled>,
  waiting: Fill,
): Map<string, ConsentState> => {
  const states = new Map<string, ConsentState>()
  for (const [subject, one] of asked) {
    const filled = one && answered.get(one)
    const state = filled?.states.get(subject)
    if (state === undefined || one?.fill.overtaken.has(subject) !== false) continue
    const seen = filled?.revision ?? '0'
    if (!isBefore(seen, waiting.overtaken.get(subject) ?? '0') && !isBefore(seen, waiting.floor))
      states.set(subject, state)
  }
  return states
}
