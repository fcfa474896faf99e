import { readFileSync } from 'node:fs'
import { AssentError } from '../gateway/errors.ts'
import type { MatchModel } from '../subgraphs/identity/matching/match-model.ts'
import type {
  MatchOptions,
  MatchResult,
  MatchThresholds,
} from '../subgraphs/identity/matching/match-result.ts'
import { match } from '../subgraphs/identity/matching/match.ts'
import { readTableMapping, type TableMapping } from '../subgraphs/identity/matching/table/mapping.ts'
import { openSources } from '../subgraphs/identity/matching/table/open-sources.ts'
import { mappingAsYaml } from '../subgraphs/identity/matching/table/propose-mapping.ts'
import { createReading, type Reading, type Source } from '../subgraphs/identity/matching/table/read-rows.ts'
import type { PersonRow } from '../subgraphs/identity/matching/person-row.ts'
import { matchProgress } from './match-progress.ts'
import { matchReport } from './match-report.ts'
import { modelFromFile } from './model-file.ts'
import { unknownId, waterfall } from './waterfall.ts'
import { writeMatches } from './write-matches.ts'

export interface MatchFlags {
  readonly input: readonly string[]
  readonly mapping?: readonly string[]
  readonly output?: string
  readonly clusters?: string
  readonly propose?: true
  readonly explain?: readonly string[]
  readonly thresholds?: MatchThresholds
  readonly model?: string
  readonly seed?: number
  readonly skipBroken?: true
  readonly qualifyIds?: true
  readonly region?: string
  readonly encoding?: string
  readonly separator?: string
}

/** From tables to pairs, clusters and a report. Everything that is wrong is told before anything is written. */
export const matchTables = async (flags: MatchFlags): Promise<void> => {
  const sources = await sourcesOf(flags)
  if (flags.propose) return console.log(proposals(sources))
  if (flags.mapping === undefined) console.error(`No --mapping. Read as:\n${proposals(sources)}`)
  const reading = createReading(sources, {
    isSkippingBroken: flags.skipBroken ?? false,
    isQualifying: flags.qualifyIds ?? false,
  })
  const known = flags.model === undefined ? null : modelFromFile(flags.model)
  const result = await matched(flags, { reading, sources, known })
  await answer(flags, { reading, result, isLearned: known === null })
}

interface Matched {
  readonly reading: Reading
  readonly result: MatchResult
  readonly isLearned: boolean
}

const answer = async (flags: MatchFlags, { reading, result, isLearned }: Matched): Promise<void> => {
  const { output, clusters, model, explain } = flags
  const explained = explain === undefined ? null : waterfall(explain, result)
  await writeMatches(isLearned ? { output, clusters, model } : { output, clusters }, result)
  const isReported = output !== undefined || clusters !== undefined
  if (isReported) console.log(matchReport(reading, result, isLearned ? null : (model ?? null)))
  if (explained !== null) console.log(explained)
}

const sourcesOf = ({
  input,
  mapping = [],
  region,
  encoding,
  separator,
}: MatchFlags): Promise<readonly Source[]> =>
  openSources({
    files: input,
    mappings: mapping.map((file) => ({ mapping: mappingFromFile(file), place: file })),
    region: region ?? null,
    encoding: encoding ?? null,
    separator: separator ?? null,
  })

const optionsOf = ({ seed, thresholds }: MatchFlags, model: MatchModel | null): MatchOptions => ({
  ...(model !== null && { model }),
  ...(seed !== undefined && { seed }),
  ...(thresholds !== undefined && { thresholds }),
})

interface Read {
  readonly reading: Reading
  readonly sources: readonly Source[]
  readonly known: MatchModel | null
}

const matched = async (flags: MatchFlags, { reading, sources, known }: Read): Promise<MatchResult> => {
  const progress = matchProgress(process.stderr, sources)
  try {
    const rows = withIds(flags.explain ?? [], reading.rows(progress.bytes))
    return await match(rows, { ...optionsOf(flags, known), progress: progress.step })
  } finally {
    progress.end()
  }
}

/** Refuses ids that are none as soon as everything is read: what follows may take minutes. */
async function* withIds(ids: readonly string[], rows: AsyncIterable<PersonRow>): AsyncGenerator<PersonRow> {
  const missing = new Set(ids)
  for await (const row of rows) {
    missing.delete(row.id)
    yield row
  }
  if (missing.size > 0) throw unknownId([...missing])
}

const proposals = (sources: readonly Source[]): string =>
  sources
    .map(
      ({ table, mapping }) =>
        `${sources.length > 1 ? `# ${table.file}\n` : ''}${mappingAsYaml(mapping).trimEnd()}`,
    )
    .join('\n---\n')

const mappingFromFile = (file: string): TableMapping => {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AssentError('CONFIG_INVALID', '--mapping', {
      cause,
      faults: [{ name: file, place: '--mapping', problem: 'cannot be read.', remedy: 'Name a YAML file.' }],
    })
  }
  return readTableMapping(text, file)
}
