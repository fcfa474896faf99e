import { AssentError } from '../errors.ts'
import { UNENDING } from '../lifetime.ts'
import type {
  Clock,
  ConsentContext,
  ConsentSource,
  ConsentState,
  ConsentStatus,
  ScopeState,
  SubgraphClient,
} from '../ports.ts'
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
    const answered = isRecord(data) ? data['consentStates'] : undefined
    if (errors.length > 0 || !Array.isArray(answered)) throw new AssentError('CONSENT_UNAVAILABLE', subgraph)
    return readStates(answered, new Set(subjects), clock())
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

/** Two answers about one person contradict each other, so both are dropped; answers about people not asked for are ignored. */
const readStates = (
  answered: readonly unknown[],
  asked: ReadonlySet<string>,
  now: number,
): ConsentState[] => {
  const states = new Map<string, ConsentState | undefined>()
  for (const item of answered) {
    const subject = isRecord(item) ? item['subject'] : undefined
    if (!isRecord(item) || typeof subject !== 'string' || !asked.has(subject)) continue
    states.set(subject, states.has(subject) ? undefined : readState(subject, item, now))
  }
  return [...states.values()].filter((state) => state !== undefined)
}

const BLOCKS = ['SUPPRESSED', 'ERASED', 'UNKNOWN_SUBJECT'] as const

const readState = (subject: string, item: Record<string, unknown>, now: number): ConsentState | undefined => {
  const { revision, blocked = null } = item as { revision?: unknown; blocked?: unknown }
  const block = BLOCKS.find((name) => name === blocked)
  const scopes = readScopes(item['scopes'], now)
  if (typeof revision !== 'string' || revision === '' || scopes === undefined) return undefined
  if (blocked !== null && block === undefined) return undefined
  return { subject, revision, scopes, ...(block === undefined ? {} : { blocked: block }) }
}

const readScopes = (entries: unknown, now: number): Map<string, ScopeState> | undefined => {
  if (!Array.isArray(entries)) return undefined
  const scopes = new Map<string, ScopeState>()
  for (const entry of entries as unknown[]) {
    const scope = isRecord(entry) ? entry['scope'] : undefined
    const state = isRecord(entry) ? readScope(entry, now) : undefined
    if (typeof scope !== 'string' || state === undefined || scopes.has(scope)) return undefined
    scopes.set(scope, state)
  }
  return scopes
}

const STATUSES: ReadonlyMap<unknown, ConsentStatus> = new Map([
  ['REQUESTED', 'requested'],
  ['REQUEST_DEFERRED', 'request_deferred'],
  ['REFUSED', 'refused'],
  ['GIVEN', 'given'],
  ['RENEWED', 'renewed'],
  ['WITHDRAWN', 'withdrawn'],
  ['REVOKED', 'revoked'],
  ['EXPIRED', 'expired'],
  ['INVALIDATED', 'invalidated'],
  ['UNKNOWN', 'unknown'],
  ['OTHER_REGION', 'other_region'],
])

const readScope = (entry: Record<string, unknown>, now: number): ScopeState | undefined => {
  const status = STATUSES.get(entry['status'])
  const receipt = entry['receipt'] ?? null
  const expiresAt = readInstant(entry['expiresAt'] ?? null)
  if (status === undefined || expiresAt === undefined) return undefined
  if (receipt !== null && typeof receipt !== 'string') return undefined
  if (status !== 'given' && status !== 'renewed') return { status, receipt, expiresAt }
  // A yes without its receipt cannot be accounted for (GDPR Art. 7(1)), so it is no yes.
  if (receipt === null) return undefined
  return { status: expiresAt !== null && expiresAt <= now ? 'expired' : status, receipt, expiresAt }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

const readInstant = (value: unknown): number | null | undefined => {
  if (value === null) return null
  const instant = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(instant) ? undefined : instant
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
