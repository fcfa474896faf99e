import { existsSync, readFileSync } from 'node:fs'
import { text as allOf } from 'node:stream/consumers'
import { Command, InvalidArgumentError } from 'commander'
import { parse } from 'graphql'
import { linksConsent } from '../directives/link.ts'
import { limitsOf } from '../gateway/start/limits-of.ts'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { contractsInDirectory } from '../gateway/adapters/contract-files.ts'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { identifyAnyone } from '../gateway/caller/anyone.ts'
import { identify } from '../gateway/caller/identify.ts'
import type { Config } from '../gateway/config.ts'
import { AssentError } from '../gateway/errors.ts'
import { explain } from '../gateway/explain.ts'
import type { Caller } from '../gateway/ports.ts'
import { explanationText } from './explanation-text.ts'
import { parseJsonObject } from './json-object.ts'
import { configOption, readSettings } from './read-settings.ts'
import { subjectConsents } from './subject-consents.ts'

interface ExplainFlags {
  readonly config?: string
  readonly supergraph?: string
  readonly as?: string
  readonly purpose?: string
  readonly subjectConsent: readonly string[]
  readonly operationName?: string
  readonly variables?: Record<string, unknown>
  readonly json?: true
}

export const explainCommand = (): Command =>
  new Command('explain')
    .description(
      'Prints what a gateway would do with an operation: plan, cut, partitions, what would be withheld. Sends nothing.',
    )
    .argument('<query>', 'a file, or - for standard input', readable)
    .addOption(configOption())
    .option('-s, --supergraph <file>', 'the supergraph, as written by `assent schema compose`')
    .option('--as <client>', 'explain for this registered client', 'explorer')
    .option('--purpose <purpose>', 'declare this purpose')
    .option(
      '--subject-consent <file or pid=scopes...>',
      'people, and what each has agreed to: a YAML file, or pid=scope,scope:status; repeat for each',
      [],
    )
    .option('--operation-name <name>', 'which operation of the document')
    .option(
      '--variables <json>',
      'variables of the operation; only @skip and @include look at them',
      parseJsonObject,
    )
    .option('--json', 'print for tools')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: ExplainFlags) => {
      const document = file === '-' ? await allOf(process.stdin) : readFileSync(file, 'utf8')
      await explainTo(document, flags)
    })

const EXAMPLES = `
Examples:
  $ assent explain query.graphql --supergraph supergraph.graphql --as campaigns --purpose marketing
  $ assent explain query.graphql --subject-consent ada=crm_contact,analytics bo=crm_contact:refused dee=
  $ assent explain query.graphql --subject-consent consents.yaml --json

A file of consents:
  ada: [crm_contact, analytics]
  bo: { crm_contact: refused, analytics: withdrawn }
  cyd: SUPPRESSED`

const readable = (file: string): string => {
  if (file !== '-' && !existsSync(file)) throw new InvalidArgumentError('there is no such file.')
  return file
}

const explainTo = async (document: string, flags: ExplainFlags): Promise<void> => {
  const { supergraph: file, variables = {}, operationName } = flags
  const overrides = { supergraph: file }
  const config = readSettings(flags.config, { overrides, required: ['supergraph'] })
  const supergraph = readSupergraph(config)
  const vocabulary = vocabularyFromFile(config.vocabulary)
  const explanation = await explain({
    supergraph,
    text: document,
    ...(operationName === undefined ? {} : { operationName }),
    variables,
    caller: await callerOf({ document, supergraph, vocabulary, config, flags }),
    people: subjectConsents(flags.subjectConsent, new Set(vocabulary.scopes.keys())),
    limits: limitsOf(config),
    costs: { ...config, costMode: 'measure' },
    clock: Date.now,
  })
  console.log(flags.json ? JSON.stringify(explanation, null, 2) : explanationText(explanation))
}

const readSupergraph = ({ supergraph }: Config): string => {
  try {
    return readFileSync(supergraph ?? '', 'utf8')
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', supergraph ?? 'setting supergraph', { cause })
  }
}

interface Asking {
  readonly document: string
  readonly supergraph: string
  readonly vocabulary: Vocabulary
  readonly config: Config
  readonly flags: ExplainFlags
}

/** As a development gateway would take an unproven caller of that name: what is asked is what a contract allows. */
const callerOf = ({ document, supergraph, vocabulary, config, flags }: Asking): Promise<Caller> => {
  const headers = new Map([
    ['x-assent-client', flags.as],
    ['assent-purpose', flags.purpose],
  ])
  const request = {
    header: (name: string) => headers.get(name),
    document,
    operationName: flags.operationName,
  }
  if (!linksConsent(parse(supergraph, { noLocation: true }))) return identifyAnyone('development')(request)
  const contracts = contractsInDirectory(config.clients, vocabulary)
  return identify(request, { profile: 'development', contracts, verifier: undefined, vocabulary })
}
