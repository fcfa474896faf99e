import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import type { Approval } from '../schema/check/approvals.ts'
import { CheckFailure } from '../schema/check/check-failure.ts'
import type { Contracts } from '../schema/check/contracts.ts'
import type { Report } from '../schema/check/finding.ts'
import { asGithub } from '../schema/check/output/as-github.ts'
import { asJson } from '../schema/check/output/as-json.ts'
import { asJunit } from '../schema/check/output/as-junit.ts'
import { asMarkdown } from '../schema/check/output/as-markdown.ts'
import { asSarif } from '../schema/check/output/as-sarif.ts'
import { asText, type TextOptions } from '../schema/check/output/as-text.ts'
import { readApprovals } from '../schema/check/read-approvals.ts'
import { calendarDay } from './calendar-day.ts'
import { checkInThread } from './check-in-thread.ts'
import { contractsAt } from './contracts-at.ts'
import { publishedContracts, registryClient } from './registry-client.ts'
import { EXIT } from './exit-code.ts'
import { isoPeriod } from './iso-period.ts'
import { notEmpty } from './not-empty.ts'
import { readUsage } from './read-usage.ts'

interface Flags {
  readonly base: string
  readonly head: string
  readonly format: readonly Format[]
  readonly output: readonly string[]
  readonly vocabulary?: string
  readonly approvals?: string
  readonly owner: string
  readonly today: string
  readonly all?: true
  readonly operations: readonly string[]
  readonly traffic: readonly string[]
  readonly period: string
  readonly threshold: number
}

type Format = keyof typeof WRITERS

const WRITERS = {
  text: asText,
  json: asJson,
  sarif: asSarif,
  junit: asJunit,
  markdown: asMarkdown,
  github: asGithub,
} satisfies Record<string, (report: Report, options: TextOptions) => string>

const format = (written: string, before: readonly Format[]): readonly Format[] => {
  if (!Object.hasOwn(WRITERS, written))
    throw new InvalidArgumentError(`write one of ${Object.keys(WRITERS).join(', ')}.`)
  return [...before, written as Format]
}

const collect = (written: string, before: readonly string[]): readonly string[] => [...before, written]

const percent = (written: string): number => {
  const number = Number(written)
  if (!(number >= 0 && number <= 100)) throw new InvalidArgumentError('write a number from 0 to 100.')
  return number
}

const NO_FORMAT: readonly Format[] = []
const NONE: readonly string[] = []

export const schemaCheckCommand = (): Command =>
  new Command('check')
    .description(
      'Tells what a change of schemas, events, features, clients and policies breaks and weakens, and who must allow it.',
    )
    .requiredOption('--base <place>', 'what it is a change of: a directory, a file, git:REF or registry:TAG')
    .option('--head <place>', 'what is to be checked: the same', '.')
    .option(
      '--format <name>',
      `one of ${Object.keys(WRITERS).join(', ')}; repeat for several`,
      format,
      NO_FORMAT,
    )
    .option(
      '--output <file>',
      'where to write the format before it (default: standard output)',
      collect,
      NONE,
    )
    .option('--approvals <file>', 'what owners have allowed (default: approvals.yaml in the head)')
    .option('--owner <name>', 'who answers for what nobody owns', notEmpty, 'privacy')
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option(
      '--today <day>',
      'the day by which announced ends have passed',
      calendarDay,
      new Date().toISOString().slice(0, 10),
    )
    .option('--all', 'tell everything that is missing in the head, and not only what the change left out')
    .option(
      '--operations <file>',
      'recorded operations, one JSON object a line; repeat for several',
      collect,
      NONE,
    )
    .option('--traffic <file>', 'a decision log; repeat for several', collect, NONE)
    .option('--period <duration>', 'only what was recorded in it, for example P30D', isoPeriod, '')
    .option('--threshold <percent>', 'what is asked by no more than this counts as unused', percent, 0)
    .addHelpText(
      'after',
      `
Examples:
  $ assent schema check --base git:origin/main --head .
  $ assent schema check --base git:origin/main --format github --format sarif --output /dev/stdout --output check.sarif
  $ assent schema check --base registry:production --operations asked.jsonl --traffic .assent/decisions.jsonl --period P30D

registry:TAG is read from ASSENT_REGISTRY_URL with ASSENT_REGISTRY_TOKEN.

Exits with 0 when nothing blocks, 1 when something does, 2 when what is named cannot be read or it is not said where the
registry is, 3 when git cannot be run or the registry does not answer.`,
    )
    .action(run)

const run = async (flags: Flags): Promise<void> => {
  const directory = /^(git|registry):/.test(flags.head) ? '.' : flags.head
  const at = { directory, registry: publishedContracts(registryClient({})) }
  const [base, head] = await Promise.all([contractsAt(flags.base, at), contractsAt(flags.head, at)])
  const now = Date.now()
  const { operations, traffic: decisions, period, threshold, today, owner } = flags
  const report = await checkInThread(base, head, {
    labels: { base: flags.base, head: flags.head },
    vocabulary: vocabularyFromFile(flags.vocabulary ?? null),
    approvals: approvalsIn(
      flags.approvals ?? join(directory, 'approvals.yaml'),
      flags.approvals !== undefined,
    ),
    usage: readUsage({ operations, decisions, period, threshold, now }),
    all: flags.all ?? false,
    today,
    owner,
    now,
  })
  write(report, flags, textsOf(base, head))
  if (report.outcome === 'blocked') process.exitCode = EXIT.failed
}

const approvalsIn = (file: string, isNamed: boolean): readonly Approval[] => {
  if (!isNamed && !(existsSync(file) && statSync(file).isFile())) return []
  try {
    const approvals = readApprovals({ file, text: readFileSync(file, 'utf8') })
    if (approvals !== null) return approvals
  } catch (cause) {
    throw new CheckFailure('CHECK_INPUT_UNREADABLE', file, { cause })
  }
  throw new CheckFailure('CHECK_INPUT_UNREADABLE', file)
}

/** The first `--output` is of the first `--format`, and so on. */
const write = (report: Report, { format: formats, output }: Flags, textOf: TextOptions['textOf']): void => {
  for (const [index, name] of (formats.length === 0 ? (['text'] as const) : formats).entries()) {
    const file = output[index]
    const colours = file === undefined && hasColours()
    const text = WRITERS[name](report, { colours, textOf })
    if (file === undefined) console.log(text)
    else writeOut(file, `${text}\n`)
  }
}

const writeOut = (file: string, text: string): void => {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new CheckFailure('CHECK_OUTPUT_UNWRITABLE', file, { cause })
  }
}

/** https://no-color.org, and who asks for colours all the same. */
const hasColours = (): boolean => {
  if ((process.env['NO_COLOR'] ?? '') !== '') return false
  return process.stdout.isTTY || !['', '0', undefined].includes(process.env['FORCE_COLOR'])
}

const textsOf = (...sides: readonly Contracts[]): ((file: string) => string | undefined) => {
  const texts = new Map(
    sides.flatMap(({ at, subgraphs, supergraph, vocabulary, ...side }) => {
      const { events, features, clients, documents, policies, rules } = side
      const files = [events, features, clients, documents, policies, rules].flat()
      return [
        ...subgraphs.map(({ file, sdl }) => [`${at}${file}`, sdl] as const),
        ...[...files, supergraph, vocabulary].flatMap((one) =>
          one === null ? [] : [[`${at}${one.file}`, one.text] as const],
        ),
      ]
    }),
  )
  return (file) => texts.get(file)
}
