import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Command, InvalidArgumentError } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import type { Config } from '../gateway/config.ts'
import { toConsentRecord } from '../subgraphs/consent/receipts/consent-record.ts'
import { type Damage, DAMAGES } from '../subgraphs/consent/receipts/damage.ts'
import { importRecords } from '../subgraphs/consent/receipts/import-records.ts'
import { isPid } from '../subgraphs/consent/pids.ts'
import { openConsent, type OpenConsent } from '../subgraphs/open-consent.ts'
import {
  consumersCommand,
  linkCommand,
  redeliverCommand,
  resumeCommand,
  traceCommand,
} from './consent-events.ts'
import { consentImportCommand } from './consent-import.ts'
import { consentProbeCommand } from './consent-probe.ts'
import { atStoresOf } from './at-stores-of.ts'
import { CommandFailure } from './command-failure.ts'
import { EXIT } from './exit-code.ts'
import { configOption } from './read-settings.ts'
import { receiptSecretsOf } from './receipt-secrets-of.ts'

export const consentCommand = (): Command =>
  new Command('consent')
    .description(
      'Looks after receipts of consent: verifies, exports, imports and erases them; and after who is told of changes.',
    )
    .addCommand(verifyCommand())
    .addCommand(exportCommand())
    .addCommand(receiptCommand())
    .addCommand(consentImportCommand())
    .addCommand(importRecordsCommand())
    .addCommand(eraseCommand())
    .addCommand(consumersCommand())
    .addCommand(traceCommand())
    .addCommand(redeliverCommand())
    .addCommand(resumeCommand())
    .addCommand(consentProbeCommand())
    .addCommand(linkCommand())
    .addCommand(rebuildCommand())
    .addCommand(rewrapCommand())
    .addHelpText(
      'after',
      `
Examples:
  $ assent consent verify
  $ assent consent export --all > receipts.ndjson
  $ assent consent import-records receipts.ndjson
  $ assent consent consumers
  $ assent consent trace 4711`,
    )

interface StoreFlags {
  readonly config?: string
  readonly data?: string
}

const withStores = (command: Command): Command =>
  command
    .addOption(configOption())
    .option('--data <directory>', 'directory of the embedded stores, and of the keys that are kept there')

const verifyCommand = (): Command =>
  withStores(new Command('verify'))
    .description(
      'Proves that no receipt was changed, removed or put in, and that decisions read what was said. A store that was set back as a whole shows it by its revision alone: keep the one that is told, and ask for it the next time.',
    )
    .argument('[pid]', 'one person; default: everybody')
    .option('--newest <revision>', 'what an earlier run told: less than that is damage', readRevision)
    .action((pid: string | undefined, { newest: told, ...flags }: StoreFlags & { newest?: string }) =>
      atStores(flags, async (consent) => {
        const onProgress = progressOn(process.stderr)
        const found = await consent.verify({ onProgress, ...(pid !== undefined && { pid }) })
        const damages = [...found.damages, ...missing(Number(told ?? 0), found.newest)]
        for (const damage of damages) console.error(toldDamage(damage))
        const { people, receipts, erased, newest } = found
        if (pid !== undefined && people === 0 && damages.length === 0) return nobody(pid, 'verified')
        console.log(
          `${receipts} receipts of ${people} people (${erased} erased), revision ${newest}: ${damages.length === 0 ? 'nothing damaged' : `${damages.length} damages`}`,
        )
        if (damages.length > 0) process.exitCode = EXIT.failed
      }),
    )

const readRevision = (text: string): string => {
  if (/^\d{1,15}$/.test(text)) return text
  throw new InvalidArgumentError('A revision is a whole number.')
}

const missing = (told: number, newest: number | string): readonly Damage[] =>
  Number(newest) < told ? [{ kind: 'MISSING_REVISION', revision: told, chain: null }] : []

const toldDamage = ({ kind, revision, chain }: Damage): string => {
  const place = revision === null ? `chain ${chain ?? 'unknown'}` : `revision ${revision}`
  return `${kind}  ${place}: ${DAMAGES[kind]}`
}

/** One line that is written anew; nothing where nobody looks. */
const progressOn = (out: NodeJS.WriteStream): ((done: number, total: number) => void) => {
  let last = 0
  return (done, total) => {
    if (!out.isTTY || (done < total && performance.now() - last < 100)) return
    last = performance.now()
    out.write(`\r${done} of ${total} receipts${done < total ? '' : '\n'}`)
  }
}

