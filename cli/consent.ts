import { Command } from 'commander'
import { consentImportCommand } from './consent-import.ts'

export const consentCommand = (): Command =>
  new Command('consent').description('Looks after receipts of consent.').addCommand(consentImportCommand())
