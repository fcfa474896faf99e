// Writes the generated pages of docs/, and the schema of the features. With --check it writes nothing and fails when a page differs.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { standardVocabulary } from '../directives/vocabulary.ts'
import { DENIALS } from '../gateway/fence/denial.ts'
import { LABELS, METRICS, SPANS, type MetricEntry } from '../gateway/observe/catalogue.ts'
import { SETTINGS } from '../gateway/settings.ts'
import type { Setting } from '../gateway/settings.ts'
import { CONSUMER_METRICS } from '../subgraphs/consent/outbox/metrics.ts'
import { MERGE_METRICS, PID_CONSUMER_METRICS } from '../subgraphs/identity/changes/feed-metrics.ts'
import { openDefinitions } from '../subgraphs/features/definitions/definitions-in.ts'
import { writeSchema } from '../subgraphs/features/definitions/write-schema.ts'
import { errorsPage } from './docs/errors-page.ts'
import { eventTypesPage } from './docs/event-types-page.ts'
import { page, table } from './docs/markdown.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

const denials = (): string =>
  page(
    'Denials',
    'gateway/fence/denial.ts',
    'Why a value is withheld: the `reason` of each entry of `extensions.consent.withheld`. The list is closed.',
    table(
      ['reason', 'what it means'],
      Object.entries(DENIALS).map(([reason, sentence]) => [`\`${reason}\``, sentence]),
    ),
  )

const shown = (value: unknown): string => {
  if (value === null || (value instanceof Map && value.size === 0)) return ''
  return `\`${Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : JSON.stringify(value)}\``
}

const config = (): string =>
  page(
    'Settings',
    'gateway/settings.ts',
    'A flag wins over the environment, the environment over the settings file (`assent.yaml`, or `--config`). All faults are reported together, and nothing starts with one. `assent config` prints what holds.',
    table(
      ['in the file', 'in the environment', 'default', 'what for'],
      Object.values(SETTINGS).map((row: Setting<unknown>) => [
        `\`${row.yaml}\``,
        `\`${row.env}\``,
        shown(row.default),
        row.secret ? `${row.sentence} Never printed.` : row.sentence,
      ]),
    ),
  )

const vocabulary = (): string =>
  page(
    'Vocabulary',
    'directives/vocabulary.ts',
    `Version ${standardVocabulary.version}. A scope is what a person can say yes to; a purpose is what a caller wants to do, and the scopes are the most it may ask people for while doing it. Terms of the [W3C Data Privacy Vocabulary](https://w3id.org/dpv) and of [fideslang](https://ethyca.github.io/fideslang/) say what each means elsewhere.`,
    '## Scopes',
    table(
      ['scope', 'what it allows', 'DPV', 'fideslang'],
      [...standardVocabulary.scopes.values()].map(({ name, sentence, dpv, fides }) => [
        `\`${name}\``,
        sentence,
        `\`${dpv}\``,
        `\`${fides}\``,
      ]),
    ),
    '## Purposes',
    table(
      ['purpose', 'what for', 'scopes', 'DPV', 'fideslang'],
      [...standardVocabulary.purposes.values()].map(({ name, sentence, scopes, dpv, fides }) => [
        `\`${name}\``,
        sentence,
        [...scopes].map((scope) => `\`${scope}\``).join(' '),
        `\`${dpv}\``,
        `\`${fides}\``,
      ]),
    ),
  )

const observability = (): string =>
  page(
    'Observability',
    'gateway/observe/catalogue.ts and subgraphs/consent/outbox/metrics.ts',
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

interface RoomRules {
  readonly default: { readonly forbidden: readonly { readonly name: string; readonly comment: string }[] }
}

interface Cruised {
  readonly modules: readonly {
    readonly source: string
    readonly dependencies: readonly { readonly resolved: string }[]
  }[]
}

/** The room of a file: its first folder, and in the gateway the second as well. */
const roomOf = (file: string): string | undefined =>
  /^(gateway\/[^/.]+|directives|schema|subgraphs|gateway|cli|sdk)\//.exec(file)?.[1]

const rooms = async (): Promise<string> => {
  const depcruise = fileURLToPath(
    new URL('../node_modules/dependency-cruiser/bin/dependency-cruise.mjs', import.meta.url),
  )
  const targets = ['directives', 'schema', 'subgraphs', 'gateway', 'cli', 'privacy', 'sdk']
  const { stdout } = spawnSync(
    process.execPath,
    [depcruise, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...targets],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1e8,
    },
  )
  const arrows = new Set<string>()
  for (const { source, dependencies } of (JSON.parse(stdout) as Cruised).modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [roomOf(source), roomOf(resolved)]
      if (from !== undefined && to !== undefined && from !== to) arrows.add(`  ${from} --> ${to}`)
    }
  }
  const { default: rules } = (await import(
    new URL('../.dependency-cruiser.mjs', import.meta.url).href
  )) as RoomRules
  return page(
    'Rooms',
    'the imports and .dependency-cruiser.mjs',
    'An arrow says: knows. Types count as knowledge.',
    `\`\`\`mermaid\nflowchart LR\n${[...arrows].toSorted().join('\n')}\n\`\`\``,
    table(
      ['rule', 'sentence'],
      rules.forbidden.map(({ name, comment }) => [`\`${name}\``, comment]),
    ),
  )
}

const pages = {
  'docs/errors.md': errorsPage(),
  'docs/denials.md': denials(),
  'docs/config.md': config(),
  'docs/vocabulary.md': vocabulary(),
  'docs/event-types.md': eventTypesPage(`${root}events`),
  'docs/observability.md': observability(),
  'docs/rooms.md': await rooms(),
  // Not a page, and written here all the same: what a definition says is said nowhere a second time by hand.
  'subgraphs/features/schema.graphql': writeSchema(openDefinitions()),
}

const existing = (file: string): string => {
  try {
    return readFileSync(`${root}${file}`, 'utf8')
  } catch {
    return ''
  }
}

const stale = Object.entries(pages).filter(([file, text]) => existing(file) !== text)
if (!process.argv.includes('--check')) for (const [file, text] of stale) writeFileSync(`${root}${file}`, text)
else if (stale.length > 0) {
  console.error(`Not as \`npm run docs\` writes them: ${stale.map(([file]) => file).join(', ')}`)
  process.exitCode = 1
}
