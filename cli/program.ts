import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { packageFile } from './package-file.ts'

/** All commands, or of those of one word only that one: a gateway needs no stores and no composer. */
export const programOf = async (word: string | undefined): Promise<Command> => {
  const program = bareProgram()
  const asked = COMMANDS.get(word ?? '')
  for (const load of asked === undefined ? COMMANDS.values() : [asked]) program.addCommand(await load())
  for (const command of everyCommand(program))
    command.exitOverride().configureHelp({ showGlobalOptions: true }).showHelpAfterError('(see --help)')
  return program
}

export const everyCommand = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(everyCommand),
]

const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }

const bareProgram = (): Command =>
  new Command('assent')
    .description('A federated GraphQL gateway that asks each person’s consent before it asks a subgraph.')
    .version(version)
    .addHelpText(
      'after',
      `
Examples:
  $ assent start                                   everything on this machine, with people made up for it
  $ assent ask 1 --sent                            a sample query: answer, what was withheld, what was sent
  $ assent explain query.graphql -s supergraph.graphql   what would be asked and withheld; sends nothing
  $ assent schema compose subgraphs -o supergraph.graphql
  $ assent gateway --supergraph supergraph.graphql --config assent.yaml

Exit codes: 0 ok · 1 the thing asked failed · 2 usage or settings · 3 a needed service is unavailable`,
    )

/** In the order of the help. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['start', async () => (await import('./start.ts')).startCommand()],
  ['gateway', async () => (await import('./gateway.ts')).gatewayCommand()],
  ['ask', async () => (await import('./ask.ts')).askCommand()],
  ['explain', async () => (await import('./explain.ts')).explainCommand()],
  ['schema', async () => (await import('./schema.ts')).schemaCommand()],
  ['registry', async () => (await import('./registry.ts')).registryCommand()],
  ['clients', async () => (await import('./clients.ts')).clientsCommand()],
  ['policy', async () => (await import('./policy.ts')).policyCommand()],
  ['events', async () => (await import('./events.ts')).eventsCommand()],
  ['config', async () => (await import('./config.ts')).configCommand()],
  ['consent', async () => (await import('./consent.ts')).consentCommand()],
  ['identity', async () => (await import('./identity.ts')).identityCommand()],
  ['features', async () => (await import('./features.ts')).featuresCommand()],
  ['ownership', async () => (await import('./ownership.ts')).ownershipCommand()],
  ['recommend', async () => (await import('./recommend.ts')).recommendCommand()],
  ['privacy', async () => (await import('./privacy.ts')).privacyCommand()],
  ['data', async () => (await import('./data.ts')).dataCommand()],
])
