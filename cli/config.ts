import { Command } from 'commander'
import { describeConfig, requireProof } from '../gateway/config.ts'
import { configOption, readSettings, settingsHelp } from './read-settings.ts'
import { table } from './table.ts'

export const configCommand = (): Command =>
  new Command('config')
    .description('Checks the settings and prints them, secrets masked.')
    .addOption(configOption())
    .addHelpText('after', settingsHelp())
    .addHelpText('after', '\nExample:\n  $ ASSENT_PROFILE=development assent config --config assent.yaml')
    .action(({ config }: { config?: string }) => {
      const settings = readSettings(config, {})
      const rows = describeConfig(settings)
      console.log(table(rows.map(({ name, value }) => [name, value])))
      // A graph without consent words could do without; whoever checks settings means to serve people's data.
      if (!settings.openGraph) requireProof(settings)
    })
