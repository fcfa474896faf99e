import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import { lockDataDirectory } from '../subgraphs/data-directory.ts'
import { importCrmCsv } from '../subgraphs/identity/crm-csv.ts'
import { createPseudonymizer } from '../subgraphs/identity/pseudonyms/pseudonym.ts'
import { openStores } from '../subgraphs/open-stores.ts'
import { generateRetailer } from '../subgraphs/retailer/generate.ts'
import { EXIT } from './exit-code.ts'
import { day } from './day.ts'
import { keysOf } from './keys-of.ts'
import { readSettings } from './read-settings.ts'
import { regionCode } from './region-code.ts'
import { wholeNumber } from './whole-number.ts'

export const dataCommand = (): Command =>
  new Command('data')
    .description('Makes up data, or brings data in.')
    .addCommand(generateCommand())
    .addCommand(importCommand())

interface GenerateFlags {
  readonly people: number
  readonly events: number
  readonly seed: number
  readonly now: number
  readonly output: string
}

const generateCommand = (): Command =>
  new Command('generate')
    .description('Makes up a retailer: the same numbers give the same one, and nobody in it exists.')
    .option('--people <number>', 'how many people', wholeNumber, 10_000)
    .option('--events <number>', 'how many things they did', wholeNumber, 200_000)
    .option('--seed <number>', 'which retailer', wholeNumber, 1)
    .addOption(
      // A fixed day: the same numbers give the same retailer, tomorrow as well.
      new Option('--now <date>', 'everything happened before this day')
        .argParser(startOf)
        .default(startOf('2026-01-01'), '2026-01-01'),
    )
    .requiredOption('-o, --output <directory>', 'where to write one JSON Lines file for each kind')
    .addHelpText(
      'after',
      '\nExample:\n  $ assent data generate --people 500 --events 10000 --now 2026-01-01 -o retailer',
    )
    .action(async ({ output, ...options }: GenerateFlags) => {
      const { people, records, products, events, receipts } = generateRetailer(options)
      mkdirSync(output, { recursive: true })
      for (const [name, rows] of Object.entries({ people, records, products, events, receipts })) {
        await pipeline(Readable.from(jsonLines(rows)), createWriteStream(join(output, `${name}.jsonl`)))
        console.log(`${name}.jsonl  ${rows.length}`)
      }
    })

function* jsonLines(rows: readonly unknown[]): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`
}

interface ImportFlags {
  readonly data: string
  readonly region?: string
}

const importCommand = (): Command =>
  new Command('import')
    .description(
      'Brings a CRM export (CSV) into the identity store of a data directory that `assent start` has made.',
    )
    .argument('<file>', 'the CSV file, with a header line')
    .option('--data <directory>', 'directory of the embedded stores', '.assent')
    .option('--region <code>', 'where these people live (ISO 3166-1 alpha-2)', regionCode)
    .addHelpText('after', '\nExample:\n  $ assent data import crm.csv --region DE')
    .action(async (file: string, flags: ImportFlags, command: Command) => {
      if (!existsSync(file)) command.error(`error: ${file} does not exist`)
      if (!existsSync(join(flags.data, 'pglite')))
        command.error(`error: ${flags.data} has no stores yet; run \`assent start\` once`)
      await importFile(file, flags)
    })

const importFile = async (file: string, { data, region }: ImportFlags): Promise<void> => {
  const lock = lockDataDirectory(data)
  const keys = keysOf(readSettings(undefined, { overrides: { data } }))
  const stores = await openStores({ dataDir: data, keys })
  const pseudonymizer = createPseudonymizer({ ring: stores.keys, tenant: keys.tenant ?? '' })
  try {
    const onProgress = (rows: number): void => console.error(`${rows} rows read`)
    const { identity: store, vault } = stores
    const options = { store, vault, pseudonymizer, ...(region !== undefined && { region }), onProgress }
    const report = await importCrmCsv(createReadStream(file), options)
    await stores.analyze()
    for (const { line, problem } of report.faults) console.error(`${file}:${line}  ${problem}`)
    console.log(
      `${report.rows} rows: ${report.imported} imported, ${report.newPeople} new people, ${report.faults.length} left out, ${report.erased} of people who were erased`,
    )
    if (report.imported === 0) process.exitCode = EXIT.failed
  } finally {
    await stores.close()
    lock.release()
  }
}

function startOf(written: string): number {
  return Date.parse(day(written))
}
