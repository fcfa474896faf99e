import { Command } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { openDefinitions } from '../subgraphs/features/definitions/definitions-in.ts'
import { keepVectors } from '../subgraphs/keep-vectors.ts'
import { openStores } from '../subgraphs/open-stores.ts'
import { openTraining } from '../subgraphs/open-training.ts'
import { readModel } from '../subgraphs/recommendations/train/model-files.ts'
import { atStoresOf } from './at-stores-of.ts'
import { type StoreFlags, withStores } from './identity-graph.ts'
import { identityStoresOf } from './identity-stores-of.ts'
import { keysOf } from './keys-of.ts'
import { policyFromFile } from './policy-file.ts'
import { storedVectorsOf } from './subgraph-options.ts'

export const recommendKeepCommand = (): Command =>
  withStores(new Command('keep'))
    .description(
      'Keeps a vector, with noise in it, of everybody who agrees, for who may look for people (`customersNear`).',
    )
    .addHelpText(
      'after',
      `
Example:
  $ ASSENT_RECOMMENDATIONS_STORED_VECTORS_SIGMA=0.3 assent recommend keep

Of the model that \`recommendations.model\` names; once a person and model, since noise that is drawn again
averages out. On embedded stores while nothing else runs. What it is worth and what it tells: docs/vectors.md.`,
    )
    .action(async (flags: StoreFlags, command: Command) => {
      await atStoresOf(flags, {
        open: async (config) => {
          const vocabulary = vocabularyFromFile(config.vocabulary)
          const stored = storedVectorsOf(config, vocabulary)
          const options = { ...identityStoresOf(config), keys: keysOf(config), ...stored }
          return openStores({ ...options, vectors: config.recommendationVectors })
        },
        async work(stores, config) {
          const { recommendationsModel: directory } = config
          const { vectors, storedVectors } = stores
          if (directory === null) return command.error('error: set recommendations.model')
          if (vectors === null || storedVectors === null) return command.error('error: vectors are off')
          const model = readModel(directory, 'serving')
          const vocabulary = vocabularyFromFile(config.vocabulary)
          const policy =
            config.consentPolicies === null ? null : policyFromFile(config.consentPolicies, vocabulary)
          const opened = await openTraining(stores, { definitions: openDefinitions(), policy })
          try {
            const { ports } = opened
            const done = await keepVectors({ model, ports, vocabulary, vectors, storedVectors })
            console.log(
              `${done.model}: ${done.people} pids agree and are known to the model; a vector is kept since now of ${done.kept}`,
            )
          } finally {
            await opened.stop()
          }
        },
      })
    })
