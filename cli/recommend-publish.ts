import { resolve } from 'node:path'
import { Command } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { openDefinitions } from '../subgraphs/features/definitions/definitions-in.ts'
import { openTraining } from '../subgraphs/open-training.ts'
import { publishModel } from '../subgraphs/publish-model.ts'
import { atStores, type StoreFlags, withStores } from './identity-graph.ts'
import { policyFromFile } from './policy-file.ts'
import { mustExist } from './recommend-flags.ts'

interface Flags extends StoreFlags {
  readonly to?: string
  readonly althoughLeft?: true
}

export const recommendPublishCommand = (): Command =>
  withStores(new Command('publish'))
    .description(
      'Gives a model that was trained from the house to those who serve it, if all it was learned of still agree.',
    )
    .argument('<directory>', 'where it was trained')
    .option('--to <directory>', 'where it is served from; default: the setting `recommendations.model`')
    .option('--although-left', 'also when people have left since; how many is written down')
    .addHelpText(
      'after',
      `
Example:
  $ assent recommend publish model

Exits with 1 when somebody has left, or the model may not be served.`,
    )
    .action(async (directory: string, { to, althoughLeft, ...flags }: Flags, command: Command) => {
      mustExist(command, directory)
      await atStores(flags, async (stores, config) => {
        const place = to ?? config.recommendationsModel
        if (place === null) command.error('error: name --to, or set recommendations.model')
        if (resolve(place) === resolve(directory))
          command.error('error: who was trained on lies beside the model: serve it from another directory')
        const vocabulary = vocabularyFromFile(config.vocabulary)
        const policy =
          config.consentPolicies === null ? null : policyFromFile(config.consentPolicies, vocabulary)
        const opened = await openTraining(stores, { definitions: openDefinitions(), policy })
        try {
          const publishing = { from: directory, to: place, althoughLeft: althoughLeft === true }
          const { card, left, people } = await publishModel(publishing, opened.ports)
          const gone = left === 0 ? 'all of whom still agree' : `of whom ${left} have left since`
          console.log(`${place}: ${card.kind}/${card.version}, learned of ${people} people, ${gone}`)
        } finally {
          await opened.stop()
        }
      })
    })
