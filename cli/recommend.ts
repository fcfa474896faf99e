import { Command } from 'commander'
import { recommendEvaluateCommand } from './recommend-evaluate.ts'
import { recommendKeepCommand } from './recommend-keep.ts'
import { recommendPublishCommand } from './recommend-publish.ts'
import { recommendReceiptsCommand } from './recommend-receipts.ts'
import { recommendTrainCommand } from './recommend-train.ts'

export const recommendCommand = (): Command =>
  new Command('recommend')
    .description(
      'Recommendations that tell of nobody: models under differential privacy, and what they are worth.',
    )
    .addCommand(recommendTrainCommand())
    .addCommand(recommendEvaluateCommand())
    .addCommand(recommendPublishCommand())
    .addCommand(recommendKeepCommand())
    .addCommand(recommendReceiptsCommand())
