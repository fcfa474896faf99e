import { LABELS, METRICS, SPANS, type MetricEntry } from '../../gateway/observe/catalogue.ts'
import { CONSUMER_METRICS } from '../../subgraphs/consent/outbox/metrics.ts'
import { MERGE_METRICS, PID_CONSUMER_METRICS } from '../../subgraphs/identity/changes/feed-metrics.ts'
import { BUDGET_METRICS } from '../../subgraphs/measures/budget-metrics.ts'
import { EVENT_METRICS } from '../../subgraphs/measures/event-metrics.ts'
import { FRESHNESS_METRICS } from '../../subgraphs/measures/freshness-metrics.ts'
import { PURGE_METRICS } from '../../subgraphs/measures/purge-meter.ts'
import { page, table } from './markdown.ts'

/** What a gateway and its services tell about themselves. */
export const observabilityPage = (): string =>
  page(
    'Observability',
    'gateway/observe/catalogue.ts and the metrics of subgraphs/',
    'Everything here is off until a `telemetry` setting asks for it ([settings](config.md)), and then its libraries are loaded. Names are stable. No metric, span, access line or header holds a value, a variable, a document or a person: only names of the catalogue, the schema and the contracts, and counts.',
    '## Metrics',
    '`telemetry.metricsPort` serves them at `/metrics` for Prometheus, on an address of their own, with the metrics of the process and its event loop (`process_…`, `nodejs_…`). With several workers the first one has that port and each of the others the next one, so that each is a target of its own.',
    table(
      ['metric', 'kind', 'labels', 'what is counted'],
      Object.values(METRICS).map(({ name, kind, labels, sentence }: MetricEntry) => [
        `\`${name}\``,
        kind,
        labels.map((label) => `\`${label}\``).join(' '),
        sentence,
      ]),
    ),
    'Labels take few values, and clients cannot make new ones:',
    table(
      ['label', 'what it says'],
      Object.entries(LABELS).map(([label, sentence]) => [`\`${label}\``, sentence]),
    ),
    'A metric of consent assumed although it could not be read (`consent_fail_open_total`) does not exist, because no code could count it up: what is not a yes is a no. Count `assent_consent_questions_total` with an outcome other than `answered`, and `assent_decisions_total` with the reason `CONSENT_UNAVAILABLE`.',
    ...ofConsumers(),
    ...ofWhatIsKept(),
    '## Traces',
    '`telemetry.otlpUrl` sends spans to an OpenTelemetry collector. The `traceparent` of the client (W3C Trace Context) is the parent, and decides about sampling when there is one; each subgraph gets the `traceparent` of its own span.',
    table(
      ['span', 'what it spans', 'attributes'],
      Object.values(SPANS).map(({ name, sentence, attributes }) => [
        `\`${name}\``,
        sentence,
        attributes.map((attribute) => `\`${attribute}\``).join(' '),
      ]),
    ),
    '`graphql.document` is there only with `telemetry.traceDocuments`: a document holds the literals that clients write into it.',
    '## Access log and Server-Timing',
    '`telemetry.accessLog` writes one JSON line a request: its id, client, purpose, operation (a registered name, else `other`), the hash of the document, status, outcome, milliseconds, how many subgraph requests, subjects and withheld values, and the codes of errors. Each operation of a batch and of a WebSocket has a line, metrics and a trace of its own; a subscription has them when it ends. On a WebSocket the status is that of the connection, 101. `telemetry.serverTiming` answers with the header `Server-Timing`: `read`, `plan`, `fetch`, `consent` (within fetch) and `project`. How long consent took can tell whether there is any, so a production gateway does not send it unless it is told to.',
    '## Plan and fence of one request',
    'The header `x-assent-explain: plan` adds `extensions.plan`, the plan after the cut, and `extensions.fence`: for each lookup how many objects, people and partitions, and how often each coordinate was granted or denied and why. A development gateway answers it to everybody, a production gateway to clients whose contract says `explain: true`; the others are refused with `EXPLAIN_REFUSED`. `assent explain` prints the same for people and consents of your choice, and sends nothing. A subscription is told the plan with its first event and `extensions.fence` with each; what is deferred comes with the rest of an answer that shows its plan.',
  )

const ofWhatIsKept = (): readonly string[] => [
  'What is kept about people is measured at `/metrics` of the service of aggregates, for the same token; of what a house does not keep there are no lines:',
  table(
    ['metric', 'kind', 'labels', 'what it says'],
    [...EVENT_METRICS, ...FRESHNESS_METRICS, ...PURGE_METRICS, ...BUDGET_METRICS].map(
      ({ name, kind, labels, sentence }) => [
        `\`${name}\``,
        kind,
        labels.map((label) => `\`${label}\``).join(' '),
        sentence,
      ],
    ),
  ),
]

const ofConsumers = (): readonly string[] => [
  'The consent service has metrics of its own, at `/metrics` beside its GraphQL, for whoever sends the `consent.operatorToken` as a bearer token. All are gauges with the label `consumer`, a name of `consent.consumers` ([consent events](consent-events.md)):',
  table(
    ['metric', 'what it says'],
    CONSUMER_METRICS.map(({ name, sentence }) => [`\`${name}\``, sentence]),
  ),
  'So has the identity service, for the same token; those of consumers have the label `consumer`, a name of `identity.consumers` ([linked people](consent-links.md)):',
  table(
    ['metric', 'what it says'],
    [...MERGE_METRICS, ...PID_CONSUMER_METRICS].map(({ name, sentence }) => [`\`${name}\``, sentence]),
  ),
]
