import { type Command, Option } from 'commander'
import type { Config } from '../gateway/config.ts'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { readAggregatesIn } from '../subgraphs/aggregates/read-aggregates.ts'
import type { Vocabulary } from '../directives/vocabulary.ts'
import type { Budget, BudgetLeft } from '../subgraphs/budget/budget.ts'
import { openDefinitions } from '../subgraphs/features/definitions/definitions-in.ts'
import { budgetIn, openHouse } from '../subgraphs/open-house.ts'
import { openTraining } from '../subgraphs/open-training.ts'
import type { ModelCard } from '../subgraphs/recommendations/train/model.ts'
import type { Trained } from '../subgraphs/recommendations/train/train-model.ts'
import type { PreparedTraining } from '../subgraphs/recommendations/train/train-prepared.ts'
import type { TrainerName } from '../subgraphs/recommendations/train/training-run.ts'
import { maySample, trainOnHouse } from '../subgraphs/train-on-house.ts'
import { eventTerms } from './event-terms.ts'
import { atStores, type StoreFlags } from './identity-graph.ts'
import { inRecommendThread } from './in-recommend-thread.ts'
import { packageFile } from './package-file.ts'
import { policyFromFile } from './policy-file.ts'
import { progressBar } from './progress-bar.ts'
import { configOption } from './read-settings.ts'

export interface HouseFlags extends StoreFlags {
  readonly feature: string
  readonly purpose: string
  /** Default: the purpose. */
  readonly houseBudget?: string
  readonly output: string
  readonly epsilon: number
  /** Default: by the budget and the trainer. */
  readonly delta?: number
  readonly trainer: TrainerName
  readonly testSeed?: number
}

export const withHouse = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--from-house',
        'trains on what people of this house agreed to, and charges its budget; on embedded stores while nothing else runs',
      ).conflicts(['interactions', 'items', 'trainingSet', 'ledger', 'budget']),
    )
    .option(
      '--feature <name>',
      'with --from-house: the feature that says what people took',
      'products_bought_365d',
    )
    .option('--purpose <name>', 'with --from-house: what people agreed to', 'model_training')
    .option('--house-budget <name>', 'with --from-house: of `budgets.yaml`; default: the purpose')
    .addOption(configOption())
    .option('--data <directory>', 'with --from-house: directory of the embedded stores')

export interface TrainedFromHouse {
  readonly card: ModelCard
  readonly budget: Budget
  readonly left: readonly BudgetLeft[]
}

/** On the stores themselves: the embedded ones while nothing else runs, those of a server beside whoever serves. */
export const trainFromHouse = async (flags: HouseFlags): Promise<TrainedFromHouse> => {
  const done: TrainedFromHouse[] = []
  await atStores(flags, async (stores, config) => {
    const vocabulary = vocabularyFromFile(config.vocabulary)
    const budget = budgetOf(flags, config, vocabulary)
    const policy = config.consentPolicies === null ? null : policyFromFile(config.consentPolicies, vocabulary)
    const opened = await openTraining(stores, { definitions: openDefinitions(), policy })
    const bar = progressBar(process.stderr)
    try {
      const train = async (prepared: PreparedTraining): Promise<Trained> =>
        (await inRecommendThread({ kind: 'prepared', prepared }, bar.show)) as Trained
      const house = openHouse(stores, { ports: opened.ports, vocabulary, budget, train })
      const card = await trainOnHouse(askedBy(flags, budget), house)
      done.push({ card, budget, left: await house.ledger.left(budget, Date.now()) })
    } finally {
      bar.end()
      await opened.stop()
    }
  })
  const [trained] = done
  if (trained === undefined) throw new Error('nothing was trained')
  return trained
}

const budgetOf = (
  { purpose, houseBudget = purpose }: HouseFlags,
  { aggregates }: Config,
  vocabulary: Vocabulary,
): Budget => {
  const terms = eventTerms(packageFile('events'), vocabulary)
  const declared = readAggregatesIn(aggregates ?? packageFile('aggregates'), vocabulary, terms)
  return budgetIn(declared, houseBudget)
}

/** Of what may sample no more than ε and δ are known before, and its δ is taken from that of the budget until it has settled. */
const askedBy = ({ feature, purpose, output, epsilon, trainer, ...flags }: HouseFlags, budget: Budget) => ({
  spec: { name: `items-of-${feature}`, purpose, consent: 'then-and-now' as const, feature },
  output,
  epsilon,
  delta: flags.delta ?? (maySample(trainer, true) ? tenthOf(budget.delta) : budget.delta),
  trainer,
  testSeed: flags.testSeed ?? null,
})

/** As somebody would write it. */
const tenthOf = (value: number): number => Number((value / 10).toPrecision(6))
