import { Command } from 'commander'
import type { Config } from '../gateway/config.ts'
import type { RunningGateway } from '../gateway/server.ts'
import { configOption, readSettings, settingsHelp } from './read-settings.ts'
import { untilStopped } from './until-stopped.ts'

interface GatewayFlags {
  readonly config?: string
  readonly supergraph?: string
  readonly profile?: string
  readonly host?: string
  readonly port?: string
  readonly workers?: string
}

export const gatewayCommand = (): Command =>
  new Command('gateway')
    .description('Runs the gateway alone, against subgraphs that already run.')
    .addOption(configOption())
    .option('-s, --supergraph <file-or-url>', 'the supergraph, as written by `assent schema compose`')
    .option('--profile <profile>', 'development or production')
    .option('--host <address>', 'address to listen on')
    .option('-p, --port <port>', 'port to listen on; 0 takes any free one')
    .option('-w, --workers <number>', 'processes that serve behind the port; auto takes one a core')
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
      const gateway = await start(readSettings(config, { overrides, required: ['supergraph'] }))
      console.log(`Assent listens on ${gateway.url}/graphql`)
      await untilStopped()
      await gateway.close()
    })

/** The process, or thread, that only keeps those that serve needs nothing of what they need. */
const start = async (config: Config): Promise<RunningGateway> => {
  if (config.workers !== 1) return (await import('../gateway/start/workers.ts')).startWorkers(config)
  // Unbuilt sources (tests) have no program for a thread.
  const isBuilt = !import.meta.url.endsWith('.ts')
  if (isBuilt) return (await import('../gateway/start/in-thread.ts')).startInThread(config)
  return (await import('../gateway/server.ts')).startGateway(config)
}
