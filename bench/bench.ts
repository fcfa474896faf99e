// `npm run bench -- --help`. Starts everything itself: the stand-in for the subgraphs, the load, the contenders.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { compareContenders, type CompareOptions, type Workload } from './compare-contenders.ts'
import { comparisonChart } from './comparison-chart.ts'
import { comparisonTable } from './comparison-table.ts'
import { benchCheck } from './bench-check.ts'
import { benchDecisions } from './consent/bench-decisions.ts'
import { benchImport } from './consent/bench-import.ts'
import type { Contender } from './contender.ts'
import { assent, CONTENDERS, DEDUPE_OFF } from './contenders.ts'
import { benchEvents } from './events/bench-events.ts'
import { benchFeatures } from './features/bench-features.ts'
import { benchMatching } from './matching/bench-matching.ts'
import { measureMemory } from './measure-memory.ts'
import { benchIdentity } from './identity/bench-identity.ts'
import { installPeers, PEERS } from './peers.ts'
import { openAndGranted, PEOPLE, PEOPLE_CONTENDERS } from './people/people-contenders.ts'
import { peopleQuery } from './people/people-schemas.ts'
import { profileGateway } from './profile-gateway.ts'
import { publish } from './publish.ts'
import { answerWhole } from './shop/shop-oracle.ts'
import { SHOP_QUERIES, SHOP_QUERY_NAMES, type ShopQuery } from './shop/shop-queries.ts'
import { sourceProgram } from './start-program.ts'
import { benchVectors } from './vectors/bench-vectors.ts'

interface Flags {
  readonly rounds: number
  readonly turns: number
  readonly seconds: number
  readonly warm: number
  readonly only?: readonly string[]
  readonly query?: ShopQuery
  readonly peers?: true
  readonly fence?: true
  readonly memory?: true
  readonly consent?: true
  readonly import?: true
  readonly features?: true
  readonly check?: true
  readonly events?: true
  readonly people: number
  readonly entities: number
  readonly rows: number
  readonly vectors?: true
  readonly vectorCount: number
  readonly match?: true
  readonly identity?: true
  readonly pgliteRecords: number
  readonly questions: number
  readonly keep?: string
  readonly records: number
  readonly subjects: number
  readonly pgliteSubjects: number
  readonly requests: number
  readonly minutes: number
  readonly profile?: ShopQuery | 'people'
  readonly atOnce: number
  readonly publish?: true
}

const list = (written: string): string[] => written.split(',')

const positive = (written: string): number => {
  const number = Number(written)
  if (!(number > 0)) throw new InvalidArgumentError('write a number above 0.')
  return number
}

const root = fileURLToPath(new URL('..', import.meta.url))
const results = join(root, 'bench/results')
const names = [...CONTENDERS, ...PEERS].map(({ name }) => name).join(', ')

