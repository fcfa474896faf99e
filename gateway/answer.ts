import { AssentError } from './errors.ts'
import { execute } from './execute/execute.ts'
import type { Execution } from './execute/execution.ts'
import type { FieldError } from './execute/field-errors.ts'
import { judgeAgain } from './execute/judge-again.ts'
import type { DataObject } from './execute/targets.ts'
import { createFence, type Fence } from './fence/fence.ts'
import { createLedger, type Ledger } from './fence/ledger.ts'
import { callerDenial } from './fence/strip.ts'
import { JsonText } from './json-text.ts'
import type { GatewayRequest, GatewayResult } from './request.ts'
import { DEFAULT_LIMITS, type Limits } from './limits/limits.ts'
import type { PreparedOperation } from './operations.ts'
import type { LoadedWorld } from './plan/load-world.ts'
import type { Clock, ConsentContext, ConsentSource, DecisionLog, SubgraphClient } from './ports.ts'
import type { JudgedAgain } from './plan/split-plan.ts'
import { createErrorBook } from './project/error-book.ts'
import { introspect } from './project/introspect.ts'
import { createWithheldReport } from './project/withheld.ts'
import { tellAnswer } from './tell-answer.ts'

/** What outlives a request and is used by each. */
export interface AnswerParts {
  readonly subgraphs: SubgraphClient
  readonly consent: ConsentSource
  readonly decisionLog: DecisionLog
  readonly clock: Clock
  readonly log: Pick<Console, 'error'> | { error(details: object, message: string): void }
  /** How much one operation may be. */
  readonly limits?: Limits
}

/** One planned operation of one request. Four things handed on whole: what is made anew here is made for every request. */
export interface Answering {
  readonly parts: AnswerParts
  readonly world: LoadedWorld
  readonly operation: PreparedOperation
  readonly request: GatewayRequest
  readonly variables: Readonly<Record<string, unknown>>
}

/** Execute behind the fence, keep the decisions, project. */
export const answer = async (answering: Answering): Promise<GatewayResult> => {
  const { watch } = answering.request
  watch?.phase('fetch')
  const fetched = await fetchOnRecord(answering)
  watch?.phase('project')
  return projected(answering, fetched)
}

/** What was fetched and decided for one answer, or for one part of it. */
export interface Fetched {
  readonly data: DataObject
  readonly failures: FieldError[]
  readonly ledger: Ledger
  /** Whether what was decided may leave at this very moment. */
  readonly mayLeave: () => boolean
}

/** Whatever becomes of the answer, what was decided and may have left is on record before it. */
export const fetchOnRecord = async (
  answering: Answering,
  { data, again }: Before = NOTHING_BEFORE,
): Promise<Fetched> => {
  const ledger = createLedger()
  const fence = fenceOf(answering, ledger)
  let keeping: Promise<void> | undefined
  // Nothing has to wait for the record where it is kept while the subgraph answers.
  const onLastSent = () => {
    keeping ??= Promise.resolve().then(() => keepDecisions(answering, ledger))
    // Told when it is waited for.
    keeping.catch(() => undefined)
  }
  const fetching: Fetching = { data: data ?? {}, failures: [], fence, again, onLastSent }
  try {
    await fetchBehindTheFence(answering, fetching)
  } finally {
    if (!ledger.isOnRecord()) await Promise.all([keeping, keepDecisions(answering, ledger)])
    else await keeping
  }
  // Consent that was withdrawn while we fetched is withdrawn from the answer.
  while (!fence.isSettled()) {
    await fence.settle()
    await keepDecisions(answering, ledger)
  }
  const version = fence.version()
  const mayLeave = (): boolean => fence.holds(version)
  return { data: fetching.data, failures: fetching.failures, ledger, mayLeave }
}

interface Fetching extends Pick<Fetched, 'data' | 'failures'>, Pick<Execution, 'onLastSent'> {
  readonly fence: Fence
  readonly again: readonly JudgedAgain[]
}

/** What an earlier part of the same answer has left. */
interface Before {
  readonly data: DataObject | null
  /** Values in it that this part shows, too. */
  readonly again: readonly JudgedAgain[]
}

const NOTHING_BEFORE: Before = { data: null, again: [] }

const fetchBehindTheFence = async (
  answering: Answering,
  { data, failures, fence, again, onLastSent }: Fetching,
): Promise<void> => {
  const { parts, world, operation, request, variables } = answering
  const report = (cause: unknown) =>
    parts.log.error({ request: request.requestId, cause: nameOf(cause) }, 'a subgraph request failed')
  const { grant, lifetime, incoming } = commonOf(request)
  const { subgraphs } = parts
  if (again.length > 0) await judgeAgain(again, data, { fence, world })
  return execute(operation.plan, {
    world,
    fence,
    subgraphs,
    variables,
    grant,
    lifetime,
    incoming,
    data,
    errors: failures,
    report,
    onLastSent,
  })
}

