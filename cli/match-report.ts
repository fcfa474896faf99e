import type { MatchResult } from '../subgraphs/identity/matching/match-result.ts'
import type { ColumnCounts, Reading, SourceCounts } from '../subgraphs/identity/matching/table/read-rows.ts'
import { table } from './table.ts'

/** What was read, learned and found. Counts and names of columns, no value of anybody. */
export const matchReport = (reading: Reading, result: MatchResult, knownModel: string | null): string => {
  const { user, system } = process.cpuUsage()
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024)
  return [
    ...reading.sources.map((counts) => sourceText(counts)),
    ...brokenText(reading),
    blockingText(result),
    modelText(result, knownModel),
    foundText(result),
    `${result.records} records, ${((user + system) / 1e6).toFixed(1)} s of CPU, ${process.uptime().toFixed(1)} s in all, ${megabytes} MB at most`,
  ].join('\n\n')
}

const sourceText = ({ source, records, broken, columns }: SourceCounts): string => {
  const { file, encoding, isGuessed, separator } = source.table
  const unused = source.table.columns.filter(
    (column) => column !== source.mapping.id && !source.mapping.fields.has(column),
  )
  const written = `${encoding}${isGuessed ? ' (guessed; `--encoding` says it)' : ''}, separated by ${SEPARATORS[separator] ?? separator}`
  return [
    `${file}: ${records} records${broken > 0 ? `, ${broken} broken rows left out` : ''}; ${written}`,
    table([['column', 'kind', 'filled', 'left out'], ...columns.map((column) => columnRow(column, records))]),
    ...(unused.length > 0 ? [`not used: ${unused.join(', ')}`] : []),
  ].join('\n')
}

const SEPARATORS: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabulators',
  '|': 'bars',
}

const columnRow = ({ column, kind, filled, dropped }: ColumnCounts, records: number): readonly string[] => {
  const told = [
    [dropped.placeholder, 'placeholders'],
    [dropped.nobodys, 'that are nobody’s'],
    [dropped.unreadable, 'unreadable'],
  ] as const
  const left = told.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []))
  return [column, kind, percent(filled, records), left.join(', ')]
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(part === whole ? 0 : 1)} %`.padStart(6)

const brokenText = ({ faults, sources }: Reading): readonly string[] => {
  const broken = sources.reduce((sum, source) => sum + source.broken, 0)
  if (broken === 0) return []
  const told = faults.slice(0, MOST_FAULTS).map(({ file, line, code }) => `  ${file}:${line}  ${code}`)
  const rest = broken - told.length
  return [['Left out:', ...told, ...(rest > 0 ? [`  and ${rest} more`] : [])].join('\n')]
}

const MOST_FAULTS = 100

const blockingText = ({ blocking, model }: MatchResult): string => {
  const large = blocking.filter(({ oversized }) => oversized > 0)
  return [
    `${model.candidates} candidate pairs, found by ${blocking.map(({ name }) => name).join(', ')}`,
    ...large.map(
      ({ name, limit, oversized }) =>
        `  ${oversized} of ${name} are shared by more than ${limit} records: each of those is held against its neighbours only`,
    ),
  ].join('\n')
}

/** What was learned: how often each level is found, and what it is worth. */
const modelText = ({ model }: MatchResult, known: string | null): string => {
  const { version, seed, iterations, converged, prior, comparisons, vetoes } = model
  const learned = `${iterations} rounds of EM${converged ? '' : ', which did not converge'}, seed ${seed}`
  const levels = comparisons.flatMap(({ name, levels: all }) =>
    all
      .filter(({ m, h, u }) => Math.max(m, h, u) >= RARE)
      .map(({ name: level, m, u, h, byTerm }) => [
        name,
        level,
        ...[m, h, u].map(share),
        byTerm ? 'by its frequency' : bits(m, u),
      ]),
  )
  return [
    `Model ${version}: ${known === null ? learned : `of ${known}, nothing learned`}`,
    `${oneIn(prior.match)} pairs is one person, ${oneIn(prior.household)} one household`,
    table([['comparison', 'found', 'one person', 'household', 'strangers', 'bits'], ...levels]),
    ...vetoes.map(
      ({ name, why, inForce }) => `veto ${name}: ${inForce ? why : 'not in force, these data contradict it'}`,
    ),
  ].join('\n')
}

/** What is found less often than that is not worth a line. */
const RARE = 0.001

const share = (probability: number): string => probability.toPrecision(3)

const bits = (m: number, u: number): string => (m > 0 && u > 0 ? Math.log2(m / u).toFixed(1) : '')

const oneIn = (probability: number): string =>
  probability > 0 ? `one in ${Math.round(1 / probability).toLocaleString('en')}` : 'none'

const foundText = (result: MatchResult): string => {
  const { merge, possible } = result.model.thresholds
  let [merges, possibles] = [0, 0]
  for (const { decision } of result.pairs) {
    if (decision === 'merge') merges += 1
    else possibles += 1
  }
  const sizes = [...sizesOf(result)].toSorted(([one], [other]) => one - other)
  const people = sizes.reduce((sum, [, count]) => sum + count, 0)
  return [
    `Pairs: ${merges} to merge (probability from ${merge}), ${possibles} possible (from ${possible})`,
    `Clusters: ${people}`,
    table([['records', 'clusters'], ...sizes.map(([size, count]) => [String(size), String(count)])]),
  ].join('\n')
}

/** Size of a cluster → how many there are. */
const sizesOf = ({ clusters }: MatchResult): ReadonlyMap<number, number> => {
  const members = new Map<string, number>()
  for (const { cluster } of clusters) members.set(cluster, (members.get(cluster) ?? 0) + 1)
  const sizes = new Map<number, number>()
  for (const size of members.values()) sizes.set(size, (sizes.get(size) ?? 0) + 1)
  return sizes
}
