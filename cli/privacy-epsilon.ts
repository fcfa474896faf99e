import { Command, Option } from 'commander'
import { epsilonOfRho, rhoOfGaussian } from '../privacy/accounting/concentrated.ts'
import { epsilonOfRenyi } from '../privacy/accounting/epsilon-of-renyi.ts'
import { epsilonOfSteps, NEAR } from '../privacy/accounting/epsilon-of-steps.ts'
import { renyiCurve } from '../privacy/accounting/renyi.ts'
import type { SampledGaussian } from '../privacy/accounting/sampled-gaussian.ts'
import { delta, people as countOfPeople, positiveNumber, share, warnOfDelta } from './privacy-flags.ts'
import { wholeNumber } from './whole-number.ts'

interface Flags {
  readonly samplingRate: number
  readonly noiseMultiplier: number
  readonly steps: number
  readonly delta: number
  readonly accountant: keyof typeof ACCOUNTANTS
  readonly people?: number
  readonly json?: true
}

export const privacyEpsilonCommand = (): Command =>
  new Command('epsilon')
    .description('Prints ε of so many steps of Gaussian noise on a sum over a random sample of the people.')
    .option('--sampling-rate <number>', 'probability with which each person is in a step', share, 1)
    .requiredOption(
      '--noise-multiplier <number>',
      'standard deviation of the noise, in units of one person',
      positiveNumber,
    )
    .option('--steps <number>', 'how many', wholeNumber, 1)
    .requiredOption('--delta <number>', 'probability with which ε may not hold', delta)
    .addOption(
      new Option('--accountant <name>', 'pld is the tightest; rdp adds up; zcdp makes nothing of sampling')
        .choices(Object.keys(ACCOUNTANTS))
        .default('pld'),
    )
    .option(
      '--people <number>',
      'how many there are, to be told where δ is too large for them',
      countOfPeople,
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ assent privacy epsilon --sampling-rate 0.01 --noise-multiplier 1.1 --steps 3000 --delta 1e-5',
    )
    .action((flags: Flags, command: Command) => {
      const { samplingRate, noiseMultiplier, steps, delta: allowed, accountant: asked, people } = flags
      const found: Found = ACCOUNTANTS[asked]({ samplingRate, noiseMultiplier }, steps, allowed)
      if (!Number.isFinite(found.epsilon))
        command.error(
          `error: ε is beyond all numbers; a --noise-multiplier of ${noiseMultiplier} hides nobody`,
        )
      const accountant = found.by ?? asked
      if (accountant !== asked)
        console.error(
          found.isNear
            ? `${asked} proves no less for these numbers; this is proved by ${PROOFS[accountant]}.`
            : `${asked} cannot be computed to ${2 * NEAR} for these numbers; this is larger, and proved by ${PROOFS[accountant]}.`,
        )
      warnOfDelta(allowed, people)
      const { by: _, isNear: __, ...told } = found
      console.log(
        flags.json ? JSON.stringify({ ...told, delta: allowed, accountant }) : String(found.epsilon),
      )
    })

interface Found {
  readonly epsilon: number
  /** Of Rényi's: the one that gave the smallest ε. */
  readonly order?: number | null
  /** The accountant whose it is, where it is not that of the one that was asked. */
  readonly by?: 'rdp' | 'unsampled'
  /** Whether it is as near to the truth as is promised although it is another’s. */
  readonly isNear?: boolean
}

const PROOFS: Readonly<Record<string, string>> = {
  rdp: 'rdp',
  unsampled: 'what everybody in every step would give away',
}

type Accountant = (step: SampledGaussian, steps: number, delta: number) => Found

const ACCOUNTANTS = {
  pld: (step, steps, allowed) => {
    const { epsilon, by, isNear } = epsilonOfSteps(step, steps, allowed)
    return by === 'losses' ? { epsilon } : { epsilon, by: by === 'renyi' ? 'rdp' : 'unsampled', isNear }
  },
  rdp: (step, steps, allowed) => epsilonOfRenyi(renyiCurve(step, steps), allowed),
  zcdp: ({ samplingRate, noiseMultiplier }, steps, allowed) => ({
    epsilon: samplingRate === 0 ? 0 : epsilonOfRho(rhoOfGaussian(noiseMultiplier, steps), allowed),
  }),
} as const satisfies Record<string, Accountant>
