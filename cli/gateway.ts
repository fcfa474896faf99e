import { Command } from 'commander'
import { startGateway } from '../gateway/server.ts'
import { configOption, readSettings, settingsHelp } from './read-settings.ts'
import { untilStopped } from './until-stopped.ts'

interface GatewayFlags {
  readonly config?: string
  readonly supergraph?: string
  readonly profile?: string
  readonly host?: string
  readonly port?: string
}

export const gatewayCommand = (): Command =>
  new Command('gateway')
    .description('Runs the gateway alone, against subgraphs that already run.')
    .addOption(configOption())
    .option('-s, --supergraph <file-or-url>', 'the supergraph, as written by `assent schema compose`')
    .option('--profile <profile>', 'development or production')
    .option('--host <address>', 'address to listen on')
    .option('-p, --port <port>', 'port to listen on; 0 takes any free one')
    .addHelpText('after', settingsHelp())
    .addHelpText(
      'after',
      `
Examples:
  $ assent gateway --supergraph supergraph.graphql --profile development
  $ assent gateway --supergraph https://schemas.example/shop.graphql --config assent.yaml
  $ ASSENT_GRANT_SECRET=… assent gateway --config /etc/assent.yaml`,
    )
    .action(async ({ config, ...overrides }: GatewayFlags) => {
      const gateway = await startGateway(readSettings(config, { overrides, required: ['supergraph'] }))
      console.log(`Assent listens on ${gateway.url}/graphql`)
      await untilStopped()
      await gateway.close()
    })
