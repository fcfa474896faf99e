import { Command } from 'commander'
import { checkContractsCommand } from './event-contracts-check.ts'
import { exportContractsCommand, importContractCommand } from './event-contracts-export.ts'
import { quarantineCommand } from './events-quarantine.ts'
import { listContractsCommand, showContractCommand } from './event-contracts-show.ts'

export const eventsCommand = (): Command =>
  new Command('events')
    .description('Works on event contracts (list them, check them, compare them) and on events that failed.')
    .addCommand(listContractsCommand())
    .addCommand(showContractCommand())
    .addCommand(checkContractsCommand())
    .addCommand(exportContractsCommand())
    .addCommand(importContractCommand())
    .addCommand(quarantineCommand())