const exportCommand = (): Command =>
  withStores(new Command('export'))
    .description('Writes receipts as ISO/IEC TS 27560 consent records, one JSON object a line.')
    .argument('[pid]', 'one person')
    .option('--all', 'everybody who is not erased')
    .action((pid: string | undefined, { all, ...flags }: StoreFlags & { all?: true }, command: Command) => {
      if ((pid === undefined) === (all === undefined)) command.error('error: name a pid, or --all')
      return atStores(flags, async (consent) => {
        let written = 0
        for await (const subject of pid === undefined ? consent.pids() : [pid])
          for (const receipt of await consent.store.history(subject)) {
            console.log(JSON.stringify(toConsentRecord(receipt)))
            written += 1
          }
        if (pid !== undefined && written === 0) throw new CommandFailure('RECEIPTS_NONE', pid)
      })
    })

const receiptCommand = (): Command =>
  withStores(new Command('receipt'))
    .description('Shows one receipt as an ISO/IEC TS 27560 consent record.')
    .argument('<id>', 'the id of the receipt, as decision records name it')
    .action((id: string, flags: StoreFlags) =>
      atStores(flags, async ({ store }) => {
        const receipt = await store.receipt(id)
        if (receipt !== undefined) console.log(JSON.stringify(toConsentRecord(receipt), null, 2))
        else {
          console.error('There is no such receipt, or whose it is was erased.')
          process.exitCode = EXIT.failed
        }
      }),
    )

const importRecordsCommand = (): Command =>
  withStores(new Command('import-records'))
    .description('Takes in ISO/IEC TS 27560 consent records; what is there already stays as it is.')
    .argument('<file>', 'one JSON object a line')
    .action((file: string, flags: StoreFlags, command: Command) => {
      if (!existsSync(file)) command.error(`error: ${file} does not exist`)
      return atStores(flags, async ({ store }, config) => {
        const counts = { imported: 0, 'there already': 0, refused: 0 }
        const options = { vocabulary: vocabularyFromFile(config.vocabulary), now: Date.now() }
        const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
        for await (const row of importRecords(lines, store, options)) {
          if (row.outcome === 'imported' || row.outcome === 'there already') counts[row.outcome] += 1
          else {
            counts.refused += 1
            console.error(
              `${file}:${row.line}  ${row.outcome}${row.place === undefined ? '' : ` (${row.place})`}`,
            )
          }
        }
        console.log(
          `${counts.imported} imported, ${counts['there already']} there already, ${counts.refused} refused`,
        )
        if (counts.refused > 0) process.exitCode = EXIT.failed
      })
    })

const eraseCommand = (): Command =>
  withStores(new Command('erase'))
    .description(
      'Destroys a person’s key: nothing they said can be read again, and they stay erased for ever.',
    )
    .argument('<pid>', 'the person')
    .requiredOption('--yes', 'this cannot be taken back')
    .option('--unknown', 'also somebody who has never said anything: they stay erased for ever')
    .action((pid: string, { unknown, ...flags }: StoreFlags & { unknown?: true }) =>
      atStores(flags, async (consent) => {
        const isKnown = isPid(pid) && (await consent.verify({ pid })).people > 0
        if (!isKnown && (!isPid(pid) || unknown === undefined)) return nobody(pid, 'erased')
        await consent.erase(pid, Date.now())
        console.log(`${pid} is erased.`)
      }),
    )

/** A pid that was mistyped is nobody's: what was asked for was not done. */
const nobody = (pid: string, done: string): void => {
  console.error(`Nobody is known under the pid ${JSON.stringify(pid)}: nothing was ${done}.`)
  process.exitCode = EXIT.failed
}

const rebuildCommand = (): Command =>
  withStores(new Command('rebuild'))
    .description('Makes what decisions read again from the receipts.')
    .action((flags: StoreFlags) =>
      atStores(flags, async (consent) => console.log(`${await consent.rebuild()} chains rebuilt`)),
    )

const rewrapCommand = (): Command =>
  withStores(new Command('rewrap'))
    .description(
      'Puts every person’s key under the first of `receipts.masterKeys`; the others are then needed no more.',
    )
    .action((flags: StoreFlags) =>
      atStores(flags, async (consent) => console.log(`${await consent.rewrap()} keys rewrapped`)),
    )

const atStores = (
  flags: StoreFlags,
  work: (consent: OpenConsent, config: Config) => Promise<void>,
): Promise<void> =>
  atStoresOf(flags, {
    open: (config) => {
      const secrets = receiptSecretsOf(config)
      return openConsent({
        dataDir: config.data,
        ...(config.postgresUrl !== null && { postgresUrl: config.postgresUrl }),
        ...(secrets !== null && { receiptSecrets: secrets }),
      })
    },
    work,
  })
