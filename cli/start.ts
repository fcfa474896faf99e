import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import type { Config } from '../gateway/config.ts'
import { listen } from '../gateway/door/listen.ts'
import { SAMPLE_QUERIES } from '../gateway/door/sample-queries.ts'
import { startGateway } from '../gateway/server.ts'
import type { RunningGateway } from '../gateway/server.ts'
import { composedOrRefused } from './composed-or-refused.ts'
import { announceServices } from './consent-service.ts'
import { EXIT } from './exit-code.ts'
import { packageFile } from './package-file.ts'
import { policyFromFile } from './policy-file.ts'
import { configOption, readSettings, settingsHelp } from './read-settings.ts'
import { subgraphOptions } from './subgraph-options.ts'
import { startSubgraphs } from './start-subgraphs.ts'
import type { RunningSubgraphs } from './start-subgraphs.ts'
import { untilStopped } from './until-stopped.ts'
import { wholeNumber } from './whole-number.ts'

interface StartFlags {
  readonly config?: string
  readonly host?: string
  readonly port?: string
  readonly data?: string
  readonly people: number
}

const DEFAULTS = { profile: 'development', logLevel: 'warn' } as const

/** Their values say nothing, or are another one each time. */
const DEFAULTS_IN_WORDS = {
  clients: 'the contracts of this package',
  grantSecret: 'made up at each start',
  decisionLogFile: 'decisions.jsonl in the data directory',
} as const

export const startCommand = (): Command =>
  new Command('start')
    .description(
      'Starts everything on this machine: embedded stores, the subgraphs, the gateway and GraphiQL.',
    )
    .addOption(configOption())
    .option('--host <address>', 'address to listen on')
    .option('-p, --port <port>', 'port to listen on; 0 takes any free one')
    .option('--data <directory>', 'directory of the embedded stores')
    .option(
      '--people <number>',
      'how many people to make up at the first start; 0 for none',
      wholeNumber,
      500,
    )
    .addHelpText('after', settingsHelp({ ...DEFAULTS, ...DEFAULTS_IN_WORDS }))
    .addHelpText('after', '\nExamples:\n  $ assent start\n  $ assent start --port 0 --data /tmp/assent')
    .action(({ config, people, ...overrides }: StartFlags) => start(settingsFor(config, overrides), people))

const settingsFor = (
  file: string | undefined,
  overrides: Pick<StartFlags, 'host' | 'port' | 'data'>,
): Config => {
  const defaults = {
    ...DEFAULTS,
    clients: packageFile('clients'),
    grantSecret: randomBytes(32).toString('hex'),
  }
  return readSettings(file, { defaults, overrides })
}

const start = async (config: Config, demoPeople: number): Promise<void> => {
  await requireFreePort(config)
  const stopped = untilStopped()
  const vocabulary = vocabularyFromFile(config.vocabulary)
  const { consentPolicies } = config
  const policy = consentPolicies === null ? null : policyFromFile(consentPolicies, vocabulary)
  const subgraphs = await startSubgraphs(
    { ...subgraphOptions(config, vocabulary, policy), demoPeople },
    (sentence) => console.error(`${seconds().padStart(7)}  ${sentence}`),
  )
  const retract = announceServices(config.data, subgraphs)
  try {
    const gateway = await startGateway(
      { ...config, decisionLogFile: logFileIn(config) },
      { supergraph: composeSupergraph(subgraphs, vocabulary) },
    )
    await printWelcome(gateway, subgraphs)
    if (config.postgresUrl === null) console.log(EMBEDDED)
    console.log('\nStop with Ctrl-C.')
    const reason = await Promise.race([
      stopped,
      subgraphs.ended.then(() => 'The subgraphs ended unexpectedly.'),
    ])
    if (reason !== undefined) {
      console.error(reason)
      process.exitCode = EXIT.unavailable
    }
    await gateway.close()
  } finally {
    retract()
    await subgraphs.stop()
  }
}

/** Found out before people are made up for a gateway that cannot be reached. */
const requireFreePort = async (config: Config): Promise<void> => {
  const probe = createServer()
  await listen(probe, config)
  await new Promise((closed) => probe.close(closed))
}

const EMBEDDED = `
The embedded store is for development: what it wrote last does not survive a power loss.
Set \`stores.postgresUrl\` to keep data for good.`

/** The decision log lies with the data unless it was put elsewhere. */
const logFileIn = ({ decisionLogFile, data }: Config): string =>
  decisionLogFile === '.assent/decisions.jsonl' ? join(data, 'decisions.jsonl') : decisionLogFile

const composeSupergraph = ({ subgraphs }: RunningSubgraphs, vocabulary: Vocabulary): string => {
  const sources = subgraphs.map(({ name, url }) => {
    const file = packageFile(`subgraphs/${name}/schema.graphql`)
    return { name, url, file, sdl: readFileSync(file, 'utf8') }
  })
  return composedOrRefused(sources, { vocabulary, place: 'the schemas of the subgraphs' })
}

const printWelcome = async (
  { url }: RunningGateway,
  { subgraphs, preferences, events, rssMb }: RunningSubgraphs,
): Promise<void> => {
  const readyAfter = seconds()
  const answered = await askOnce(url)
  const own = Math.round(process.memoryUsage.rss() / 1e6)
  const [first] = SAMPLE_QUERIES
  console.log(`
Assent is ready.

  GraphiQL    ${url}/
  GraphQL     ${url}/graphql
  Preferences ${preferences}
  Events      ${events}/events/v1/batch
  Subgraphs   ${subgraphs.map(({ name, url: at }) => `${name} ${at}`).join('\n              ')}

  Ready after ${readyAfter}, first query ${answered ? 'answered' : 'refused'} after ${seconds()}.
  Memory: gateway ${own} MB, subgraphs and stores ${rssMb} MB, together ${own + rssMb} MB.

Three queries to paste into GraphiQL (they are its first tabs):
${SAMPLE_QUERIES.map(asText).join('\n')}
In another terminal, the proof of what was sent to each subgraph:
  npx assent ask 1 --sent --url ${url}/graphql`)
  if (first === undefined || !answered) process.exitCode = EXIT.failed
}

const asText = ({ title, headers, query }: (typeof SAMPLE_QUERIES)[number], index: number): string => {
  const sent = Object.entries(headers).map(([name, value]) => `  # header ${name}: ${value}\n`)
  return `\n  # ${index + 1}. ${title}\n${sent.join('')}  ${query.replaceAll('\n', '\n  ')}\n`
}

/** The first answer takes longest; better that it is ours. */
const askOnce = async (url: string): Promise<boolean> => {
  const body = JSON.stringify({ query: SAMPLE_QUERIES[0]?.query })
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const { data, errors } = (await answer.json()) as { data?: unknown; errors?: unknown }
  return data !== undefined && data !== null && errors === undefined
}

/** Since the process began. */
const seconds = (): string => `${(performance.now() / 1000).toFixed(1)} s`
