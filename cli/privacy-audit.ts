import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { auditOfNoise, isRefuting } from '../privacy/audit/audit-of-noise.ts'
import { differenceOfAnswers } from '../privacy/audit/difference-of-answers.ts'
import { type Finding, fitOfNoise } from '../privacy/audit/fit-of-noise.ts'
import { type MechanismName, MECHANISMS } from '../privacy/mechanisms.ts'
import { secureWords } from '../privacy/noise/random-words.ts'
import { type Rational, readRational, toNumber } from '../privacy/noise/rational.ts'
import { EXIT } from './exit-code.ts'
import { mechanismOption, positiveNumber, positiveScale, share } from './privacy-flags.ts'
import { progressBar } from './progress-bar.ts'
import { table } from './table.ts'
import { wholeNumber } from './whole-number.ts'

interface Flags {
  readonly mechanism: MechanismName
  readonly scale: Rational
  readonly draws: number
  readonly input?: string
  readonly neighbour?: string
  readonly epsilon?: number
  readonly delta: number
  readonly json?: true
}

export const privacyAuditCommand = (): Command =>
  new Command('audit')
    .description('Looks for what noise should not be. Exits with 1 when it is refuted.')
    .addOption(mechanismOption())
    .addOption(
      // Shown as it would be written: the help cannot print a fraction of big whole numbers.
      new Option('--scale <number>', 'of the noise')
        .argParser(positiveScale)
        .default(readRational('10') as Rational, '10'),
    )
    .option('--draws <number>', 'how many numbers each test draws', wholeNumber, 1_000_000)
    .option('--input <file>', 'numbers to look at, one a line, instead of drawing them')
    .option('--neighbour <file>', 'answers without one person, to be held against those of --input')
    .option('--epsilon <number>', 'what was promised; with --neighbour', positiveNumber)
    .option('--delta <number>', 'what was promised; with --neighbour', share, 0)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ assent privacy audit --mechanism discrete-laplace --scale 2
  $ assent privacy audit --mechanism discrete-gaussian --scale 10 --input noise.txt
  $ assent privacy audit --input answers-with.txt --neighbour answers-without.txt --epsilon 1

Without --input it also draws from mechanisms with a mistake in them, and exits with 1 unless it finds each.`,
    )
    .action((flags: Flags, command: Command) => {
      const outcome = outcomeOf(flags, command)
      console.log(flags.json ? JSON.stringify(outcome.told) : outcome.text)
      if (outcome.isRefuted) process.exitCode = EXIT.failed
    })

interface Outcome {
  readonly isRefuted: boolean
  readonly told: object
  readonly text: string
}

const outcomeOf = (flags: Flags, command: Command): Outcome => {
  if (flags.neighbour !== undefined) return outcomeOfAnswers(flags, command)
  if (toNumber(flags.scale) > WIDEST)
    command.error(`error: --scale is at most ${WIDEST} for a test of its frequencies`)
  if (flags.input !== undefined) return outcomeOfInput(flags, numbersIn(flags.input, command))
  if (flags.draws < FEWEST) command.error(`error: --draws is at least ${FEWEST}; fewer say nothing`)
  return outcomeOfMechanism(flags)
}

const WIDEST = 100_000
const FEWEST = 100_000

const outcomeOfMechanism = ({ mechanism, scale, draws }: Flags): Outcome => {
  const bar = progressBar(process.stderr)
  const { sampler, law } = MECHANISMS[mechanism]
  const audit = auditOfNoise({
    sampler: sampler(scale),
    law: law(toNumber(scale)),
    draws,
    words: secureWords(),
    progress: (done, of) => bar.show(done, of, 'tests'),
  })
  bar.end()
  const planted = audit.planted.map(({ name, isFound, by, mistake }) => [
    name,
    isFound ? `found by ${by}` : 'NOT FOUND',
    mistake,
  ])
  const text = `${findingsText(audit.findings)}\n\nMistakes made on purpose\n${table([['mechanism', 'outcome', 'mistake'], ...planted])}`
  return { isRefuted: audit.isRefuted || !audit.isSharp, told: audit, text }
}

const outcomeOfInput = ({ mechanism, scale }: Flags, numbers: readonly number[]): Outcome => {
  const findings = fitOfNoise(numbers, MECHANISMS[mechanism].law(toNumber(scale)))
  const isRefuted = findings.some(isRefuting)
  return { isRefuted, told: { findings, isRefuted }, text: findingsText(findings) }
}

const outcomeOfAnswers = ({ input, neighbour = '', epsilon, delta }: Flags, command: Command): Outcome => {
  if (input === undefined || epsilon === undefined)
    command.error('error: --neighbour needs --input and --epsilon')
  const answers = [numbersIn(input ?? '', command), numbersIn(neighbour, command)] as const
  const difference = differenceOfAnswers(answers, { epsilon: epsilon ?? 0, delta })
  const said = difference.isRefuted ? 'REFUTED' : 'not refuted'
  return {
    ...difference,
    told: difference,
    text: `${said}: δ is at least ${difference.deltaAtLeast} at ε = ${epsilon}`,
  }
}

const findingsText = (findings: readonly Finding[]): string =>
  table([
    ['test', 'p', 'outcome'],
    ...findings.map((finding) => [
      finding.test,
      finding.p.toPrecision(3),
      isRefuting(finding) ? 'REFUTED' : 'fits',
    ]),
  ])

const numbersIn = (file: string, command: Command): number[] => {
  const lines = textOf(file, command).split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  const wrong = lines.findIndex((line) => line.trim() === '' || !Number.isFinite(Number(line)))
  if (wrong >= 0) command.error(`error: ${file}:${wrong + 1} is not a number`)
  if (lines.length < FEWEST_READ)
    command.error(`error: ${file} has fewer than ${FEWEST_READ} numbers, which say nothing`)
  return lines.map(Number)
}

const FEWEST_READ = 1000

const textOf = (file: string, command: Command): string => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch {
    return command.error(`error: ${file} cannot be read`)
  }
}
