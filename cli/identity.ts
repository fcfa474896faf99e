import { Command } from 'commander'
import { matchCommand } from './identity-match.ts'

export const identityCommand = (): Command =>
  new Command('identity').description('Who is who.').addCommand(matchCommand())
