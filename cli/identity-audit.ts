import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { AssentError } from '../gateway/errors.ts'
import { lockDataDirectory } from '../subgraphs/data-directory.ts'
import { DAMAGES } from '../subgraphs/identity/reidentification/verify-trail.ts'
import { openAudit } from '../subgraphs/open-audit.ts'
import { EXIT } from './exit-code.ts'
import { keysOf } from './keys-of.ts'
import { configOption, readSettings } from './read-settings.ts'

interface AuditFlags {
  readonly config?: string
  readonly data?: string
  readonly head?: string
}

export const identityAuditCommand = (): Command =>
  new Command('audit')
    .description('Looks after the trail of who learned who stands behind a pid.')
    .addCommand(verifyCommand())

const verifyCommand = (): Command =>
  new Command('verify')
    .description(
      'Proves that no entry of the trail was changed, removed or put in, and that every request is as it tells.',
    )
    .addOption(configOption())
    .option('--data <directory>', 'directory of the embedded stores, and of the keys that are kept there')
    .option(
      '--head <position:hash>',
      'a head as an earlier run told it: what was there then must still be there',
    )
    .addHelpText(
      'after',
      '\nThe head it tells is to be kept elsewhere.\n\nExamples:\n  $ assent identity audit verify\n  $ assent identity audit verify --head 214:9f0c…',
    )
    .action((flags: AuditFlags) => verify(flags))

const verify = async ({ config: file, data, head }: AuditFlags): Promise<void> => {
  const config = readSettings(file, { overrides: data === undefined ? {} : { data } })
  const { postgresUrl } = config
  if (postgresUrl === null && !existsSync(join(config.data, 'pglite'))) throw noStores(config.data)
  // A server has many clients; an embedded database has one.
  const lock = postgresUrl === null ? lockDataDirectory(config.data) : null
  try {
    const audit = await openAudit({
      dataDir: config.data,
      keys: keysOf(config),
      ...(postgresUrl !== null && { postgresUrl }),
    })
    try {
      const { entries, head: now, damages } = await audit.verify(head ?? null)
      for (const { kind, place } of damages) console.error(`${kind}  ${place}: ${DAMAGES[kind]}`)
      console.log(
        `${entries} entries: ${damages.length === 0 ? 'nothing damaged' : `${damages.length} damages`}`,
      )
      console.log(`head ${now}`)
      if (damages.length > 0) process.exitCode = EXIT.failed
    } finally {
      await audit.close()
    }
  } finally {
    lock?.release()
  }
}

const noStores = (directory: string): AssentError => {
  const remedy = 'Run `assent start` once, or name the directory it was run with.'
  const faults = [{ name: directory, place: '--data', problem: 'has no stores yet.', remedy }]
  return new AssentError('CONFIG_INVALID', '--data', { faults })
}
