import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { MatchThresholds } from '../subgraphs/identity/matching/match-result.ts'
import { whyUnwritable } from './atomic-files.ts'
import { matchTables, type MatchFlags } from './match-tables.ts'
import { regionCode } from './region-code.ts'
import { wholeNumber } from './whole-number.ts'

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

export const matchCommand = (): Command =>
  new Command('match')
    .description(
      'Tells which rows of tables are about the same person. Learns from the rows, without labels.',
    )
    .requiredOption('--input <file>', 'a table with a header line; say it again for more', several)
    .option('--mapping <file>', 'what the columns hold (YAML); once for all tables, or once a table', several)
    .option('--output <file>', 'pairs: left_id,right_id,probability,decision (merge or possible)')
    .option('--clusters <file>', 'every row with its person: id,cluster')
    .option('--propose', 'only writes the mapping that names and values of the columns suggest')
    .option('--explain <ids...>', 'two ids: what speaks for and against their being one person')
    .option('--thresholds <possible,merge>', 'probabilities from which on a pair is told', thresholds)
    .option('--model <file>', 'what was learned: read if it is there, else written')
    .option('--seed <number>', 'the same seed and rows give the same answer', wholeNumber)
    .option('--skip-broken', 'goes on without rows that cannot be read')
    .option('--qualify-ids', 'writes ids as file:id, for tables that share ids')
    .option('--region <code>', 'where these people live: how 03/04/1990 is read', regionCode)
    .option('--encoding <name>', 'how the tables are written (default: found out)')
    .option('--separator <character>', 'between cells (default: found out)', oneCharacter)
    .addHelpText(
      'after',
      `
Examples:
  $ assent identity match --input people.csv --propose > mapping.yaml
  $ assent identity match --input people.csv --mapping mapping.yaml --output pairs.csv --clusters clusters.csv
  $ assent identity match --input people.csv --mapping mapping.yaml --explain r00012 r04711

Mapping, files and report: docs/matching.md. Exits with 1 when a table cannot be read, 2 for a wrong mapping.`,
    )
    .action(async (flags: MatchFlags, command: Command) => {
      const problem = misuse(flags)
      if (problem !== null) command.error(`error: ${problem}`)
      await matchTables(flags)
    })

/** What commander cannot tell by itself. Null: nothing is wrong. */
const misuse = ({ input, output, clusters, model, explain, propose }: MatchFlags): string | null => {
  if (explain !== undefined && explain.length !== 2) return '--explain takes two ids'
  if (explain !== undefined && explain[0] === explain[1]) return '--explain takes two different ids'
  const written = [output, clusters].filter((path) => path !== undefined)
  if (written.length === 0 && explain === undefined && !propose)
    return 'name --output or --clusters, or ask to --explain or --propose'
  const all = [...input, ...written, ...(model === undefined ? [] : [model])].map((path) => resolve(path))
  const twice = all.find((path, at) => all.indexOf(path) !== at)
  if (twice !== undefined) return `${twice} is named twice`
  const unwritable = [...written, ...(model === undefined ? [] : [model])].map(whyUnwritable)
  return unwritable.find((why) => why !== null) ?? null
}

const thresholds = (written: string): MatchThresholds => {
  const parts = written.split(',').map(Number)
  const [possible = NaN, merge = NaN] = parts
  if (parts.length !== 2 || !(possible > 0 && possible <= merge && merge <= 1))
    throw new InvalidArgumentError('write two probabilities, the smaller one first, such as 0.5,0.99.')
  return { possible, merge }
}

const oneCharacter = (written: string): string => {
  const character = written === '\\t' ? '\t' : written
  if (character.length !== 1 || /["\r\n]/.test(character))
    throw new InvalidArgumentError('write one character; \\t is the tabulator.')
  return character
}
