import { Command } from 'commander'
import { readModel } from '../subgraphs/recommendations/train/model-files.ts'
import { readReceipts, receiptsIn } from '../subgraphs/recommendations/train/receipts-beside.ts'
import { mustExist } from './recommend-flags.ts'

export const recommendReceiptsCommand = (): Command =>
  new Command('receipts')
    .description('Lists the receipts that a model rests on, if they are those that its card is bound to.')
    .argument('<directory>', 'where it was trained')
    .addHelpText(
      'after',
      `
Example:
  $ assent recommend receipts model > consent-ids.txt

One receipt a line. The list says who was in it: it stays in the house. Exits with 1 when it is not the
one that the card is bound to, or there is none.`,
    )
    .action((directory: string, _flags: object, command: Command) => {
      mustExist(command, directory)
      const { card } = readModel(directory)
      const receipts = receiptsIn(readReceipts(directory, card))
      for (const receipt of receipts) console.log(receipt)
      console.error(`${receipts.length} receipts, to which ${card.kind}/${card.version} is bound`)
    })
