import { Command } from 'commander'
import { identityAuditCommand } from './identity-audit.ts'
import {
  howCommand,
  planUnmergeCommand,
  possibleCommand,
  unmergeCommand,
  whyCommand,
} from './identity-graph.ts'
import { matchCommand } from './identity-match.ts'
import { resolveCommand } from './identity-resolve.ts'
import { rewrapCommand } from './identity-rewrap.ts'
import { rotateKeysCommand } from './identity-rotate.ts'

export const identityCommand = (): Command =>
  new Command('identity')
    .description('Who is who, and who learned it.')
    .addCommand(matchCommand())
    .addCommand(resolveCommand())
    .addCommand(whyCommand())
    .addCommand(howCommand())
    .addCommand(planUnmergeCommand())
    .addCommand(unmergeCommand())
    .addCommand(possibleCommand())
    .addCommand(rotateKeysCommand())
    .addCommand(rewrapCommand())
    .addCommand(identityAuditCommand())
