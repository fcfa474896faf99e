import { Command } from 'commander'
import { identityAuditCommand } from './identity-audit.ts'
import { matchCommand } from './identity-match.ts'

export const identityCommand = (): Command =>
  new Command('identity')
    .description('Who is who, and who learned it.')
    .addCommand(matchCommand())
    .addCommand(identityAuditCommand())