const program = new Command('bench')
  .description(
    'What a request costs in this gateway, beside the limit: a bare process that makes the same calls.',
  )
  .option('--rounds <number>', 'interleaved rounds', positive, 5)
  .option('--seconds <number>', 'seconds measured of each in a round', positive, 5)
  .option('--turns <number>', 'how often everybody comes in turn in a round', positive, 5)
  .option('--warm <number>', 'seconds of load before each contender is measured', positive, 4)
  .option('--only <names>', `only these, by comma: ${names}`, list)
  .addOption(new Option('--query <name>', 'only this query').choices(SHOP_QUERY_NAMES))
  .option('--peers', 'other gateways, too; installs them the first time')
  .option('--fence', 'instead: what the consent of 50 people costs, and of lists of 10 to 10,000')
  .option('--memory', 'instead: RSS over many small requests')
  .option('--consent', 'instead: decisions about 100 people, out of a million with three receipts each')
  .option('--subjects <number>', 'people of --consent in PostgreSQL', positive, 1_000_000)
  .option('--pglite-subjects <number>', 'people of --consent in PGlite', positive, 100_000)
  .option('--import', 'instead: an import of consents into PostgreSQL, and withdrawals beside it')
  .option('--rows <number>', 'rows of --import', positive, 1_000_000)
  .option('--features', 'instead: twenty features of a hundred people, out of a million')
  .option('--check', 'instead: a check of 60 subgraphs and 5,000 types, of which one was changed')
  .option('--entities <number>', 'people of --features', positive, 1_000_000)
  .option('--events', 'instead: events over HTTP into the embedded house, for so many seconds')
  .option('--people <number>', 'people of --events', positive, 2_000)
  .option('--vectors', 'instead: who is near, where 1 %, 10 % and 50 % of 100,000 consent')
  .option('--vector-count <number>', 'vectors of --vectors', positive, 100_000)
  .option('--match', 'instead: how well and how fast people are matched')
  .option(
    '--records <number>',
    'records of the largest table of --match, and of --identity',
    positive,
    1_000_000,
  )
  .option('--identity', 'instead: who a pid is, and why, in an identity graph of a million records')
  .option('--pglite-records <number>', 'records of --identity in PGlite', positive, 100_000)
  .option('--questions <number>', 'questions of --identity', positive, 20_000)
  .option('--keep <directory>', 'where the stores of --identity stay, filled for the next time')
  .option('--requests <number>', 'requests of --memory', positive, 1_000_000)
  .option('--minutes <number>', 'minutes that --memory may take', positive, 30)
  .addOption(
    new Option(
      '--profile <query>',
      'instead: a .cpuprofile of the gateway; of people: open, and fenced',
    ).choices([...SHOP_QUERY_NAMES, 'people']),
  )
  .option('--at-once <number>', 'requests under way in --profile', positive, 50)
  .option('--publish', 'writes what was measured into docs/performance.md')
  .action(async (flags: Flags) => {
    build()
    mkdirSync(results, { recursive: true })
    const directory = mkdtempSync(join(tmpdir(), 'assent-bench-'))
    try {
      await run(flags, { ...flags, directory, progress: (line) => console.error(line) })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

const build = (): void => {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.js'), '--if-stale'], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('the gateway does not build')
}

type Common = Omit<CompareOptions, 'contenders' | 'workloads'>

const run = async (flags: Flags, common: Common): Promise<void> => {
  if (flags.profile !== undefined) await profile(flags.profile, { ...flags, ...common })
  else if (flags.memory) await memory(flags, common)
  else if (flags.consent) await consent(flags, common)
  else if (flags.import) write('import', await benchImport({ ...flags, ...common }), flags)
  else if (flags.check) write('check', await benchCheck({ ...flags, ...common }), flags)
  else if (flags.features) await features(flags, common)
  else if (flags.events) write('events', await benchEvents({ ...flags, ...common }), flags)
  else if (flags.vectors)
    write(
      'vectors',
      await benchVectors({ ...flags, vectors: flags.vectorCount, progress: common.progress }),
      flags,
    )
  else if (flags.match) write('matching', await benchMatching({ ...flags, ...common }), flags)
  else if (flags.identity) await identity(flags, common)
  else if (flags.fence) await fence(flags, common)
  else await compare(flags, common)
}

const compare = async (flags: Flags, common: Common): Promise<void> => {
  const options = { ...common, contenders: chosen(flags), workloads: await shopWorkloads(flags.query) }
  const comparison = await compareContenders(options)
  write('comparison', comparisonTable(comparison), flags)
  writeFileSync(join(results, 'comparison.json'), JSON.stringify(comparison, null, 1))
  const chart = comparisonChart(comparison)
  writeFileSync(join(results, 'comparison.svg'), chart)
  if (flags.publish) writeFileSync(join(root, 'docs/performance.svg'), chart)
}

const chosen = ({ only, peers }: Flags): Contender[] => {
  const withPeers = peers === true || PEERS.some(({ name }) => only?.includes(name))
  if (withPeers) installPeers()
  return [...CONTENDERS, ...(withPeers ? PEERS : [])].filter(({ name }) => only?.includes(name) ?? true)
}

const shopWorkloads = (only?: ShopQuery): Promise<Workload[]> =>
  Promise.all(
    (only === undefined ? SHOP_QUERY_NAMES : [only]).map(async (name) => {
      const query = SHOP_QUERIES[name]
      return { name, query, expected: JSON.parse(JSON.stringify(await answerWhole(query))) as unknown }
    }),
  )

const fence = async (flags: Flags, common: Common): Promise<void> => {
  const workloads = [{ name: `${PEOPLE} people`, query: peopleQuery(PEOPLE), expected: null }]
  const comparison = await compareContenders({ ...common, contenders: PEOPLE_CONTENDERS, workloads })
  common.progress('lists of 10 to 10,000 people in one process')
  const { stdout } = spawnSync(process.execPath, sourceProgram('fence-in-process'), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  write('fence', `${comparisonTable(comparison)}\n### Lists, without sockets\n\n${stdout}`, flags)
}

const memory = async (flags: Flags, common: Common): Promise<void> => {
  // A machine that is busy with other work is slow, and that is no fault of what is measured.
  const patient = { ASSENT_SUBGRAPHS_TIMEOUT_MS: '120000', ASSENT_REQUEST_TIMEOUT_MS: '120000' }
  const contenders = [assent('assent', { ...DEDUPE_OFF, ...patient })]
  const workloads = await shopWorkloads(flags.query ?? 'small')
  write('memory', await measureMemory({ ...common, ...flags, contenders, workloads }), flags)
}

const features = async (flags: Flags, common: Common): Promise<void> => {
  const { BENCH_POSTGRES_URL: postgresUrl } = process.env
  const kept = postgresUrl === undefined ? {} : { postgresUrl }
  write('features', await benchFeatures({ ...flags, ...common, ...kept }), flags)
}

/** A server that is named in the environment is filled once and kept, with the directory of its keys. */
const consent = async (flags: Flags, common: Common): Promise<void> => {
  const { BENCH_POSTGRES_URL: postgresUrl, BENCH_KEYS: keys } = process.env
  const options = { ...flags, ...common, ...(postgresUrl !== undefined && { postgresUrl }) }
  write('consent', await benchDecisions({ ...options, directory: keys ?? common.directory }), flags)
}

/** Filling a store with a million records takes many times as long as asking it. */
const identity = async (flags: Flags, common: Common): Promise<void> => {
  const { keep } = flags
  if (keep !== undefined) mkdirSync(keep, { recursive: true })
  const kept = { directory: resolve(keep ?? common.directory), isKept: keep !== undefined }
  write('identity', await benchIdentity({ ...flags, ...common, ...kept }), flags)
}

const profile = async (
  query: ShopQuery | 'people',
  options: Common & Pick<Flags, 'atOnce'>,
): Promise<void> => {
  const nodeArgs = sourceProgram('profiler').flatMap((arg) => (arg === '--import' ? [] : ['--import', arg]))
  const env = (name: string) => ({ PROFILE: join(results, `${name}.cpuprofile`) })
  if (query !== 'people') {
    const gateway = assent('assent', { ...DEDUPE_OFF, ...env(query) }, nodeArgs)
    for (const workload of await shopWorkloads(query))
      console.log(await profileGateway({ ...options, gateway, workload, results }))
    return
  }
  for (const gateway of openAndGranted((name) => ({ nodeArgs, env: env(name) }))) {
    const workload = { name: gateway.name, query: peopleQuery(PEOPLE), expected: gateway.expected }
    console.log(await profileGateway({ ...options, gateway, workload, results }))
  }
}

/** Shows a part of the results, keeps it, and publishes it when asked. */
const write = (
  part:
    | 'comparison'
    | 'fence'
    | 'memory'
    | 'consent'
    | 'import'
    | 'matching'
    | 'identity'
    | 'features'
    | 'check'
    | 'events'
    | 'vectors',
  text: string,
  flags: Flags,
): void => {
  console.log(text)
  writeFileSync(join(results, `${part}.md`), text)
  if (flags.publish) publish(join(root, 'docs/performance.md'), part, text)
}

await program.parseAsync()
