import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { contractsInDirectory } from '../gateway/adapters/contract-files.ts'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import type { Config } from '../gateway/config.ts'
import { importConsents, type ImportProgress } from '../subgraphs/consent/import/import-consents.ts'
import type { KnownWords } from '../subgraphs/consent/import/import-row.ts'
import { journalFiles } from '../subgraphs/consent/import/journal.ts'
import { OWN_NAMES, readMapping } from '../subgraphs/consent/import/mapping.ts'
import { isPlace } from '../subgraphs/consent/policy/places.ts'
import { lockDataDirectory } from '../subgraphs/data-directory.ts'
import { openStores } from '../subgraphs/open-stores.ts'
import { EXIT } from './exit-code.ts'
import { packageFile } from './package-file.ts'
import { policyFromFile } from './policy-file.ts'
import { progressBar } from './progress-bar.ts'
import { keysOf } from './keys-of.ts'
import { configOption, readSettings } from './read-settings.ts'
import { receiptSecretsOf } from './receipt-secrets-of.ts'
import { wholeNumber } from './whole-number.ts'

interface Flags {
  readonly format?: 'csv' | 'ndjson'
  readonly mapping?: string
  readonly policy?: string
  readonly batch?: number
  readonly anew?: true
  readonly config?: string
  readonly data?: string
}

export const consentImportCommand = (): Command =>
  new Command('import')
    .description(
      'Takes in what people said elsewhere, a row for each word: CSV with a header line, or NDJSON.',
    )
    .argument('<file>', 'the file; what became of each row is written beside it')
    .addOption(
      new Option('--format <name>', 'default: by the end of the file name').choices(['csv', 'ndjson']),
    )
    .option('--mapping <file>', 'which column stands for what (YAML); default: columns named as the fields')
    .option('--policy <file>', 'a bundle whose groups and brands may be named, too')
    .option('--batch <rows>', 'how many rows are written at once', wholeNumber)
    .option('--anew', 'begins at the first row although an import of this file was broken off')
    .addOption(configOption())
    .option('--data <directory>', 'directory of the embedded stores, and of the keys that are kept there')
    .addHelpText(
      'after',
      `
Examples:
  $ assent consent import consents.csv
  $ assent consent import export.ndjson --mapping mapping.yaml --policy policies/default.yaml

The same file again changes nothing, and an import that was broken off goes on where it was. Fields, mapping and the
outcome file: docs/import.md. Exits with 1 when a row was refused.`,
    )
    .action(async (file: string, flags: Flags, command: Command) => {
      const format = flags.format ?? /\.(csv|ndjson)$/.exec(file)?.[1]
      if (format !== 'csv' && format !== 'ndjson') command.error('error: name a --format, csv or ndjson')
      await importFile(file, { ...flags, format })
    })

const importFile = async (
  file: string,
  { format, mapping, batch, anew, ...flags }: Flags & { readonly format: 'csv' | 'ndjson' },
): Promise<void> => {
  const { config: configFile, data } = flags
  const defaults = { clients: packageFile('clients') }
  const config = readSettings(configFile, { defaults, overrides: data === undefined ? {} : { data } })
  const options = {
    format,
    mapping: mapping === undefined ? OWN_NAMES : readMapping(readFileSync(mapping, 'utf8')),
    words: knownWords(config, flags.policy),
    clock: Date.now,
    isAnew: anew ?? false,
    ...(batch !== undefined && { batchRows: Math.max(1, batch) }),
  }
  await atConsentStore(config, async (store) => {
    const bar = progressBar(process.stderr)
    const onProgress = ({ position, bytes, rows, counts }: ImportProgress): void =>
      bar.show(position.offset, bytes, `${rows} rows, ${counts.refused} refused`)
    const { rows, counts, isResumed } = await importConsents(store, file, { ...options, onProgress }).finally(
      () => bar.end(),
    )
    if (isResumed) console.error('An import that was broken off was finished.')
    console.log(
      `${rows} rows: ${counts.written} written, ${counts.already} there already, ${counts.refused} refused; each in ${journalFiles(file).outcome}`,
    )
    if (counts.refused > 0) process.exitCode = EXIT.failed
  })
}

const knownWords = (config: Config, policy: string | undefined): KnownWords => {
  const vocabulary = vocabularyFromFile(config.vocabulary)
  const bundle = policy === undefined ? null : policyFromFile(policy, vocabulary)
  const contracts = contractsInDirectory(config.clients, vocabulary)
  return {
    vocabulary,
    isRegion: (region) => isPlace(region) || bundle?.groups.has(region) === true,
    isBrand: (brand) => bundle === null || bundle.brands.length === 0 || bundle.brands.includes(brand),
    isClient: (client) => contracts.find(client) !== undefined,
  }
}

type ConsentStore = Awaited<ReturnType<typeof openStores>>['consent']

const atConsentStore = async (
  config: Config,
  work: (store: ConsentStore) => Promise<void>,
): Promise<void> => {
  const { data, postgresUrl } = config
  const receiptSecrets = receiptSecretsOf(config)
  // A server has many clients; an embedded database has one.
  const lock = postgresUrl === null ? lockDataDirectory(data) : null
  try {
    const stores = await openStores({
      dataDir: data,
      keys: keysOf(config),
      ...(postgresUrl !== null && { postgresUrl }),
      ...(receiptSecrets !== null && { receiptSecrets }),
    })
    try {
      await work(stores.consent)
    } finally {
      await stores.close()
    }
  } finally {
    lock?.release()
  }
}
