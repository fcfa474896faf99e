import { Command } from 'commander'
import { writeFileSync } from 'node:fs'
import { startCommandGateway, untilAnswering } from '../../support/conformance/command-gateway.ts'
import type { Asking } from '../../support/conformance/own-gateway.ts'
import { type CaseResult, runSuite } from '../../support/conformance/run-suite.ts'
import { loadSuites } from '../../support/conformance/suite.ts'

interface Flags {
  readonly gateway: string
  readonly url?: string
  readonly supergraph: string
  readonly suite?: string
  readonly with: string
}

const OURS = 'ASSENT_LOG_LEVEL=error node bin/assent.js gateway --supergraph {supergraph} --port {port}'

const flags = new Command()
  .description('Runs the suites of this folder against a gateway.')
  .option('--gateway <command>', 'starts the gateway; {supergraph} and {port} are filled in', OURS)
  .option('--url <url>', 'a gateway that you start yourself, with the file of --supergraph; one suite only')
  .option('--supergraph <file>', 'with --url: where the supergraph is written', 'supergraph.graphql')
  .option('--suite <names>', 'only these suites, by comma')
  .option('--with <abilities>', 'also cases that need these: defer, subscriptions', '')
  .parse()
  .opts<Flags>()

const start = async (supergraph: string): Promise<Asking> => {
  const { url } = flags
  if (url === undefined) return startCommandGateway(flags.gateway, supergraph)
  writeFileSync(flags.supergraph, supergraph)
  await untilAnswering(url)
  return { url, close: () => Promise.resolve() }
}

const suites = loadSuites(flags.suite?.split(','))
if (flags.url !== undefined && suites.length > 1) throw new Error('--url needs --suite with one name')
const abilities = new Set(flags.with.split(','))
const all: CaseResult[] = []
for (const suite of suites) {
  const results = await runSuite(suite, abilities, start)
  all.push(...results)
  const ran = results.filter(({ problems }) => problems !== null)
  const passed = ran.filter(({ problems }) => problems?.length === 0)
  console.log(
    `${passed.length === ran.length ? '✓' : '✗'} ${suite.name.padEnd(40)} ${passed.length}/${ran.length}`,
  )
  for (const { name, problems } of ran)
    for (const problem of problems ?? []) console.log(`    ${name}: ${problem}`)
}
const failed = all.filter(({ problems }) => problems !== null && problems.length > 0).length
const ran = all.filter(({ problems }) => problems !== null).length
const notRun = all.length - ran
console.log(
  `\n${ran - failed} of ${ran} cases in ${suites.length} suites${notRun > 0 ? `, ${notRun} not run` : ''}`,
)
process.exitCode = failed > 0 ? 1 : 0
