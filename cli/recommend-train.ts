import { Command } from 'commander'
import type { ModelCard } from '../subgraphs/recommendations/train/model.ts'
import { leftIn } from '../subgraphs/recommendations/train/training-ledger.ts'
import type { TrainerName } from '../subgraphs/recommendations/train/training-run.ts'
import { inRecommendThread } from './in-recommend-thread.ts'
import { delta, positiveNumber } from './privacy-flags.ts'
import { progressBar } from './progress-bar.ts'
import { epsilon, mustExist, trainerOption } from './recommend-flags.ts'
import { wholeNumber } from './whole-number.ts'

interface Flags {
  readonly interactions: string
  readonly output: string
  readonly epsilon: number
  readonly delta: number
  readonly trainer: TrainerName
  readonly items?: string
  readonly trainingSet?: string
  readonly ledger?: string
  readonly budget: number
  readonly testSeed?: number
  readonly json?: true
}

export const recommendTrainCommand = (): Command =>
  new Command('train')
    .description('Trains a model under user-level differential privacy. Killed, it goes on where it was.')
    .requiredOption('--interactions <file>', 'CSV: user,item,timestamp[,value]')
    .option('--output <directory>', 'where the model is written', 'model')
    .option('--epsilon <number>', 'what the whole training may give away about one person', epsilon, 1.5)
    .option('--delta <number>', 'probability with which ε may not hold', delta, 1e-5)
    .addOption(trainerOption())
    .option(
      '--items <file>',
      'CSV, public: item[,category]; without it the items of the interactions count as public',
    )
    .option('--training-set <directory>', 'trains on the people of this set alone, and notes their receipts')
    .option(
      '--ledger <file>',
      'where it is written down what these people’s data have cost, and refused when it is too much',
    )
    .option('--budget <epsilon>', 'for a ledger that is not there yet', positiveNumber, 10)
    .option('--test-seed <number>', 'the same noise each time: for tests, never served', wholeNumber)
    .option('--json', 'prints the card')
    .addHelpText(
      'after',
      `
Examples:
  $ assent recommend train --interactions purchases.csv --output model --ledger spent.json
  $ assent recommend evaluate --interactions purchases.csv --model model

Files, card, ε and what is public: docs/recommend.md. Exits with 1 when what is in a file cannot
be used or the budget is spent, and with 2 when a file is not there.`,
    )
    .action(async (flags: Flags, command: Command) => {
      mustExist(command, flags.interactions, flags.items, flags.trainingSet)
      const bar = progressBar(process.stderr)
      const { json, ledger, budget, items = null, trainingSet = null, testSeed = null, ...said } = flags
      const place = ledger === undefined ? null : { file: ledger, budget }
      const train = { ...said, items, trainingSet, testSeed, ledger: place }
      const card = (await inRecommendThread({ kind: 'train', train }, bar.show).finally(bar.end)) as ModelCard
      console.log(json ? JSON.stringify(card, null, 2) : told(card, flags))
    })

const told = (
  { kind, dims, items, people, privacy, quality, version, source, testSeed }: ModelCard,
  flags: Flags,
): string => {
  const { gain } = quality
  const [low = 0, high = 0] = gain?.interval ?? []
  return [
    `${flags.output}: ${kind}, ${items} items × ${dims}, of about ${people} people (${version})`,
    `  ε = ${privacy.epsilon.toFixed(4)}, δ = ${privacy.delta}, for one person more or less (${privacy.accountant})`,
    ...privacy.releases.map(
      ({ name, noiseMultiplier, samplingRate, steps }) =>
        `    ${name}: σ ${noiseMultiplier.toFixed(2)}${samplingRate === 1 ? '' : `, ${steps} steps, each person with ${samplingRate.toFixed(4)}`}`,
    ),
    ...(gain === null
      ? []
      : [
          `  recall@20 above popularity: ${gain.value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}, measured with noise)`,
        ]),
    `  ${privacy.choice}`,
    ...(source.catalogue === 'given'
      ? []
      : ['  the items of the file were taken for public: name --items where they are not']),
    leftFor(flags),
    ...(testSeed === null ? [] : ['  of a test seed: not served']),
  ].join('\n')
}

const leftFor = ({ ledger, budget }: Flags): string => {
  if (ledger === undefined) return '  ε was not written down: name --ledger'
  const { left, of } = leftIn({ file: ledger, budget })
  // Never more than there is.
  return `  ε ${Math.floor(left * 1000) / 1000} of ${of} is left in ${ledger}`
}
