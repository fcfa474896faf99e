import { DEFAULT_COST_SETTINGS, type LimitName, LIMITS } from './limits/limits.ts'
import { consentConsumers, identityConsumers } from './consent-consumers.ts'
import type { ConsentConsumer } from './consent-consumers.ts'
import { eventSources } from './event-sources.ts'
import type { EventSourceSetting } from './event-sources.ts'
import { headerRules, ownHeaderName } from './header-rules.ts'
import type { HeaderRules } from './header-rules.ts'
import { jwtAlgorithms, jwtIssuers } from './jwt-issuers.ts'
import type { JwtIssuer } from './jwt-issuers.ts'
import {
  headerName,
  headerNames,
  httpUrl,
  named,
  namedOrigins,
  names,
  oneLine,
  oneLines,
  oneOf,
  overrideLabels,
  secretOf,
  secrets,
  text,
  trueOrFalse,
  webOrigins,
  wholeNumber,
  wholeNumberOr,
} from './parse-setting.ts'
import type { ParseSetting } from './parse-setting.ts'

/** One row of the table of settings. */
export interface Setting<T> {
  /** Path in the settings file; also the name in messages. */
  readonly yaml: string
  /** Made from the path: `consent.timeoutMs` is `ASSENT_CONSENT_TIMEOUT_MS`. */
  readonly env: string
  readonly parse: ParseSetting<T>
  readonly default: T
  readonly sentence: string
  /** Shown as `***`, never printed. */
  readonly secret?: true
  /** The YAML value is a map whose keys are free. */
  readonly map?: true
  /** The YAML value is a map of maps. */
  readonly tree?: true
}

const MiB = 1_048_576

