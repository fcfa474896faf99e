import { AssentError } from '../errors.ts'
import type { ConsentSource, DecisionLog, DecisionRecord, SubgraphClient, SubgraphRequest } from '../ports.ts'
import type { SpanKey } from './catalogue.ts'
import type { Meter } from './meter.ts'
import type { WatchedPorts } from './request-watch.ts'
import type { Attributes, TraceSpan } from './tracing.ts'

/** What the ports of one request tell. */
export interface PortsWatch {
  readonly meter: Meter | null
  readonly traceDocuments: boolean
  /** False where nothing is traced: then nothing begins. */
  readonly isTraced: boolean
  /** What is said of a span is made where somebody traces. */
  begin(span: SpanKey, attributesOf: () => Attributes): TraceSpan | null
  subgraphAsked(): void
  consentAsked(subjects: number, ms: number): void
}

export const observedPorts = (ports: WatchedPorts, watch: PortsWatch): WatchedPorts => ({
  subgraphs: observedSubgraphs(ports.subgraphs, watch),
  consent: observedConsent(ports.consent, watch),
  decisionLog:
    watch.meter === null && !watch.isTraced
      ? ports.decisionLog
      : observedDecisionLog(ports.decisionLog, watch),
})

const observedSubgraphs = (subgraphs: SubgraphClient, watch: PortsWatch): SubgraphClient => ({
  async send(request) {
    const { subgraph, kind } = request
    const started = performance.now()
    const representations = watch.meter === null ? 0 : countRepresentations(request.variables)
    const span = watch.begin('subgraph', () => subgraphAttributes(request, watch))
    watch.subgraphAsked()
    let outcome = 'ok'
    try {
      const response = await subgraphs.send(span === null ? request : within(request, span))
      if (response.errors.length > 0) outcome = 'errors'
      return response
    } catch (cause) {
      outcome = codeOf(cause)
      throw cause
    } finally {
      span?.end(outcome === 'ok' ? undefined : outcome)
      const { meter } = watch
      meter?.add('subgraphRequests', { subgraph, kind, outcome })
      meter?.observe('subgraphSeconds', { subgraph }, secondsSince(started))
      meter?.observe('subgraphSentBytes', { subgraph }, request.document.length + request.variables.length)
      if (representations > 0) meter?.add('representations', { subgraph }, representations)
    }
  },
})

const subgraphAttributes = (
  { subgraph, kind, document, grant }: SubgraphRequest,
  { traceDocuments }: PortsWatch,
): Attributes => ({
  'assent.subgraph': subgraph,
  'graphql.operation.type': kind,
  'assent.lookups': Object.keys(grant.lookups).length,
  ...(traceDocuments ? { 'graphql.document': document } : {}),
})

/** The subgraph hears of this very request, not of the client's. */
const within = (request: SubgraphRequest, span: TraceSpan): SubgraphRequest => ({
  ...request,
  incoming: (name) => (name === 'traceparent' ? span.traceparent : request.incoming(name)),
})

const MARK = '{"__typename":'

/** Counted in the text, because it is written already. */
const countRepresentations = (variables: string): number => {
  let count = 0
  for (let at = variables.indexOf(MARK); at >= 0; at = variables.indexOf(MARK, at + MARK.length)) count += 1
  return count
}

const observedConsent = (consent: ConsentSource, watch: PortsWatch): ConsentSource => {
  const load = observedLoad(consent, watch)
  const { known, changes } = unasked(consent)
  // Whole literals: members that are spread into one are defined one by one.
  if (known === undefined) return changes === undefined ? { load } : { changes, load }
  return changes === undefined ? { known, load } : { known, changes, load }
}

/** What is known without asking is not watched: it is the same for every request. */
type Unasked = Pick<ConsentSource, 'known' | 'changes'>

const unaskedOf = new WeakMap<ConsentSource, Unasked>()

const unasked = (consent: ConsentSource): Unasked => {
  const found = unaskedOf.get(consent)
  if (found !== undefined) return found
  const { changes } = consent
  const made: Unasked = {
    ...(consent.known !== undefined && { known: consent.known.bind(consent) }),
    ...(changes !== undefined && { changes }),
  }
  unaskedOf.set(consent, made)
  return made
}

const observedLoad =
  (consent: ConsentSource, watch: PortsWatch): ConsentSource['load'] =>
  async (subjects, context) => {
    const started = performance.now()
    const span = watch.begin('consent', () => ({ 'assent.consent.subjects': subjects.length }))
    let outcome = 'answered'
    let answered = 0
    try {
      const states = await consent.load(subjects, context)
      answered = subjects.reduce((sum, subject) => sum + (states.has(subject) ? 1 : 0), 0)
      return states
    } catch (cause) {
      outcome = codeOf(cause)
      throw cause
    } finally {
      span?.end(outcome === 'answered' ? undefined : outcome)
      watch.consentAsked(subjects.length, performance.now() - started)
      const { meter } = watch
      meter?.add('consentQuestions', { outcome })
      meter?.observe('consentSeconds', {}, secondsSince(started))
      if (answered > 0) meter?.add('consentSubjects', { outcome: 'answered' }, answered)
      if (answered < subjects.length)
        meter?.add('consentSubjects', { outcome: 'unanswered' }, subjects.length - answered)
    }
  }

const observedDecisionLog = (decisionLog: DecisionLog, watch: PortsWatch): DecisionLog => ({
  async write(records) {
    const started = performance.now()
    const span = watch.begin('record', () => ({ 'assent.records': records.length }))
    let code: string | undefined
    if (watch.meter !== null) countDecisions(records, watch.meter)
    try {
      await decisionLog.write(records)
      watch.meter?.add('decisionRecords', {}, records.length)
    } catch (cause) {
      code = codeOf(cause)
      watch.meter?.add('decisionLogFailures', {})
      throw cause
    } finally {
      span?.end(code)
      watch.meter?.observe('decisionLogSeconds', {}, secondsSince(started))
    }
  },
})

const countDecisions = (records: Iterable<DecisionRecord>, meter: Meter): void => {
  for (const { granted, denied, people } of records) {
    for (const coordinate of Object.keys(granted))
      meter.add('decisions', { coordinate, decision: 'granted', reason: '' }, people.length)
    for (const [coordinate, reason] of Object.entries(denied))
      meter.add('decisions', { coordinate, decision: 'denied', reason }, people.length)
  }
}

const secondsSince = (started: number): number => (performance.now() - started) / 1000

/** What is not of the catalogue may say anything. */
const codeOf = (cause: unknown): string => (cause instanceof AssentError ? cause.code : 'INTERNAL')
