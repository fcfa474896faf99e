import { Command, InvalidArgumentError } from 'commander'
import type { Config } from '../gateway/config.ts'
import type { RotationProgress } from '../subgraphs/identity/rotation/rotate-keys.ts'
import { type KeyChange, type OpenKeyChange, openKeyChange } from '../subgraphs/open-rotation.ts'
import { atStoresOf } from './at-stores-of.ts'
import { identityStoresOf } from './identity-stores-of.ts'
import { EXIT } from './exit-code.ts'
import { identityFeedOf } from './identity-feed-of.ts'
import { keysOf } from './keys-of.ts'
import { configOption } from './read-settings.ts'
import { receiptSecretsOf } from './receipt-secrets-of.ts'

interface RotateFlags {
  readonly config?: string
  readonly data?: string
  readonly window: number
  readonly grace: number
  readonly resume?: true
  readonly status?: true
}

const DAY_MS = 86_400_000

export const rotateKeysCommand = (): Command =>
  new Command('rotate-keys')
    .description(
      'Changes the key of all pseudonyms: begins, or goes on with the change that is under way, as far as it can.',
    )
    .addOption(configOption())
    .option('--data <directory>', 'directory of the embedded stores, and of the keys that are kept there')
    .option(
      '--window <time>',
      'how long elder pids lead on at least, such as 7d, 12h or 0d',
      duration,
      7 * DAY_MS,
    )
    .option(
      '--grace <time>',
      'with a database server: how long another process may take for a batch that it has begun',
      duration,
      60_000,
    )
    .option('--resume', 'goes on with the one under way, and begins none')
    .option('--status', 'tells of the keys and of the change under way, and changes nothing')
    .addHelpText(
      'after',
      `
Run it again until it says that the elder key is destroyed; killed anywhere, it goes on where it was.

Examples:
  $ assent identity rotate-keys --window 7d
  $ assent identity rotate-keys --resume
  $ assent identity rotate-keys --status`,
    )
    .action((flags: RotateFlags) =>
      atRotation(flags, (rotation, config) =>
        flags.status === undefined ? rotate(rotation, flags, config) : tellStatus(rotation),
      ),
    )

const rotate = async (rotation: KeyChange, flags: RotateFlags, config: Config): Promise<void> => {
  let last: RotationProgress | null = null
  const options = {
    mayBegin: flags.resume === undefined,
    format: { mode: config.pseudonymsMode, email: config.pseudonymsEmail },
    windowMs: flags.window,
    // An embedded database has one process: nobody else writes.
    graceMs: config.postgresUrl === null ? 0 : flags.grace,
  }
  for await (const progress of rotation.run(options)) {
    if (last?.step !== progress.step || process.stderr.isTTY) console.error(lineOf(progress))
    last = progress
  }
  if (last === null) console.log('No change of keys is under way.')
  else if (last.step === 'done') console.log(`The keys before version ${last.to} are destroyed.`)
  else {
    const who = last.behind.length > 0 ? `; not heard yet: ${last.behind.join(', ')}` : ''
    console.log(
      `Both keys are known until ${new Date(last.windowEnds).toISOString()}${who}. Run it again then.`,
    )
    process.exitCode = EXIT.unavailable
  }
}

const lineOf = ({ step, to, records, total }: RotationProgress): string =>
  `version ${to}  ${step}  ${records} of ${total} records`

const tellStatus = async (rotation: KeyChange): Promise<void> => {
  const { keys, underWay } = await rotation.status()
  for (const { version, state, from, to, format } of keys)
    console.log(
      [
        `version ${version}`,
        state.padEnd(7),
        `${new Date(from).toISOString()} – ${to === null ? '' : new Date(to).toISOString()}`,
        `${format.mode}, ${format.email}`,
      ].join('  '),
    )
  console.log(
    underWay === null
      ? 'No change of keys is under way.'
      : `To version ${underWay.to}: ${underWay.step}, ${underWay.done} of ${underWay.total} records, window until ${new Date(underWay.windowEnds).toISOString()}`,
  )
}

const atRotation = (
  flags: RotateFlags,
  work: (rotation: OpenKeyChange, config: Config) => Promise<void>,
): Promise<void> =>
  atStoresOf(flags, {
    open: (config) => {
      const receiptSecrets = receiptSecretsOf(config)
      return openKeyChange(
        {
          ...identityStoresOf(config),
          keys: keysOf(config),
          ...(receiptSecrets !== null && { receiptSecrets }),
        },
        identityFeedOf(config),
      )
    },
    work,
  })

const UNITS: Readonly<Record<string, number>> = { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1000 }

/** `7d`, `12h`, `30m` or `90s`, in milliseconds. */
function duration(written: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([dhms])$/.exec(written) ?? []
  if (count === undefined) throw new InvalidArgumentError('write a time such as 7d, 12h, 30m or 90s.')
  return Number(count) * (UNITS[unit] ?? 0)
}
