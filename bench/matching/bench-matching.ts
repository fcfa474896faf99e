import { spawn } from 'node:child_process'
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crmLikePeople } from '../../test/support/people/crm-like-people.ts'
import { febrlLikePeople, type FebrlOptions } from '../../test/support/people/febrl-like-people.ts'
import { asCsv, asMapping, type LabelledPeople } from '../../test/support/people/labelled-people.ts'
import { scoreClusters, scorePairs } from '../../test/support/people/score-matching.ts'

export interface MatchingBenchOptions {
  /** Empty; tables and what is found go here. */
  readonly directory: string
  /** Records of the largest table. */
  readonly records: number
  readonly progress: (line: string) => void
}

/** `assent identity match` on people made up for it, whose answers are known, as a Markdown table. */
export const benchMatching = async ({
  directory,
  records,
  progress,
}: MatchingBenchOptions): Promise<string> => {
  const rows: string[] = []
  for (const [name, make] of SETS) {
    progress(name)
    // eslint-disable-next-line no-await-in-loop -- one after the other: each is measured
    rows.push(await measured(name, await tableOf([make()], directory), directory))
  }
  progress(`${records} customers`)
  const large = await tableOf(customers(records), directory)
  rows.push(await measured('customers', large, directory))
  return `| people | records | precision | recall | F1 | mixed clusters | precision of merges | recall of merges | CPU, s | RSS, MiB |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}
`
}

const febrl = (
  copies: FebrlOptions['copies'],
  without: NonNullable<FebrlOptions['without']>,
): LabelledPeople => febrlLikePeople({ people: copies === 'one' ? 5000 : 2000, seed: 41, copies, without })

const SETS: readonly (readonly [name: string, make: () => LabelledPeople])[] = [
  ['customers', () => crmLikePeople({ people: 4000, seed: 41 })],
  ['two lists', () => febrl('one', [])],
  ['two lists, no id', () => febrl('one', ['soc_sec_id'])],
  ['two lists, no id, no birth date', () => febrl('one', ['soc_sec_id', 'date_of_birth'])],
  ['up to five copies', () => febrl('many', [])],
  ['up to five copies, no id', () => febrl('many', ['soc_sec_id'])],
  ['up to five copies, no id, no birth date', () => febrl('many', ['soc_sec_id', 'date_of_birth'])],
]

/** Towns of 20,000 people that know nothing of one another but have the same names. */
function* customers(records: number): Generator<LabelledPeople> {
  for (let [seed, made] = [1, 0]; made < records; seed += 1) {
    const town = crmLikePeople({ people: 20_000, seed })
    const rows = town.rows.slice(0, records - made)
    made += rows.length
    yield { ...town, rows }
  }
}

type Truth = ReadonlyMap<string, number>

/** Writes table and mapping. Ids and people of each part are told apart. */
const tableOf = async (parts: Iterable<LabelledPeople>, directory: string): Promise<Truth> => {
  const out = createWriteStream(join(directory, 'people.csv'))
  const truth = new Map<string, number>()
  let [part, before] = [0, 0]
  for (const { rows, personOf, ...people } of parts) {
    if (part === 0) writeFileSync(join(directory, 'mapping.yaml'), asMapping(people))
    if (part === 0) out.write(asCsv({ columns: people.columns, rows: [] }))
    const named = rows.map(([id = '', ...cells]) => {
      truth.set(`${part}-${id}`, before + (personOf.get(id) ?? 0))
      return [`${part}-${id}`, ...cells]
    })
    const [columns = [], ...others] = named
    // eslint-disable-next-line no-await-in-loop -- no more is held than the disk takes
    if (!out.write(asCsv({ columns, rows: others }))) await once(out, 'drain')
    before += personOf.size
    part += 1
  }
  out.end()
  await once(out, 'finish')
  return truth
}

const measured = async (name: string, truth: Truth, directory: string): Promise<string> => {
  const last = await run(directory)
  const [cpu = '', rss = ''] = [/([\d.]+) s of CPU/.exec(last)?.[1], /(\d+) MB at most/.exec(last)?.[1]]
  const clusters = scoreClusters(linesOf(join(directory, 'clusters.csv')), truth)
  const merges = scorePairs(mergesIn(join(directory, 'pairs.csv')), truth)
  const cells = [
    name,
    truth.size.toLocaleString('en'),
    ...[clusters.precision, clusters.recall, clusters.f1].map((share) => share.toFixed(4)),
    clusters.mixedClusters,
    ...[merges.precision, merges.recall].map((share) => share.toFixed(4)),
    cpu,
    rss,
  ]
  return `| ${cells.join(' | ')} |`
}

/** The last line of the report. */
const run = async (directory: string): Promise<string> => {
  const args = '--input people.csv --mapping mapping.yaml --output pairs.csv --clusters clusters.csv'.split(
    ' ',
  )
  const program = fileURLToPath(new URL('../../bin/assent.js', import.meta.url))
  const child = spawn(process.execPath, [program, 'identity', 'match', ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error('matching failed')
  return out.trimEnd().split('\n').at(-1) ?? ''
}

function* linesOf(file: string): Generator<readonly [string, string]> {
  for (const cells of rowsOf(file)) yield [cells[0] ?? '', cells[1] ?? '']
}

function* mergesIn(file: string): Generator<readonly [string, string]> {
  for (const [left = '', right = '', , decision] of rowsOf(file))
    if (decision === 'merge') yield [left, right]
}

function* rowsOf(file: string): Generator<readonly string[]> {
  const text = readFileSync(file, 'utf8')
  let at = text.indexOf('\n') + 1
  while (at < text.length) {
    const end = text.indexOf('\n', at)
    yield text.slice(at, end).split(',')
    at = end + 1
  }
}