/** The table of settings. `--help`, `assent config` and `docs/config.md` are written from it. */
export const SETTINGS = {
  profile: setting(
    'profile',
    oneOf('development', 'production'),
    'production',
    'Production proves every caller by token; development also serves unproven callers and GraphiQL.',
  ),
  host: setting('host', text, '127.0.0.1', 'The address the gateway listens on.'),
  port: setting(
    'port',
    wholeNumber(0, 65_535),
    4000,
    'The port the gateway listens on; 0 takes any free one.',
  ),
  workers: setting<number | 'auto'>(
    'workers',
    wholeNumberOr('auto', 1, 256),
    1,
    'Processes that serve behind the one port, each with a planner and a decision log of its own; auto: one a core.',
  ),
  logLevel: setting(
    'logLevel',
    oneOf('silent', 'error', 'warn', 'info', 'debug'),
    'info',
    'What is logged to standard error, as JSON lines.',
  ),
  supergraph: setting<string | null>(
    'supergraph',
    text,
    null,
    'The file or http(s) url with the supergraph, as written by `assent schema compose`.',
  ),
  supergraphWatch: setting(
    'supergraphSource.watch',
    trueOrFalse,
    true,
    'False reads the supergraph once, at the start.',
  ),
  supergraphPollMs: setting(
    'supergraphSource.pollMs',
    wholeNumber(10, 86_400_000),
    5000,
    'Milliseconds between two looks at the supergraph; a changed file is mostly noticed at once.',
  ),
  supergraphTimeoutMs: setting(
    'supergraphSource.timeoutMs',
    wholeNumber(1, 600_000),
    10_000,
    'Milliseconds to wait for the whole supergraph from a url.',
  ),
  supergraphStartMs: setting(
    'supergraphSource.startMs',
    wholeNumber(0, 86_400_000),
    60_000,
    'Milliseconds to go on trying, at the start, for a url that does not answer.',
  ),
  supergraphMaxBytes: setting(
    'supergraphSource.maxBytes',
    wholeNumber(1024, 1024 * MiB),
    64 * MiB,
    'A larger supergraph is not read.',
  ),
  supergraphHeader: setting(
    'supergraphSource.header',
    headerName,
    'authorization',
    'The header that carries `supergraphSource.token` to the url of the supergraph.',
  ),
  supergraphToken: setting<string | null>(
    'supergraphSource.token',
    secretOf(1),
    null,
    'The whole value of that header, for example `Bearer …`.',
    { secret: true },
  ),
  clients: setting(
    'clients',
    text,
    'clients',
    'The directory with the client contracts, one YAML file a client.',
  ),
  vocabulary: setting<string | null>(
    'vocabulary',
    text,
    null,
    'A YAML file with the scopes and purposes; without it the standard vocabulary is used.',
  ),
  introspection: setting(
    'introspection',
    trueOrFalse,
    true,
    'False refuses introspection to every client, whatever its contract says.',
  ),
  overrideLabels: setting<readonly string[]>(
    'override.labels',
    overrideLabels,
    [],
    'Labels of `@override` that are on for every request; shares of requests (`percent(5)`) need no setting.',
  ),
  openGraph: setting(
    'openGraph',
    trueOrFalse,
    false,
    'True serves a supergraph without consent words even when secrets, tokens, a consent url or a vocabulary are set.',
  ),
  consentUrl: setting<string | null>(
    'consent.url',
    httpUrl,
    null,
    'The GraphQL endpoint that answers `consentStates`; without it the consent subgraph is asked.',
  ),
  consentSubgraph: setting(
    'consent.subgraph',
    text,
    'consent',
    'The name of the subgraph that answers `consentStates`; its grant key signs the request.',
  ),
  consentTimeoutMs: setting(
    'consent.timeoutMs',
    wholeNumber(1, 60_000),
    500,
    'Milliseconds to wait for consent; after that everything protected is withheld.',
  ),
  consentLeases: setting(
    'consent.leases',
    oneOf('auto', 'required', 'off'),
    'auto',
    'Auto: what is known of consent is kept while the service grants a lease on it; a service that knows no leases is asked for each request, and its withdrawals are not waited for. Required: nothing protected without a lease. Off: always asked.',
  ),
  consentKept: setting(
    'consent.kept',
    wholeNumber(1, 10_000_000),
    100_000,
    'People whose consent is kept in memory under a lease.',
  ),
  consentConsumers: setting<readonly ConsentConsumer[]>(
    'consent.consumers',
    consentConsumers,
    [],
    'Who has to hear of changes of consent: a list of `name`, `kind` (`pull`, `webhook` or `nats`), what reaches it (`token`; `url` and `secrets`; `url`, `token` and `stream`), and if need be `scopes`, `slaMs` and `from` ([consent events](consent-events.md)).',
    { secret: true },
  ),
  consentDeliveryAttempts: setting(
    'consent.delivery.attempts',
    wholeNumber(1, 1000),
    16,
    'How often a change is brought to a consumer that does not take it; then it is escalated and waits to be redelivered.',
  ),
  consentDeliveryFirstMs: setting(
    'consent.delivery.firstMs',
    wholeNumber(1, 3_600_000),
    1000,
    'Milliseconds behind the first failed attempt; twice as many behind each further one.',
  ),
  consentDeliveryLongestMs: setting(
    'consent.delivery.longestMs',
    wholeNumber(1, 86_400_000),
    3_600_000,
    'Milliseconds between two attempts at most, whatever a consumer asks for by `Retry-After`.',
  ),
  consentDeliveryTimeoutMs: setting(
    'consent.delivery.timeoutMs',
    wholeNumber(1, 600_000),
    10_000,
    'Milliseconds one attempt may take.',
  ),
  consentDeliveryConcurrency: setting(
    'consent.delivery.concurrency',
    wholeNumber(1, 1000),
    16,
    'Attempts under way to one consumer at once, never two about one person.',
  ),
  consentDeliveryKeepDays: setting(
    'consent.delivery.keepDays',
    wholeNumber(1, 36_500),
    90,
    'Days that each delivery which was taken keeps its times; after that only the day is known of it.',
  ),
  consentOperatorToken: setting<string | null>(
    'consent.operatorToken',
    secretOf(32),
    null,
    'What `assent consent consumers` and Prometheus prove themselves with at the consent service; `assent start` makes one and keeps it with the data (`operator.token`).',
    { secret: true },
  ),
  identityConsumers: setting<readonly ConsentConsumer[]>(
    'identity.consumers',
    identityConsumers,
    [],
    'Who has to hear what became of pids: a list of `name`, `kind` (`pull` or `webhook`), what reaches it (`token`; `url` and `secrets`), and if need be `slaMs` and `from` ([linked people](consent-links.md)).',
    { secret: true },
  ),
  identityConsentUrl: setting<string | null>(
    'identity.consentUrl',
    httpUrl,
    null,
    'Where the consent service answers GraphQL, when it runs in another process than identity.',
  ),
  identityLinkKey: setting<string | null>(
    'identity.linkKey',
    secretOf(32),
    null,
    'The secret by which identity tells the consent service of another process who is one person. Without it nobody does.',
    { secret: true },
  ),
  ownershipFields: setting<string | null>(
    'ownership.fields',
    text,
    null,
    'A YAML file with the owner of each attribute of a profile; without it the registry of this package is used ([ownership](ownership.md)). For `assent start`.',
  ),
  ownershipTokens: setting<ReadonlyMap<string, string>>(
    'ownership.tokens',
    named(secretOf(32)),
    new Map(),
    'What each system proves itself with that writes attributes of profiles, by its name in the registry; one without a token writes none.',
    { map: true, secret: true },
  ),
  consentPolicies: setting<string | null>(
    'consent.policies',
    text,
    null,
    'A YAML file with the policy bundle: what holds where a person has said nothing; without it nothing does. For `assent start`.',
  ),
  aggregates: setting<string | null>(
    'aggregates',
    text,
    null,
    'A directory that declares what may be asked about cohorts, and how much may be given away; default: that of this package. For `assent start`.',
  ),
  subgraphUrls: setting<ReadonlyMap<string, string>>(
    'subgraphs.urls',
    named(httpUrl),
    new Map(),
    'Urls that replace those of the supergraph, by subgraph name; in the environment `name=url,name=url`.',
    { map: true },
  ),
  subgraphSubscriptions: setting<ReadonlyMap<string, 'sse' | 'ws'>>(
    'subgraphs.subscriptions',
    named(oneOf('sse', 'ws')),
    new Map(),
    'How a subgraph is subscribed to, by subgraph name: `sse` (the default) or `ws`.',
    { map: true },
  ),
  subgraphSubscriptionUrls: setting<ReadonlyMap<string, string>>(
    'subgraphs.subscriptionUrls',
    named(httpUrl),
    new Map(),
    'Where a subgraph is subscribed to, when not at its url; `http(s)://` for `ws`, too.',
    { map: true },
  ),
  subgraphTimeoutMs: setting(
    'subgraphs.timeoutMs',
    wholeNumber(1, 600_000),
    5000,
    'Milliseconds to wait for the whole answer of a subgraph.',
  ),
  subgraphMaxResponseBytes: setting(
    'subgraphs.maxResponseBytes',
    wholeNumber(1024, 1024 * MiB),
    32 * MiB,
    'A larger answer of a subgraph is dropped.',
  ),
  subgraphConnections: setting(
    'subgraphs.connections',
    wholeNumber(1, 4096),
    64,
    'Connections kept to one subgraph at most.',
  ),
  subgraphConcurrency: setting(
    'subgraphs.concurrency',
    wholeNumber(1, 65_536),
    64,
    'Requests under way to one subgraph at most; more wait.',
  ),
  subgraphQueue: setting(
    'subgraphs.queue',
    wholeNumber(0, 1_048_576),
    2048,
    'Requests that wait for one subgraph at most; more are refused.',
  ),
  subgraphDedupe: setting(
    'subgraphs.dedupe',
    trueOrFalse,
    true,
    'Equal queries that are under way to a subgraph at the same moment, grant and forwarded headers included, are sent once.',
  ),
  subgraphRetries: setting(
    'subgraphs.retries',
    wholeNumber(0, 5),
    1,
    'How often a query is sent again after no byte of an answer came, or 502, 503 or 504. Mutations never are.',
  ),
  subgraphRetryPercent: setting(
    'subgraphs.retryPercent',
    wholeNumber(0, 100),
    20,
    'How many retries there may be for a hundred queries to one subgraph, beside a reserve of ten.',
  ),
  subgraphCircuitVolume: setting(
    'subgraphs.circuit.volume',
    wholeNumber(0, 10_000),
    20,
    'A subgraph is judged by twice as many of its latest requests, and from this many on; 0 never opens the circuit.',
  ),
  subgraphCircuitErrorPercent: setting(
    'subgraphs.circuit.errorPercent',
    wholeNumber(1, 99),
    50,
    'When more of them failed or got no answer in time, the circuit opens and the subgraph is not asked.',
  ),
  subgraphCircuitOpenMs: setting(
    'subgraphs.circuit.openMs',
    wholeNumber(1, 600_000),
    5000,
    'Milliseconds until one request may try again; when it is answered, the circuit closes.',
  ),
  subgraphDeadlineHeader: setting<string | null>(
    'subgraphs.deadlineHeader',
    ownHeaderName,
    null,
    'A header, such as `x-deadline-ms`, that tells a subgraph how many milliseconds its answer is still waited for.',
  ),
  headers: setting<HeaderRules | null>(
    'headers',
    headerRules,
    null,
    'Which headers subgraphs get: `all` and `subgraphs.<name>`, each with `propagate` (names, or `name: as`), `insert` and `remove`.',
    { tree: true, secret: true },
  ),
  grantSecret: setting<string | null>(
    'grant.secret',
    secretOf(32),
    null,
    'The secret from which the key of each subgraph is made; required in production for a graph with personal data.',
    { secret: true },
  ),
  grantSeconds: setting(
    'grant.seconds',
    wholeNumber(1, 300),
    30,
    'How long a signed subgraph request is valid.',
  ),
  jwtIssuer: setting<string | null>('jwt.issuer', text, null, 'The `iss` a token must have.'),
  jwtAudience: setting<string | null>('jwt.audience', text, null, 'The `aud` a token must have.'),
  jwtJwksUrl: setting<string | null>(
    'jwt.jwksUrl',
    httpUrl,
    null,
    'Where the issuer publishes its keys (JWKS).',
  ),
  jwtPublicKeyFile: setting<string | null>(
    'jwt.publicKeyFile',
    text,
    null,
    'A local public key (PEM, JWK or JWKS) instead of `jwt.jwksUrl`.',
  ),
  jwtAlgorithms: setting(
    'jwt.algorithms',
    jwtAlgorithms,
    ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'],
    'The signature algorithms that are accepted; asymmetric ones only.',
  ),
  jwtClientClaim: setting(
    'jwt.clientClaim',
    text,
    'client_id',
    'The claim that names the client; `azp` is read when it is missing.',
  ),
  jwtIssuers: setting<readonly JwtIssuer[]>(
    'jwt.issuers',
    jwtIssuers,
    [],
    'Further issuers: a list of `issuer`, `audience`, `jwksUrl` or `publicKeyFile`, and if need be `algorithms`, `clientClaim` and `clients`, those it may speak for.',
  ),
  jwtStaleSeconds: setting(
    'jwt.staleSeconds',
    wholeNumber(0, 604_800),
    3600,
    'How long published keys are used beyond their ten minutes while the issuer cannot be read.',
  ),
  decisionLogFile: setting(
    'decisionLog.file',
    text,
    '.assent/decisions.jsonl',
    'Where decision records are appended, one JSON object a line; with workers each has its own, `decisions.1.jsonl`.',
  ),
  decisionLogPolicy: setting(
    'decisionLog.policy',
    oneOf('required', 'best-effort'),
    'required',
    'Required: no answer leaves before its records are written. Best-effort: losses are counted.',
  ),
  statusCodes: setting(
    'http.statusCodes',
    oneOf('standard', 'draft-2026'),
    'standard',
    'Status codes as clients expect them today, or as the draft of GraphQL over HTTP of 2026 has them: 422 for what does not fit, 294 for data with errors.',
  ),
  maxBatch: setting(
    'http.batch',
    wholeNumber(1, 1000),
    10,
    'Operations in one request body (a JSON array) at most; 1 serves no batch.',
  ),
  writeTimeoutMs: setting(
    'http.writeTimeoutMs',
    wholeNumber(1, 600_000),
    30_000,
    'Milliseconds a client has to take an answer that waits for it, for each megabyte begun; after that it is taken for gone.',
  ),
  corsOrigins: setting<readonly string[]>(
    'cors.origins',
    webOrigins,
    [],
    'Origins whose pages may read answers (`https://shop.example`), or `*` alone for all; none unless listed.',
  ),
  corsCredentials: setting(
    'cors.credentials',
    trueOrFalse,
    false,
    'True lets those pages send cookies and tokens of the browser; not together with `*`.',
  ),
  corsMaxAgeSeconds: setting(
    'cors.maxAgeSeconds',
    wholeNumber(0, 86_400),
    600,
    'How long a browser may remember what it was allowed.',
  ),
  corsExposedHeaders: setting<readonly string[]>(
    'cors.exposedHeaders',
    headerNames,
    ['x-request-id'],
    'Headers of an answer that those pages may read.',
  ),
  persistedAutomatic: setting(
    'persistedQueries.automatic',
    trueOrFalse,
    true,
    'True lets clients leave a document under its SHA-256 and ask it by the hash (APQ).',
  ),
  persistedManifest: setting<string | null>(
    'persistedQueries.manifest',
    text,
    null,
    'A manifest of trusted documents (JSON, of Apollo, Relay or Hive); a contract may name one of its own (`trustedDocuments`).',
  ),
  persistedMode: setting(
    'persistedQueries.mode',
    oneOf('off', 'allowed', 'required'),
    'allowed',
    'Allowed: trusted documents may be asked by id. Required: nothing else is served.',
  ),
  requestTimeoutMs: setting(
    'request.timeoutMs',
    wholeNumber(1, 600_000),
    30_000,
    'Milliseconds that one request may take in all; after that it is answered without, and what runs for it is stopped.',
  ),
  maxBodyBytes: limit('bodyBytes', 256 * 1024, 'Bytes of a request body, compressed and unfolded.'),
  maxHeaderBytes: limit('headerBytes', 16 * 1024, 'Bytes of all request headers.'),
  maxHeaders: limit('headers', 100, 'Request headers.'),
  maxTokens: operationLimit('tokens'),
  maxOperations: operationLimit('operations'),
  maxFragments: operationLimit('fragments'),
  maxDirectives: operationLimit('directives'),
  maxDirectivesPerElement: operationLimit('directivesPerElement'),
  maxDepth: operationLimit('depth'),
  maxAliases: operationLimit('aliases'),
  maxRootFields: operationLimit('rootFields'),
  maxSelections: operationLimit('selections'),
  maxFieldPairs: operationLimit('fieldPairs'),
  maxInputDepth: operationLimit('inputDepth'),
  maxVariables: operationLimit('variables'),
  maxVariableBytes: operationLimit('variableBytes'),
  maxTextLength: operationLimit('textLength'),
  maxListItems: operationLimit('listItems'),
  maxPageSize: operationLimit('pageSize'),
  maxCost: operationLimit('cost'),
  maxSubjects: operationLimit('subjects'),
  costMode: setting(
    'limits.costMode',
    oneOf('enforce', 'measure'),
    DEFAULT_COST_SETTINGS.costMode,
    'Enforce: what costs too much is refused before it is planned. Measure: cost and page sizes are only told to whoever watches.',
  ),
  assumedListSize: setting(
    'limits.assumedListSize',
    wholeNumber(1, 1_000_000),
    DEFAULT_COST_SETTINGS.assumedListSize,
    'How long a list is taken to be when neither `@listSize` nor an argument says it.',
  ),
  slicingArguments: setting<readonly string[]>(
    'limits.slicingArguments',
    names,
    DEFAULT_COST_SETTINGS.slicingArguments,
    'Arguments and input fields that say how long a list will be, where no `@listSize` does.',
  ),
  contractFactor: setting(
    'limits.contractFactor',
    wholeNumber(1, 1000),
    10,
    'How many times the limits of an operation a client’s contract may allow; 1 lets a contract only tighten them.',
  ),
  mostStreams: setting(
    'streams.most',
    wholeNumber(0, 1_000_000),
    10_000,
    'Subscriptions open at once, of all clients; more are refused.',
  ),
  mostStreamsPerConnection: setting(
    'streams.mostPerConnection',
    wholeNumber(1, 100_000),
    100,
    'Operations under way at once on one WebSocket; more are refused.',
  ),
  mostWaitingEvents: setting(
    'streams.maxWaitingEvents',
    wholeNumber(1, 1_000_000),
    100,
    'Events of one subscription that may wait for a slow client; one more ends the stream.',
  ),
  maxLifetimeSeconds: setting(
    'streams.maxLifetimeSeconds',
    wholeNumber(1, 31_536_000),
    86_400,
    'How long a stream may last, whatever its token says.',
  ),
  streamPingSeconds: setting(
    'streams.pingSeconds',
    wholeNumber(1, 3600),
    12,
    'How often a silent stream shows that it is alive; a WebSocket that does not answer in that time is closed.',
  ),
  planTimeoutMs: setting(
    'planning.timeoutMs',
    wholeNumber(1, 60_000),
    5000,
    'Milliseconds to wait for the plan of an operation; after that it is refused.',
  ),
  metricsPort: setting<number | null>(
    'telemetry.metricsPort',
    wholeNumber(0, 65_535),
    null,
    'The port of `/metrics` for Prometheus; 0 takes any free one, without it there are no metrics; with workers each has its own, counting up.',
  ),
  metricsHost: setting('telemetry.metricsHost', text, '127.0.0.1', 'The address that port is on.'),
  otlpUrl: setting<string | null>(
    'telemetry.otlpUrl',
    httpUrl,
    null,
    'Where an OpenTelemetry collector takes traces over HTTP (`http://…:4318/v1/traces`); without it there are no traces.',
  ),
  serviceName: setting('telemetry.serviceName', text, 'assent', 'The `service.name` of traces.'),
  traceSamplePercent: setting(
    'telemetry.samplePercent',
    wholeNumber(0, 100),
    100,
    'How many requests are traced of those whose client has not decided (`traceparent`).',
  ),
  traceDocuments: setting(
    'telemetry.traceDocuments',
    trueOrFalse,
    false,
    'True puts the documents sent to subgraphs into traces, with the literals of clients, which may be personal.',
  ),
  operationNames: setting(
    'telemetry.operationNames',
    oneOf('registered', 'all'),
    'registered',
    'Which operation names metrics, traces and the access log tell; others are `other`. All: the first 200 seen.',
  ),
  accessLog: setting(
    'telemetry.accessLog',
    trueOrFalse,
    false,
    'True writes one line a request to standard error, whatever `logLevel` says.',
  ),
  serverTiming: setting(
    'telemetry.serverTiming',
    oneOf('on', 'off', 'development'),
    'development',
    'Whether answers tell in `Server-Timing` what took how long, or only those of a development gateway do.',
  ),
  drainMs: setting(
    'drainMs',
    wholeNumber(0, 600_000),
    10_000,
    'Milliseconds that running requests get to end when the gateway stops.',
  ),
  data: setting(
    'data',
    text,
    '.assent',
    'The directory of the embedded stores; one process at a time. For `assent start`.',
  ),
  postgresUrl: setting<string | null>(
    'stores.postgresUrl',
    text,
    null,
    'A PostgreSQL server instead of the embedded store. For `assent start`.',
    { secret: true },
  ),
  receiptMasterKeys: setting<readonly string[]>(
    'receipts.masterKeys',
    secrets(32),
    [],
    'What the keys of persons lie under: the first is used, the others still open. Default: made once and kept in `data`. For `assent start` and `assent consent`.',
    { secret: true },
  ),
  receiptSigningKeys: setting<readonly string[]>(
    'receipts.signingKeys',
    secrets(32),
    [],
    'Ed25519 keys, base64 of DER: the first is private (PKCS#8) and signs, the others are those it signed with before. Default: as above.',
    { secret: true },
  ),
  keysKms: setting(
    'keys.kms',
    oneOf('local', 'aws', 'vault'),
    'local',
    'Where the keys of pseudonyms are: a sealed file in `data`, AWS KMS, or the transit engine of HashiCorp Vault (docs/pseudonyms.md). For `assent start`, as all of `keys` and `pseudonyms`.',
  ),
  keysSecret: setting<string | null>(
    'keys.secret',
    secretOf(12),
    null,
    'What the key ring in `data` is sealed under. Default: a file beside it, made together with it.',
    { secret: true },
  ),
  keysPrefix: setting(
    'keys.prefix',
    text,
    'assent',
    'What the names of our keys in AWS KMS or Vault begin with.',
  ),
  keysAwsRegion: setting<string | null>('keys.aws.region', text, null, 'The region of AWS KMS.'),
  keysAwsEndpoint: setting<string | null>(
    'keys.aws.endpoint',
    httpUrl,
    null,
    'Another address of AWS KMS than the region’s own, such as a VPC endpoint.',
  ),
  keysVaultUrl: setting<string | null>('keys.vault.url', httpUrl, null, 'The address of Vault.'),
  keysVaultToken: setting<string | null>(
    'keys.vault.token',
    text,
    null,
    'The token for Vault; it may make, use and delete keys whose names begin with the prefix.',
    { secret: true },
  ),
  keysVaultMount: setting('keys.vault.mount', text, 'transit', 'Where the transit engine is mounted.'),
  keysVaultNamespace: setting<string | null>(
    'keys.vault.namespace',
    text,
    null,
    'The namespace, of a Vault that has them.',
  ),
  pseudonymsMode: setting(
    'pseudonyms.mode',
    oneOf('standard', 'compact-email'),
    'standard',
    'How tokens are written: compact-email makes those of e-mail addresses as other systems with the same key do. A change comes into force by a rotation.',
  ),
  pseudonymsEmail: setting(
    'pseudonyms.email',
    oneOf('as-written', 'provider-rules'),
    'as-written',
    'Whether dots and plus signs count in mailboxes of providers that ignore them. A change comes into force by a rotation.',
  ),
  pseudonymsLookups: setting(
    'pseudonyms.lookupsPerMinute',
    wholeNumber(0, 1_000_000),
    60,
    'How many people a client may look up a minute by e-mail address, phone number or loyalty number.',
  ),
  pseudonymsTenant: setting(
    'pseudonyms.tenant',
    text,
    '',
    'Whose graph this is, when several share a key. It cannot be changed later.',
  ),
  reidentification: setting<string | null>(
    'identity.reidentification',
    text,
    null,
    'A YAML file with the staff who may take part in learning who stands behind a pid. Without it nobody may. For `assent start`.',
  ),
  neo4jUrl: setting<string | null>(
    'stores.neo4j.url',
    text,
    null,
    'A Neo4j server for the identity graph (`bolt://…`). For `assent start`.',
  ),
  neo4jUser: setting('stores.neo4j.user', text, 'neo4j', 'The user of that server.'),
  neo4jPassword: setting<string | null>('stores.neo4j.password', text, null, 'The password of that user.', {
    secret: true,
  }),
  eventsPort: setting(
    'events.port',
    wholeNumber(0, 65_535),
    0,
    'The port events are sent to; 0 takes any free one. For `assent start`, as all of `events`.',
  ),
  eventsSources: setting<readonly EventSourceSetting[]>(
    'events.sources',
    eventSources,
    [],
    'Who may send events: a list of `name`, and `token` (of 32 characters or more, for batches), `secrets` (`whsec_…`, for signed webhooks), or both ([events](events.md)).',
    { secret: true },
  ),
  eventsMaxEventBytes: setting(
    'events.maxEventBytes',
    wholeNumber(256, MiB),
    65_536,
    'Bytes of one event at most; a longer one is quarantined without its payload.',
  ),
  eventsMaxBatchBytes: setting(
    'events.maxBatchBytes',
    wholeNumber(1024, 64 * MiB),
    4 * MiB,
    'Bytes of one batch at most, unpacked.',
  ),
  eventsMaxBatchEvents: setting(
    'events.maxBatchEvents',
    wholeNumber(1, 100_000),
    5_000,
    'Events of one batch at most.',
  ),
  eventsMaxWaiting: setting(
    'events.maxWaiting',
    wholeNumber(1, 1_000_000),
    20_000,
    'Events that wait to be stored at most; who sends more is told to come again (429).',
  ),
  eventsMaxMemoryBytes: setting(
    'events.maxMemoryBytes',
    wholeNumber(MiB, 1024 * MiB),
    32 * MiB,
    'Bytes of batches in memory at most, those that are still read counted as large as they may be.',
  ),
  eventsToleranceMs: setting(
    'events.toleranceMs',
    wholeNumber(0, 86_400_000),
    300_000,
    'Milliseconds the clock of a source may go ahead; what happened later is quarantined.',
  ),
  eventsQuarantineDays: setting(
    'events.quarantineDays',
    wholeNumber(1, 365),
    14,
    'Days that quarantine keeps a payload it may keep; the reason stays until a month after the entry is settled.',
  ),
  personsPort: setting(
    'persons.port',
    wholeNumber(0, 65_535),
    0,
    'The port persons reach the consent service and the preference centre at; 0 takes any free one. For `assent start`, as all of `persons`.',
  ),
  personsUrl: setting<string | null>(
    'persons.url',
    httpUrl,
    null,
    'The origin persons know that port by (`https://consent.shop.example`), when it stands behind a proxy.',
  ),
  personsOrigins: setting<readonly string[]>(
    'persons.origins',
    namedOrigins,
    [],
    'Origins whose pages may read and change the consent of the person who is there; the preference centre always may.',
  ),
  personsTokenSecret: setting<string | null>(
    'persons.tokenSecret',
    secretOf(32),
    null,
    'The secret shared with whoever issues tokens of persons (HS256). Without it and `persons.jwksUrl` only the trial link of the start has a token.',
    { secret: true },
  ),
  personsJwksUrl: setting<string | null>(
    'persons.jwksUrl',
    httpUrl,
    null,
    'Where the issuer of tokens of persons publishes its keys (JWKS), instead of a shared secret.',
  ),
  personsIssuer: setting<string | null>(
    'persons.issuer',
    text,
    null,
    'The `iss` a token of a person must have.',
  ),
  personsController: setting<string | null>(
    'persons.controller',
    oneLine,
    null,
    'Who decides over the data of persons: told to them, and kept in each receipt.',
  ),
  personsRecipients: setting<readonly string[]>(
    'persons.recipients',
    oneLines,
    [],
    'To whom their data may be passed on, as a list: told to them, and kept in each receipt.',
  ),
  personsLoginUrl: setting<string | null>(
    'persons.loginUrl',
    httpUrl,
    null,
    'The page of the shop that checks who is there and sends them back to the preference centre with a token for its key ([the door](consent-door.md)).',
  ),
  personsUnboundTokens: setting(
    'persons.unboundTokens',
    oneOf('refused', 'accepted'),
    'refused',
    'Whether a token that names no key (`cnf`) may submit, with the first key that signs beside it. It always may where a trial link is made.',
  ),
  personsAudience: setting(
    'persons.audience',
    text,
    'assent-consent',
    'The `aud` a token of a person must have.',
  ),
  personsTokenSeconds: setting(
    'persons.tokenSeconds',
    wholeNumber(30, 86_400),
    900,
    'A token of a person that lives longer is refused.',
  ),
  personsProofSeconds: setting(
    'persons.proofSeconds',
    wholeNumber(5, 600),
    60,
    'How long after it was signed a submission is taken.',
  ),
  personsRequestsPerMinute: setting(
    'persons.requestsPerMinute',
    wholeNumber(1, 100_000),
    120,
    'Reads, and as many submissions, that one person may make a minute.',
  ),
} as const satisfies Record<string, Setting<unknown>>

// eslint-disable-next-line max-params -- the columns of the table, in their order
function setting<T>(
  yaml: string,
  parse: ParseSetting<T>,
  value: NoInfer<T>,
  sentence: string,
  flags: Pick<Setting<T>, 'secret' | 'map' | 'tree'> = {},
): Setting<T> {
  const env = `ASSENT_${yaml.replaceAll(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()}`
  return { yaml, env, parse, default: value, sentence, ...flags }
}

function operationLimit(name: LimitName): Setting<number> {
  return limit(name, LIMITS[name].default, LIMITS[name].sentence)
}

function limit(name: string, value: number, sentence: string): Setting<number> {
  return setting(`limits.${name}`, wholeNumber(1, 1024 * MiB), value, `${sentence} More is refused.`)
}
