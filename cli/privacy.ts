import { Command } from 'commander'
import { privacyAuditCommand } from './privacy-audit.ts'
import { privacyEpsilonCommand } from './privacy-epsilon.ts'
import { privacySampleCommand } from './privacy-sample.ts'

export const privacyCommand = (): Command =>
  new Command('privacy')
    .description(
      'Differential privacy: what so many noisy steps give away, exact noise, and tests that refute wrong noise.',
    )
    .addCommand(privacyEpsilonCommand())
    .addCommand(privacySampleCommand())
    .addCommand(privacyAuditCommand())
