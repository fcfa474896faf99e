import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Command, InvalidArgumentError } from 'commander'
import type { SentRequest } from '../gateway/adapters/recording-subgraphs.ts'
import type { SampleQuery } from '../gateway/door/sample-queries.ts'
import { SAMPLE_QUERIES } from '../gateway/door/sample-queries.ts'
import { EXIT } from './exit-code.ts'
import { parseJsonObject } from './json-object.ts'
import { table } from './table.ts'

interface AskFlags {
  readonly url: string
  readonly client?: string
  readonly purpose?: string
  readonly actor?: string
  readonly token?: string
  readonly variables?: Record<string, unknown>
  readonly sent?: true
  readonly json?: true
}

export const askCommand = (): Command =>
  new Command('ask')
    .description(
      'Asks a running gateway and prints the answer, what was withheld and why, and what was sent to each subgraph.',
    )
    .argument('<query>', 'a file, - for standard input, or 1, 2 or 3 for a sample query', readQuery)
    .option('-u, --url <url>', 'the gateway', 'http://127.0.0.1:4000/graphql')
    .option('--client <name>', 'ask as this registered client (development gateways only)')
    .option('--purpose <purpose>', 'declare this purpose')
    .option('--actor <pid>', 'ask in the name of this person (development gateways only)')
    .option('--token <token>', 'prove who asks with this bearer token')
    .option('--variables <json>', 'variables of the operation', parseJsonObject)
    .option('--sent', 'show what left for each subgraph (development gateways only)')
    .option('--json', 'print the response as it came')
    .addHelpText(
      'after',
      `
Examples:
  $ assent ask 1 --sent
  $ assent ask query.graphql --client campaigns --purpose marketing
  $ echo '{ customers(first: 3) { nodes { pid email } } }' | assent ask - --sent`,
    )
    .action(async (asked: Asked, flags: AskFlags) => {
      const chosen = flags.client !== undefined || flags.purpose !== undefined || flags.token !== undefined
      const document = asked.query ?? (await text(process.stdin))
      await ask(document, { ...(chosen ? {} : asked.headers), ...headersOf(flags) }, flags)
    })

/** The query is undefined while it is still to be read from standard input. */
type Asked = Partial<Pick<SampleQuery, 'query' | 'headers'>>

const readQuery = (written: string): Asked => {
  const sample = SAMPLE_QUERIES[Number(written) - 1]
  if (sample !== undefined) return sample
  if (written === '-') return {}
  if (!existsSync(written)) throw new InvalidArgumentError('there is no such file.')
  return { query: readFileSync(written, 'utf8') }
}

interface AnswerError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly code?: string; readonly subgraphCode?: string; readonly remedy?: string }
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly AnswerError[]
  readonly extensions?: {
    readonly consent?: { readonly withheld?: readonly Withheld[] }
    readonly sent?: readonly SentRequest[]
  }
}

interface Withheld {
  readonly coordinate: string
  readonly path: string
  readonly scopes?: readonly string[]
  readonly reason?: string
  readonly count: number
  readonly instead?: string
}

const ask = async (
  query: string,
  headers: Record<string, string>,
  { url, variables, json }: AskFlags,
): Promise<void> => {
  const answer = await post(url, headers, JSON.stringify({ query, ...(variables && { variables }) }))
  if (answer === undefined) return
  if (json) console.log(JSON.stringify(answer, null, 2))
  else printAnswer(answer)
  if (answer.errors !== undefined) process.exitCode = EXIT.failed
}

const post = async (
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<Answer | undefined> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return (await response.json()) as Answer
  } catch {
    console.error(
      `No gateway answers GraphQL at ${url}. Start one with \`assent start\`, or name it with --url.`,
    )
    process.exitCode = EXIT.unavailable
    return undefined
  }
}

const printAnswer = ({ data, errors = [], extensions = {} }: Answer): void => {
  if (data !== undefined) console.log(JSON.stringify(data, null, 2))
  for (const error of errors) console.error(`\n${errorAsText(error)}`)
  console.log(`\n${withheldAsText({ data, errors, extensions })}`)
  if (extensions.sent !== undefined) printSent(extensions.sent)
}

const errorAsText = ({ message, path, extensions }: AnswerError): string => {
  const at = path === undefined ? '' : ` at ${path.join('.')}`
  const below = extensions?.subgraphCode === undefined ? '' : ` [${extensions.subgraphCode}]`
  return `${extensions?.code ?? 'ERROR'}${at}: ${message}${below}\n${extensions?.remedy ?? ''}`
}

/** A report that is not there says nothing was withheld only if there would be one: see `report` in the contracts. */
const withheldAsText = ({ data, errors = [], extensions }: Answer): string => {
  const withheld = extensions?.consent?.withheld ?? []
  if (withheld.length > 0) return `Withheld:\n${withheldTable(withheld)}`
  if (errors.some((error) => error.extensions?.code?.startsWith('WITHHELD')))
    return 'Withheld: see the errors above.'
  if (data === undefined || data === null) return 'There is no answer to withhold anything from.'
  if (errors.length > 0)
    return 'No value is reported as withheld; see the errors above for what else is missing.'
  return 'No value is reported as withheld. (A contract with `report: none` or `errors` has no such report.)'
}

const withheldTable = (withheld: readonly Withheld[]): string =>
  table([
    ['count', 'coordinate', 'reason', 'scopes', 'path'],
    ...withheld.map(({ count, coordinate, reason = '', scopes = [], path, instead }) => [
      String(count),
      coordinate,
      instead === undefined ? reason : `${reason} (default shown)`,
      scopes.join(' '),
      path,
    ]),
  ])

const printSent = (sent: readonly SentRequest[]): void => {
  console.log('\nSent:')
  for (const { subgraph, document, representations, lookups } of sent) {
    console.log(`→ ${subgraph}${representations === 0 ? '' : ` for ${representations} people or things`}`)
    for (const lookup of lookups) {
      const granted = lookup.scopes.length === 0 ? 'no scopes' : lookup.scopes.join(' ')
      console.log(`    ${lookup.alias}: ${lookup.representations} with ${granted}`)
    }
    console.log(`    ${document.replaceAll('\n', '\n    ')}`)
  }
}

const headersOf = ({ client, purpose, actor, token, sent }: AskFlags): Record<string, string> => ({
  ...(client !== undefined && { 'x-assent-client': client }),
  ...(purpose !== undefined && { 'assent-purpose': purpose }),
  ...(actor !== undefined && { 'x-assent-actor': actor }),
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
  ...(sent && { 'x-assent-show': 'sent' }),
})
