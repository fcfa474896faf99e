import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { contractsInDirectory } from '../gateway/adapters/contract-files.ts'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { AssentError } from '../gateway/errors.ts'
import { type ProtectionMap, readProtection } from '../schema/protection.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import type { PolicyBundle } from '../subgraphs/consent/policy/bundle.ts'
import {
  type Clauses,
  createReplay,
  type RecordedDecision,
  type ReplayCount,
  type ReplayOptions,
} from '../subgraphs/consent/policy/replay-decisions.ts'
import { EXIT } from './exit-code.ts'
import { policyFromFile } from './policy-file.ts'
import { readRecordedDecision } from './read-recorded-decision.ts'
import { table } from './table.ts'

interface SimulateFlags {
  readonly decisions: string
  readonly clients?: string
  readonly supergraph?: string
  readonly vocabulary?: string
  readonly json?: true
  readonly failOnLoosen?: true
}

export const simulateCommand = (): Command =>
  new Command('simulate')
    .description('Decides recorded decisions again by a bundle, and counts what would change.')
    .argument('<bundle>', 'a YAML file')
    .requiredOption('--decisions <file>', 'a decision log: one JSON object a line')
    .option('--clients <directory>', 'the client contracts, for the region and brand of each')
    .option('--supergraph <file>', 'for the scopes of each coordinate (default: those of what was granted)')
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--json', 'print JSON')
    .option('--fail-on-loosen', 'exit with 1 when something would be granted that was denied')
    .addHelpText(
      'after',
      `
Example:
  $ assent policy simulate policies/default.yaml --decisions .assent/decisions.jsonl --clients clients

Counts are of (person, coordinate). What was denied because nothing had been said is counted as granted when this bundle
could grant it, so that count is the most it could be. Exits with 1 when a line cannot be read.`,
    )
    .action((file: string, flags: SimulateFlags) => simulate(file, flags))

const simulate = async (file: string, flags: SimulateFlags): Promise<void> => {
  const vocabulary = vocabularyFromFile(flags.vocabulary ?? null)
  const bundle = policyFromFile(file, vocabulary)
  const clausesOf =
    flags.supergraph === undefined
      ? await clausesOfGranted(flags.decisions)
      : clausesOfSupergraph(flags.supergraph)
  const options = { placeOf: placesOf(flags.clients, vocabulary), clausesOf }
  const { counts, unreadable } = await replay(bundle, flags.decisions, options)
  if (flags.json) console.log(JSON.stringify({ policy: bundle.id, counts, unreadable }, null, 2))
  else console.log(countsAsText(bundle, counts))
  if (unreadable.length > 0)
    console.error(`${unreadable.length} lines could not be read, the first is line ${unreadable[0] ?? ''}.`)
  const isLoosened = counts.some(({ granted }) => granted > 0)
  if (unreadable.length > 0 || (flags.failOnLoosen && isLoosened)) process.exitCode = EXIT.failed
}

const replay = async (
  bundle: PolicyBundle,
  file: string,
  options: ReplayOptions,
): Promise<{ counts: readonly ReplayCount[]; unreadable: readonly number[] }> => {
  const run = createReplay(bundle, options)
  const unreadable: number[] = []
  for await (const { record, line } of recordsIn(file, `Trying ${bundle.name} ${bundle.version}`)) {
    if (record === null) unreadable.push(line)
    else run.add(record)
  }
  return { counts: run.counts(), unreadable }
}

/** Without a supergraph, what was granted anywhere in the log tells what its coordinate asks for. */
const clausesOfGranted = async (file: string): Promise<ReplayOptions['clausesOf']> => {
  const known = new Map<string, Clauses>()
  for await (const { record } of recordsIn(file, 'Reading what was granted'))
    for (const [coordinate, scopes] of Object.entries(record?.granted ?? {}))
      known.set(coordinate, [[scopes]])
  return (coordinate) => known.get(coordinate)
}

const clausesOfSupergraph = (file: string): ReplayOptions['clausesOf'] => {
  const protections = protectionsOf(file)
  return (coordinate) => protections.get(coordinate)?.clauses.map(({ anyOf }) => anyOf)
}

const protectionsOf = (file: string): ProtectionMap['protections'] => {
  try {
    return readProtection(readSupergraph(readFileSync(file, 'utf8'))).map.protections
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', file, { cause })
  }
}

const placesOf = (directory: string | undefined, vocabulary: Vocabulary): ReplayOptions['placeOf'] => {
  if (directory === undefined) return () => ({})
  const contracts = contractsInDirectory(directory, vocabulary)
  return (client) => contracts.find(client)?.context ?? {}
}

/** Line by line: a log may be larger than memory. */
async function* recordsIn(
  file: string,
  what: string,
): AsyncGenerator<{ record: RecordedDecision | null; line: number }> {
  const size = sizeOf(file)
  const input = createReadStream(file)
  const progress = createProgress(what, size)
  let line = 0
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line++
    progress.at(input.bytesRead)
    if (text !== '') yield { record: readRecordedDecision(text), line }
  }
  progress.end()
}

const sizeOf = (file: string): number => {
  try {
    return statSync(file).size
  } catch (cause) {
    const fault = {
      name: file,
      place: '--decisions',
      problem: 'cannot be read.',
      remedy: 'Name a decision log.',
    }
    throw new AssentError('CONFIG_INVALID', '--decisions', { cause, faults: [fault] })
  }
}

/** On a terminal only: what is piped on is not interrupted. */
const createProgress = (what: string, size: number): { at(bytes: number): void; end(): void } => {
  let shown = -1
  const isTerminal = process.stderr.isTTY
  return {
    at(bytes) {
      const percent = size === 0 ? 100 : Math.floor((100 * bytes) / size)
      if (!isTerminal || percent === shown) return
      shown = percent
      process.stderr.write(`\r${what}  ${String(percent).padStart(3)} %`)
    },
    end() {
      if (isTerminal) process.stderr.write('\r\u001B[K')
    },
  }
}

const countsAsText = ({ id }: PolicyBundle, counts: readonly ReplayCount[]): string => {
  const sum = (of: 'same' | 'denied' | 'granted' | 'undecided'): number =>
    counts.reduce((total, count) => total + count[of], 0)
  const changed = counts.filter(({ denied, granted, undecided }) => denied + granted + undecided > 0)
  const rows = changed.map(({ coordinate, region, same, denied, granted, undecided }) =>
    [coordinate, region ?? '(any)', same, denied, granted, undecided].map(String),
  )
  const head = ['coordinate', 'region', 'same', 'would be denied', 'would be granted', 'cannot be told']
  return [
    ...(rows.length === 0 ? [] : [table([head, ...rows])]),
    `${id}: ${sum('same')} the same, ${sum('denied')} would be denied, ${sum('granted')} would be granted, ${sum('undecided')} cannot be told`,
  ].join('\n')
}
