import { AssentError } from '../errors.ts'
import { UNENDING } from '../lifetime.ts'
import type { Clock, ConsentContext, ConsentSource, ConsentState, SubgraphClient } from '../ports.ts'
import { readConsentStates } from './consent-states.ts'
import { deciderGrant } from './decider-grant.ts'

export interface ConsentSubgraphOptions {
  readonly subgraphs: SubgraphClient
  /** The name of the subgraph that answers `consentStates`. */
  readonly subgraph: string
  /** For all subjects together, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
}

const DOCUMENT = `query AssentConsent($subjects: [ID!]!, $context: ConsentContextInput) {
  consentStates(subjects: $subjects, context: $context) { subject revision blocked scopes { scope status receipt expiresAt } }
}`

const DOCUMENT_JSON = JSON.stringify(DOCUMENT)

/** Subjects of one request at most; more are asked in parallel. */
const CHUNK = 5000

/**
 * Reads consent from the consent subgraph. Every doubt is "not answered": a state that is not understood to the letter
 * is left out, and the fence takes what is left out for unavailable.
 */
export const createConsentSubgraph = (options: ConsentSubgraphOptions): ConsentSource => ({
  async load(subjects, context) {
    const deadline = performance.now() + options.timeoutMs
    const chunks: (readonly string[])[] = []
    for (let at = 0; at < subjects.length; at += CHUNK) chunks.push(subjects.slice(at, at + CHUNK))
    const loading = Promise.all(chunks.map((chunk) => loadChunk(chunk, context, options)))
    const states = await withDeadline(loading, deadline, options)
    return new Map(states.flat().map((state) => [state.subject, state]))
  },
})

const loadChunk = async (
  subjects: readonly string[],
  context: ConsentContext,
  { subgraphs, subgraph, clock }: ConsentSubgraphOptions,
): Promise<ConsentState[]> => {
  const grant = deciderGrant(subgraph)
  try {
    const { data, errors } = await subgraphs.send({
      subgraph,
      kind: 'query',
      document: DOCUMENT,
      documentJson: DOCUMENT_JSON,
      variables: JSON.stringify({ subjects, context }),
      grant,
      lifetime: UNENDING,
      incoming: () => undefined,
    })
    const { consentStates: answered } = Object(data) as { consentStates?: unknown }
    if (errors.length > 0 || !Array.isArray(answered)) throw new AssentError('CONSENT_UNAVAILABLE', subgraph)
    return readConsentStates(answered.map(toRow), { asked: new Set(subjects), now: clock() })
  } catch (cause) {
    if (cause instanceof AssentError && cause.code === 'CONSENT_UNAVAILABLE') throw cause
    throw new AssentError('CONSENT_UNAVAILABLE', subgraph, { cause })
  }
}

/** A timer alone would be late itself where the process stood still: the clock is asked when the answer is there. */
const withDeadline = async <T>(
  work: Promise<T>,
  deadline: number,
  { timeoutMs, subgraph }: ConsentSubgraphOptions,
): Promise<T> => {
  const tooLate = () => new AssentError('CONSENT_UNAVAILABLE', `${subgraph}, no answer in time`)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), timeoutMs)
  })
  try {
    const answer = await Promise.race([work, late])
    if (performance.now() > deadline) throw tooLate()
    return answer
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The answer as the lean protocol says the same, so that there is one reader of both: names there are in small letters,
 * instants in milliseconds. What is of another form becomes what that reader refuses.
 */
const toRow = (state: unknown): unknown => {
  const { subject, revision, blocked, scopes } = Object(state) as Record<string, unknown>
  return [subject, revision, toName(blocked), Array.isArray(scopes) ? scopes.map(toScopeRow) : undefined]
}

const toScopeRow = (state: unknown): unknown => {
  const { scope, status, receipt = null, expiresAt } = Object(state) as Record<string, unknown>
  return [scope, toName(status), receipt, toInstant(expiresAt)]
}

/** A name of an enumeration is in capitals; null where there is none, undefined what is no such name. */
const toName = (name: unknown): string | null | undefined => {
  if (name === null || name === undefined) return null
  return typeof name === 'string' && name === name.toUpperCase() ? name.toLowerCase() : undefined
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** `NaN` when it is not ISO 8601 with a zone. */
const toInstant = (instant: unknown): number | null => {
  if (instant === null || instant === undefined) return null
  return typeof instant === 'string' && INSTANT.test(instant) ? Date.parse(instant) : Number.NaN
}
