/**
 * The names under which a gateway is measured: stable, and the only ones. `docs/observability.md` is written from them.
 * There is no count of consent that was assumed when it could not be read: there is no code that could count one up.
 */
export interface MetricEntry {
  readonly kind: 'counter' | 'histogram' | 'gauge'
  readonly name: string
  readonly sentence: string
  /** Each takes few values: see `LABELS`. */
  readonly labels: readonly LabelName[]
  readonly buckets?: readonly number[]
}

/** What each label may say, and why its values stay few. */
export const LABELS = {
  client: 'the client of the contract; `unknown` before it is proved',
  code: 'an error code of the catalogue',
  coordinate: 'a protected coordinate of the supergraph',
  decision: '`granted` or `denied`',
  event: '`retry`, `open`, `close`, `shed` or `dedupe`',
  kind: '`query`, `mutation` or `subscription`',
  operation:
    'the name of a registered operation, else `other`; with `telemetry.operationNames: all` the first 200 names seen',
  outcome: 'how it ended; the sentence of the metric names the values',
  phase: '`read`, `plan`, `fetch`, `project` or `write`',
  reason: 'a denial reason; empty where something is granted',
  subgraph: 'a subgraph of the supergraph',
} as const

export type LabelName = keyof typeof LABELS

/** Seconds: from a plan that is known to a request that ran into every deadline. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

const BYTES = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216]

const counter = <const Labels extends readonly LabelName[]>(
  name: string,
  labels: Labels,
  sentence: string,
) => ({ kind: 'counter' as const, name, labels, sentence })

const seconds = <const Labels extends readonly LabelName[]>(
  name: string,
  labels: Labels,
  sentence: string,
) => ({ kind: 'histogram' as const, name, labels, sentence, buckets: SECONDS })

const bytes = <const Labels extends readonly LabelName[]>(
  name: string,
  labels: Labels,
  sentence: string,
) => ({
  kind: 'histogram' as const,
  name,
  labels,
  sentence,
  buckets: BYTES,
})

const gauge = <const Labels extends readonly LabelName[]>(
  name: string,
  labels: Labels,
  sentence: string,
) => ({
  kind: 'gauge' as const,
  name,
  labels,
  sentence,
})

export const METRICS = {
  requests: counter(
    'assent_requests_total',
    ['outcome', 'client', 'operation'],
    'Requests to `/graphql`. Outcome: `ok`, `partial` (data and errors), `refused` (4xx, no data), `failed` (5xx, no data), `aborted` (the client left).',
  ),
  requestSeconds: seconds(
    'assent_request_duration_seconds',
    ['outcome', 'operation'],
    'From the first byte read to the last one written.',
  ),
  phaseSeconds: seconds(
    'assent_request_phase_duration_seconds',
    ['phase'],
    'The parts of a request: who asks and whether it fits, plan, fetch, project, write.',
  ),
  errors: counter(
    'assent_errors_total',
    ['code'],
    'Errors that were answered, by code; each limit, each refused caller and each failed subgraph has its own.',
  ),
  withheld: counter(
    'assent_withheld_values_total',
    ['coordinate', 'reason'],
    'Values withheld from answers, whether or not the answer tells of them.',
  ),
  subgraphRequests: counter(
    'assent_subgraph_requests_total',
    ['subgraph', 'kind', 'outcome'],
    'Requests to subgraphs. Outcome: `ok`, `errors` (GraphQL errors), or the code of the failure.',
  ),
  subgraphSeconds: seconds(
    'assent_subgraph_request_duration_seconds',
    ['subgraph'],
    'Until the answer of a subgraph is read, waiting and trying again included.',
  ),
  subgraphSentBytes: bytes(
    'assent_subgraph_request_bytes',
    ['subgraph'],
    'Characters of document and variables of one request.',
  ),
  subgraphReceivedBytes: bytes(
    'assent_subgraph_response_bytes',
    ['subgraph'],
    'Characters of one answer of a subgraph, however many wait for it.',
  ),
  representations: counter(
    'assent_subgraph_representations_total',
    ['subgraph'],
    'Representations in requests to subgraphs, those inside of others included.',
  ),
  subgraphEvents: counter(
    'assent_subgraph_events_total',
    ['subgraph', 'event'],
    'What happens between a request and its answer: a query tried again, a circuit opened or closed, a request turned away because too many wait, a query answered by one under way.',
  ),
  consentQuestions: counter(
    'assent_consent_questions_total',
    ['outcome'],
    'Questions to the consent service, each about all subjects who wait. Outcome: `answered`, or the code of the failure; then everything protected is withheld.',
  ),
  consentSubjects: counter(
    'assent_consent_subjects_total',
    ['outcome'],
    'Subjects in those questions. Outcome: `answered` or `unanswered`.',
  ),
  consentSeconds: seconds(
    'assent_consent_duration_seconds',
    [],
    'Until consent is known, or known to be unknown.',
  ),
  decisions: counter(
    'assent_decisions_total',
    ['coordinate', 'decision', 'reason'],
    'Decisions on record, one a subject, subgraph and coordinate of a request.',
  ),
  decisionRecords: counter('assent_decision_records_total', [], 'Decision records that were kept.'),
  decisionLogFailures: counter(
    'assent_decision_log_failures_total',
    [],
    'Writes to the decision log that failed; nothing of those requests was answered.',
  ),
  decisionLogSeconds: seconds(
    'assent_decision_log_duration_seconds',
    [],
    'Until the decision log has taken the records of a request.',
  ),
  plans: counter(
    'assent_plans_total',
    ['outcome'],
    'Plans of requests. Outcome: `kept` (made before) or `made`.',
  ),
  plansKept: gauge('assent_plans_kept', [], 'Plans in memory; a plan goes with its document.'),
  plansInProgress: gauge(
    'assent_plans_in_progress',
    [],
    'Documents that are being planned, or wait for the planner.',
  ),
  planningSeconds: seconds(
    'assent_planning_duration_seconds',
    [],
    'Until a plan that was not kept is there, waiting for the planner included.',
  ),
  plannerRestarts: counter(
    'assent_planner_restarts_total',
    [],
    'Ends of the planner process, by a document it died of or by time.',
  ),
  openStreams: gauge('assent_open_streams', [], 'Subscriptions and incremental answers that are open.'),
  reloads: counter(
    'assent_supergraph_reloads_total',
    ['outcome'],
    'Supergraphs that were read while another one was served. Outcome: `accepted` or `refused`; then the old one stays.',
  ),
} as const satisfies Record<string, MetricEntry>

export type MetricKey = keyof typeof METRICS

/** One kind of span. Attributes are numbers and names of the catalogue, the schema and the contracts; never values. */
export interface SpanEntry {
  readonly name: string
  readonly sentence: string
  readonly attributes: readonly string[]
}

