import { Command } from 'commander'
import type { ModelCard } from '../subgraphs/recommendations/train/model.ts'
import { leftIn } from '../subgraphs/recommendations/train/training-ledger.ts'
import type { TrainerName } from '../subgraphs/recommendations/train/training-run.ts'
import { inRecommendThread } from './in-recommend-thread.ts'
import { delta, positiveNumber, warnOfDelta } from './privacy-flags.ts'
import { progressBar } from './progress-bar.ts'
import { epsilon, mustExist, trainerOption } from './recommend-flags.ts'
import { type HouseFlags, trainFromHouse, withHouse } from './train-from-house.ts'
import { wholeNumber } from './whole-number.ts'

interface FileFlags {
  readonly interactions: string
  readonly output: string
  readonly epsilon: number
  readonly delta?: number
  readonly trainer: TrainerName
  readonly items?: string
  readonly trainingSet?: string
  readonly ledger?: string
  readonly budget?: number
  readonly testSeed?: number
}

interface Flags extends Omit<FileFlags, 'interactions'>, HouseFlags {
  readonly interactions?: string
  readonly fromHouse?: true
  readonly json?: true
}

export const recommendTrainCommand = (): Command =>
  withHouse(withFiles(new Command('train')))
    .description('Trains a model under user-level differential privacy. Killed, it goes on where it was.')
    .option('--output <directory>', 'where the model is written', 'model')
    .option('--epsilon <number>', 'what the whole training may give away about one person', epsilon, 1.5)
    .option(
      '--delta <number>',
      'probability with which ε may not hold; default: 1e-5, with --from-house what the budget has (a tenth of it where steps are sampled)',
      delta,
    )
    .addOption(trainerOption())
    .option('--test-seed <number>', 'the same noise each time: for tests, never served', wholeNumber)
    .option('--json', 'prints the card')
    .addHelpText(
      'after',
      `
Examples:
  $ assent recommend train --interactions purchases.csv --output model --ledger spent.json
  $ assent recommend evaluate --interactions purchases.csv --model model
  $ assent recommend train --from-house --output model && assent recommend publish model

Files, card, ε and what is public: docs/recommend.md. Exits with 1 when what is in a file cannot
be used or the budget is spent, and with 2 when a file is not there.`,
    )
    .action(async (flags: Flags, command: Command) => {
      const { interactions, fromHouse, json } = flags
      if (!fromHouse && interactions === undefined)
        command.error('error: name --interactions, or --from-house')
      const { card, left } =
        interactions === undefined ? await ofHouse(flags) : await ofFile({ ...flags, interactions }, command)
      warnOfDelta(card.privacy.delta, card.people)
      console.log(json ? JSON.stringify(card, null, 2) : told(card, flags.output, left))
    })

const withFiles = (command: Command): Command =>
  command
    .option('--interactions <file>', 'CSV: user,item,timestamp[,value]')
    .option(
      '--items <file>',
      'CSV, public: item[,category]; without it the items of the interactions count as public',
    )
    .option('--training-set <directory>', 'trains on the people of this set alone, and notes their receipts')
    .option(
      '--ledger <file>',
      'where it is written down what these people’s data have cost, and refused when it is too much',
    )
    .option('--budget <epsilon>', `for a ledger that is not there yet; default: ${BUDGET}`, positiveNumber)

interface Told {
  readonly card: ModelCard
  /** In words. */
  readonly left: string
}

const ofHouse = async (flags: Flags): Promise<Told> => {
  const { card, budget, left } = await trainFromHouse(flags)
  const limits = left.map(
    ({ days, epsilon: of, left: rest }) =>
      `${floor(rest)} of ${of} ${days === null ? 'for ever' : `in ${days} days`}`,
  )
  return { card, left: `  left of the budget ${budget.name}: ε ${limits.join(', ')}` }
}

const ofFile = async (flags: FileFlags, command: Command): Promise<Told> => {
  const { interactions, output, epsilon: asked, trainer, ledger } = flags
  const { delta: allowed = 1e-5, items = null, trainingSet = null, testSeed = null } = flags
  mustExist(command, interactions, flags.items, flags.trainingSet)
  const budget = budgetOf(flags, command)
  const bar = progressBar(process.stderr)
  const place = ledger === undefined ? null : { file: ledger, budget }
  const files = { interactions, items, trainingSet, output, ledger: place }
  const train = { ...files, epsilon: asked, delta: allowed, trainer, testSeed }
  const card = (await inRecommendThread({ kind: 'train', train }, bar.show).finally(bar.end)) as ModelCard
  return { card, left: leftFor(ledger, budget) }
}

const BUDGET = 10

/** A budget that nobody keeps, or that is not the one that is kept, would be believed in. */
const budgetOf = ({ ledger, budget }: FileFlags, command: Command): number => {
  if (budget === undefined) return BUDGET
  if (ledger === undefined) return command.error('error: --budget is kept in a ledger: name --ledger')
  const { of } = leftIn({ file: ledger, budget })
  return of === budget
    ? budget
    : command.error(`error: ${ledger} has a budget of its own, ${of}: leave --budget out`)
}

const told = (
  { kind, dims, items, people, privacy, quality, version, source, testSeed }: ModelCard,
  output: string,
  left: string,
): string => {
  const { gain } = quality
  const [low = 0, high = 0] = gain?.interval ?? []
  return [
    `${output}: ${kind}, ${items} items × ${dims}, of about ${people} people (${version})`,
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
    '  whatever locale is asked for, who is nobody in particular is shown what is popular everywhere',
    ...(source.catalogue === 'given'
      ? []
      : ['  the items of the file were taken for public: name --items where they are not']),
    left,
    ...(testSeed === null ? [] : ['  of a test seed: not served']),
  ].join('\n')
}

const leftFor = (ledger: string | undefined, budget: number): string => {
  if (ledger === undefined) return '  ε was not written down: name --ledger'
  const { left, of } = leftIn({ file: ledger, budget })
  return `  ε ${floor(left)} of ${of} is left in ${ledger}`
}

/** Never more than there is. */
const floor = (value: number): number => Math.floor(value * 1000) / 1000
