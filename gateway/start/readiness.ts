import { type Readiness, reasonOf } from '../door/health.ts'
import { AssentError, type ErrorCode } from '../errors.ts'
import type { ConsentSource } from '../ports.ts'
import type { CurrentGraph } from './current-graph.ts'
import type { HeardConsent } from './hearing-consent.ts'

export interface ReadinessParts {
  readonly current: CurrentGraph
  readonly heardConsent: HeardConsent
  /** Why the newest supergraph is not in service. */
  readonly sourceProblem: () => AssentError | null
}

/**
 * Ready is a gateway that can answer: a supergraph is loaded, its planner has loaded it too, and consent has answered once.
 * What fails later takes parts out of answers, not the gateway out of service: its unprotected fields are still asked for.
 */
export const createReadiness = ({
  current,
  heardConsent,
  sourceProblem,
}: ReadinessParts): (() => Promise<Readiness>) => {
  const asking = new WeakMap<ConsentSource, ReturnType<typeof askedSeldom>>()
  const isConsentThere = async (source: ConsentSource): Promise<boolean> => {
    const ask = asking.get(source) ?? askedSeldom(source)
    asking.set(source, ask)
    return ask()
  }
  return async () => {
    const { graph } = current
    const problem = sourceProblem()
    const reasons = problem === null ? [] : [reasonOf(problem)]
    const add = (code: ErrorCode, place: string) => reasons.push(reasonOf(new AssentError(code, place)))
    if (graph === null) {
      if (problem === null) add('GATEWAY_STARTING', 'supergraph')
      return { ready: false, reasons }
    }
    if (!graph.isPlanning()) add('PLANNER_UNAVAILABLE', 'planner')
    if (!graph.isFenced) return { ready: true, reasons }
    const isThere = await isConsentThere(graph.consent)
    if (!isThere) add('CONSENT_UNAVAILABLE', 'consent')
    return { ready: heardConsent.yet, reasons }
  }
}

/** Whoever asks for our health must not become a load on the consent service. */
const FRESH_MS = 1000
/** The reserved key that stands for nobody. */
const NOBODY = ['anonymous']

const askedSeldom = (source: ConsentSource): (() => Promise<boolean>) => {
  let answer: Promise<boolean> | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (answer !== null && performance.now() - askedAt < FRESH_MS) return answer
    askedAt = performance.now()
    return (answer = source.load(NOBODY, {}).then(
      () => true,
      () => false,
    ))
  }
}
