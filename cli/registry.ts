import { Command } from 'commander'
import { approveCommand, keyCommand, pendingCommand } from './registry-approve.ts'
import { fetchCommand, publishCommand } from './registry-publish.ts'
import {
  deprecationsCommand,
  diffCommand,
  historyCommand,
  showCommand,
  tagsCommand,
} from './registry-show.ts'
import { moveCommand, serveCommand } from './registry-serve.ts'

export const registryCommand = (): Command =>
  new Command('registry')
    .description('Keeps what was agreed on: publishes after a check, hands signed supergraphs to gateways.')
    .addCommand(serveCommand())
    .addCommand(publishCommand())
    .addCommand(tagsCommand())
    .addCommand(showCommand())
    .addCommand(historyCommand())
    .addCommand(diffCommand())
    .addCommand(moveCommand())
    .addCommand(pendingCommand())
    .addCommand(approveCommand())
    .addCommand(keyCommand())
    .addCommand(fetchCommand())
    .addCommand(deprecationsCommand())
    .addHelpText(
      'after',
      `
Every command but \`serve\` and \`key\` asks the registry of ASSENT_REGISTRY_URL with the token of ASSENT_REGISTRY_TOKEN.
Exit codes: 0 ok · 1 refused, or waits for an approval · 2 usage · 3 the registry is away`,
    )
