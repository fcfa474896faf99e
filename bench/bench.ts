// `npm run bench -- --help`. Starts everything itself: the stand-in for the subgraphs, the load, the contenders.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Contender } from './contender.ts'
import { CONTENDERS } from './contenders.ts'
import { installPeers, PEERS } from './peers.ts'
import { compareContenders, type CompareOptions } from './compare-contenders.ts'
import { SHOP_QUERIES, type ShopQuery } from './shop/shop-queries.ts'
import { comparisonTable } from './comparison-table.ts'

interface Flags {
  readonly rounds: number
  readonly seconds: number
  readonly warm: number
  readonly only?: readonly string[]
  readonly query?: ShopQuery
  readonly peers?: true
}

const list = (written: string): string[] => written.split(',')

const positive = (written: string): number => {
  const number = Number(written)
  if (!(number > 0)) throw new InvalidArgumentError('write a number above 0.')
  return number
}

const root = fileURLToPath(new URL('..', import.meta.url))
const results = join(root, 'bench/results')

const program = new Command('bench')
  .description(
    'What a request costs in this gateway, beside the limit: a bare process that makes the same calls.',
  )
  .option('--rounds <number>', 'interleaved rounds', positive, 5)
  .option('--seconds <number>', 'seconds measured each time', positive, 5)
  .option('--warm <number>', 'seconds of load before each measurement of a contender', positive, 4)
  .option(
    '--only <names>',
    `only these, by comma: ${[...CONTENDERS, ...PEERS].map(({ name }) => name).join('; ')}`,
    list,
  )
  .addOption(new Option('--query <name>', 'only this query').choices(Object.keys(SHOP_QUERIES)))
  .option('--peers', 'other gateways, too; installs them the first time')
  .action(async (flags: Flags) => {
    build()
    const directory = mkdtempSync(join(tmpdir(), 'assent-bench-'))
    try {
      await compare(flags, directory)
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

const chosen = ({ only, peers }: Flags): Contender[] => {
  const named = PEERS.some(({ name }) => only?.includes(name))
  const all = [...CONTENDERS, ...(peers || named ? PEERS : [])]
  if (peers || named) installPeers()
  return all.filter(({ name }) => only?.includes(name) ?? true)
}

const compare = async (flags: Flags, directory: string): Promise<void> => {
  const options: CompareOptions = {
    ...flags,
    directory,
    contenders: chosen(flags),
    queries: flags.query === undefined ? ['big', 'small'] : [flags.query],
    progress: (line) => console.error(line),
  }
  const comparison = await compareContenders(options)
  const text = comparisonTable(comparison)
  console.log(text)
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'latest.md'), text)
  writeFileSync(join(results, 'latest.json'), JSON.stringify(comparison, null, 1))
}

await program.parseAsync()