export const SPANS = {
  request: {
    name: 'assent.request',
    sentence: 'A request, server side; child of the `traceparent` of the client.',
    attributes: [
      'http.request.method',
      'http.route',
      'http.response.status_code',
      'graphql.operation.type',
      'graphql.operation.name',
      'assent.request.id',
      'assent.client',
      'assent.purpose',
      'assent.operation.hash',
      'assent.withheld',
      'error.type',
    ],
  },
  read: {
    name: 'assent.read',
    sentence: 'Who asks, and whether the document fits the schema.',
    attributes: [],
  },
  plan: { name: 'assent.plan', sentence: 'Finding or making the plan.', attributes: ['assent.plan.kept'] },
  fetch: {
    name: 'assent.fetch',
    sentence: 'Running the plan behind the fence, until its decisions are on record.',
    attributes: [],
  },
  subgraph: {
    name: 'assent.subgraph',
    sentence: 'One request to one subgraph, client side; its `traceparent` goes along.',
    attributes: [
      'assent.subgraph',
      'graphql.operation.type',
      'assent.lookups',
      'assent.representations',
      'graphql.document',
      'error.type',
    ],
  },
  consent: {
    name: 'assent.consent',
    sentence: 'One question about all subjects who wait.',
    attributes: ['assent.consent.subjects', 'error.type'],
  },
  record: {
    name: 'assent.record',
    sentence: 'Handing decisions to the log.',
    attributes: ['assent.records', 'error.type'],
  },
  project: {
    name: 'assent.project',
    sentence: 'Shaping the answer.',
    attributes: [],
  },
  write: { name: 'assent.write', sentence: 'Until the client has the answer.', attributes: [] },
} as const satisfies Record<string, SpanEntry>

export type SpanKey = keyof typeof SPANS
