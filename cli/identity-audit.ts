import { Command } from 'commander'
import { DAMAGES } from '../subgraphs/identity/reidentification/verify-trail.ts'
import { openAudit } from '../subgraphs/open-audit.ts'
import { atStoresOf } from './at-stores-of.ts'
import { EXIT } from './exit-code.ts'
import { keysOf } from './keys-of.ts'
import { configOption } from './read-settings.ts'

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

const verify = ({ head, ...flags }: AuditFlags): Promise<void> =>
  atStoresOf(flags, {
    open: (config) =>
      openAudit({
        dataDir: config.data,
        keys: keysOf(config),
        ...(config.postgresUrl !== null && { postgresUrl: config.postgresUrl }),
      }),
    work: async (audit) => {
      const { entries, head: now, damages } = await audit.verify(head ?? null)
      for (const { kind, place } of damages) console.error(`${kind}  ${place}: ${DAMAGES[kind]}`)
      console.log(
        `${entries} entries: ${damages.length === 0 ? 'nothing damaged' : `${damages.length} damages`}`,
      )
      console.log(`head ${now}`)
      if (damages.length > 0) process.exitCode = EXIT.failed
    },
  })