const fenceOf = ({ parts, world, request }: Answering, ledger: Ledger): Fence => {
  const { caller, requestId, watch } = request
  const { consent, clock, log, limits = DEFAULT_LIMITS } = parts
  const onConsentFailure = (cause: unknown) =>
    log.error({ request: requestId, cause: nameOf(cause) }, 'consent could not be established')
  const mostSubjects = caller.contract.limits?.subjects ?? limits.subjects
  const own = createFence({
    world,
    caller,
    context: contextOf(request),
    consent,
    clock,
    ledger,
    mostSubjects,
    notBefore: revisionIn(request),
    onConsentFailure,
  })
  return watch?.fence(own, ledger) ?? own
}

/**
 * What the person's browser says is heeded, and it can only take away (W3C Global Privacy Control). So can the age that the
 * client knows: whether it is enough at that place, the consent service decides by its policy (GDPR Art. 8).
 */
const contextOf = ({ caller: { context }, incoming }: GatewayRequest): ConsentContext => {
  const age = ageIn(incoming('assent-age'))
  const heeded = incoming('sec-gpc') === '1'
  if (age === null && !heeded) return context
  return { ...context, ...(heeded && { gpc: '1' }), ...(age !== null && { age }) }
}

const ageIn = (told: string | undefined): number | null => {
  if (told === undefined) return null
  if (/^\d{1,2}$|^1\d\d$/.test(told)) return Number(told)
  throw new AssentError('HEADER_INVALID', 'assent-age')
}

/** Who has withdrawn something, and says so, is not answered by somebody who has not heard of it. */
const revisionIn = ({ incoming }: GatewayRequest): string | null => {
  const revision = incoming('x-consent-revision')
  if (revision === undefined) return null
  if (/^\d{1,18}$/.test(revision)) return revision
  throw new AssentError('CONSENT_REVISION_INVALID', 'x-consent-revision')
}

/** What every subgraph request of one client request carries. */
export const commonOf = ({ caller, requestId, lifetime, incoming }: GatewayRequest) => ({
  grant: { client: caller.client, purpose: caller.purpose, request: requestId, actor: caller.actor },
  lifetime,
  incoming,
})

const nameOf = (cause: unknown): string =>
  cause instanceof AssentError ? cause.code : cause instanceof Error ? cause.name : 'unknown'

/** Decisions are kept before the answer leaves (GDPR Art. 5(2)): what cannot be recorded is not answered. */
const keepDecisions = async ({ parts, request, operation }: Answering, ledger: Ledger): Promise<void> => {
  if (ledger.isOnRecord()) return
  const { client, purpose, context } = request.caller
  const { region, brand } = context
  const at = timeText(parts.clock())
  const { supergraph } = operation
  const header = { at, request: request.requestId, client, purpose, supergraph, region, brand }
  try {
    await parts.decisionLog.write(ledger.takeRecords(header))
  } catch (cause) {
    throw new AssentError('DECISION_LOG_UNWRITABLE', 'decision log', { cause })
  }
}

/** Many requests end in one second: only what is behind its point is written anew. */
const timeText = (now: number): string => {
  const second = Math.floor(now / 1000)
  if (second !== latestSecond.second)
    latestSecond = { second, text: new Date(second * 1000).toISOString().slice(0, -'000Z'.length) }
  return `${latestSecond.text}${String(Math.floor(now) - second * 1000).padStart(3, '0')}Z`
}

let latestSecond = { second: Number.NaN, text: '' }

export const projected = (
  { world, operation, request, variables }: Answering,
  { data, failures, ledger, mayLeave }: Fetched,
): GatewayResult => {
  const { caller, watch } = request
  const withheld = createWithheldReport()
  const errors = createErrorBook(failures, operation, caller.contract)
  const text = operation.projector.project(data, {
    ledger,
    withheld,
    errors,
    callerDenial: (coordinate) => callerDenial(coordinate, world, caller.scopes),
    meta: introspect(operation.client, operation.meta, { schema: operation.shown, variables }),
  })
  const written = new JsonText(text)
  const lines = withheld.entries()
  watch?.withheld(lines)
  const told = tellAnswer(caller, {
    data: text === 'null' ? null : written,
    errors: errors.finish(() => written.toJSON()),
    withheld: lines,
  })
  const isPlain = told.errors === undefined && told.extensions === undefined && told.http === undefined
  // Nearly every answer is data and nothing else.
  return isPlain ? { data: told.data ?? null, mayLeave } : { ...told, mayLeave }
}
