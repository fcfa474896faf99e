import { Command } from 'commander'
import type { Report } from '../subgraphs/recommendations/evaluate/evaluate.ts'
import { reportAsMarkdown, sentencesOf } from '../subgraphs/recommendations/evaluate/report-markdown.ts'
import { reportAsPicture } from '../subgraphs/recommendations/evaluate/report-picture.ts'
import type { TrainerName } from '../subgraphs/recommendations/train/training-run.ts'
import { withAtomicFiles, whyUnwritable } from './atomic-files.ts'
import { inRecommendThread } from './in-recommend-thread.ts'
import { delta, warnOfDelta } from './privacy-flags.ts'
import { progressBar } from './progress-bar.ts'
import { epsilons, mustExist, sigmas, trainers } from './recommend-flags.ts'
import { wholeNumber } from './whole-number.ts'

interface Flags {
  readonly interactions: string
  readonly items?: string
  readonly model?: string
  readonly epsilon: readonly number[]
  readonly delta: number
  readonly trainers: readonly TrainerName[]
  readonly storedSigmas: readonly string[]
  readonly mostLinkagePercent: number
  readonly report?: string
  readonly picture?: string
  readonly testSeed?: number
  readonly json?: true
}

export const recommendEvaluateCommand = (): Command =>
  new Command('evaluate')
    .description('Tells what recommendations are worth at each ε, on what people took last.')
    .requiredOption('--interactions <file>', 'CSV: user,item,timestamp[,value]')
    .option(
      '--model <directory>',
      'measures this model and trains none; it must not have seen what people took last',
    )
    .option('--epsilon <list>', 'such as 0.5,1.5,4', epsilons, [0.5, 1.5, 4, 8])
    .option('--delta <number>', 'probability with which ε may not hold', delta, 1e-5)
    .option('--trainers <list>', 'which are compared', trainers, ['popularity', 'co-occurrence', 'gradient'])
    .option('--items <file>', 'CSV, public: item[,category]')
    .option(
      '--stored-sigmas <list>',
      'such as 0.001,0.3,0.5: what vectors of people with this noise would be worth, and how many of them are found',
      sigmas,
      [],
    )
    .option('--most-linkage-percent <number>', 'so many may be found of a hundred', wholeNumber, 5)
    .option('--report <file>', 'the table, as Markdown')
    .option('--picture <file>', 'utility against ε, as SVG')
    .option('--test-seed <number>', 'the same noise each time', wholeNumber)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ assent recommend evaluate --interactions purchases.csv --epsilon 0.5,1.5,4 --report report.md --picture report.svg

The report is exact, not private: it is for who holds the data. See docs/recommend.md.`,
    )
    .action(async (flags: Flags, command: Command) => {
      mustExist(command, flags.interactions, flags.items, flags.model)
      const files = [flags.report, flags.picture].filter((file) => file !== undefined)
      const problem = files.map(whyUnwritable).find((why) => why !== null)
      if (problem !== undefined) command.error(`error: ${problem}`)
      await evaluated(flags)
    })

const evaluated = async (flags: Flags): Promise<void> => {
  const { interactions, items = null, model = null, testSeed = null, delta: allowed, trainers: names } = flags
  const evaluate = {
    interactions,
    items,
    model,
    testSeed,
    epsilons: flags.epsilon,
    delta: allowed,
    trainers: names,
    storedSigmas: flags.storedSigmas,
    mostLinkage: flags.mostLinkagePercent / 100,
  }
  const bar = progressBar(process.stderr)
  const found = await inRecommendThread({ kind: 'evaluate', evaluate }, bar.show).finally(bar.end)
  const report = found as Report
  if (model === null) warnOfDelta(allowed, report.people)
  await put(flags.report, reportAsMarkdown(report, flags.picture))
  await put(flags.picture, reportAsPicture(report))
  const asJson = (): string => JSON.stringify({ ...report, said: sentencesOf(report) }, null, 2)
  console.log(flags.json ? asJson() : reportAsMarkdown(report))
}

const put = async (file: string | undefined, text: string): Promise<void> => {
  if (file !== undefined) await withAtomicFiles([file], async ([out]) => out?.write(text))
}
