import type { Readiness } from '../door/health.ts'
import { AssentError } from '../errors.ts'
import type { ConsentSource } from '../ports.ts'
import type { CurrentGraph } from './current-graph.ts'

export interface ReadinessParts {
  readonly current: CurrentGraph
  /** Why the newest supergraph is not in service. */
  readonly sourceProblem: () => AssentError | null
}

/**
 * Ready is a gateway that can answer: a supergraph is loaded, its planner has loaded it too, and consent has answered once.
 * What fails later takes parts out of answers, not the gateway out of service: its unprotected fields are still asked for.
 */
export const createReadiness = ({ current, sourceProblem }: ReadinessParts): (() => Promise<Readiness>) => {
  let hasConsentAnswered = false
  const asking = new WeakMap<ConsentSource, ReturnType<typeof askedSeldom>>()
  const isConsentThere = async (source: ConsentSource): Promise<boolean> => {
    const ask = asking.get(source) ?? askedSeldom(source)
    asking.set(source, ask)
    return ask()
  }
  return async () => {
    const { graph } = current
    const problem = sourceProblem()
    const reasons = problem === null ? [] : [problem]
    if (graph === null)
      return {
        ready: false,
        reasons: problem === null ? [new AssentError('GATEWAY_STARTING', 'supergraph')] : reasons,
      }
    if (!graph.isPlanning()) reasons.push(new AssentError('PLANNER_UNAVAILABLE', 'planner'))
    if (!graph.isFenced) return { ready: true, reasons }
    const isThere = await isConsentThere(graph.consent)
    hasConsentAnswered ||= isThere
    if (!isThere) reasons.push(new AssentError('CONSENT_UNAVAILABLE', 'consent'))
    return { ready: hasConsentAnswered, reasons }
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
