import { once } from 'node:events'
import { Command } from 'commander'
import { type MechanismName, MECHANISMS } from '../privacy/mechanisms.ts'
import { secureWords } from '../privacy/noise/random-words.ts'
import type { Rational } from '../privacy/noise/rational.ts'
import { mechanismOption, positiveScale } from './privacy-flags.ts'
import { wholeNumber } from './whole-number.ts'

interface Flags {
  readonly mechanism: MechanismName
  readonly scale: Rational
  readonly count: number
  readonly json?: true
}

export const privacySampleCommand = (): Command =>
  new Command('sample')
    .description('Draws exact noise from the system’s random numbers and prints it, one whole number a line.')
    .addOption(mechanismOption())
    .requiredOption('--scale <number>', `σ of the Gaussian; sensitivity / ε of Laplace’s`, positiveScale)
    .option('--count <number>', 'how many', wholeNumber, 1)
    .option('--json', 'as one JSON array')
    .addHelpText(
      'after',
      '\nExample:\n  $ assent privacy sample --mechanism discrete-laplace --scale 2 --count 5',
    )
    .action(async ({ mechanism, scale, count, json }: Flags) => {
      const draw = MECHANISMS[mechanism].sampler(scale)
      const words = secureWords()
      if (json) process.stdout.write('[')
      for (let done = 0; done < count;) {
        const some = Array.from({ length: Math.min(AT_ONCE, count - done) }, () => draw(words))
        const before = json && done > 0 ? ',' : ''
        done += some.length
        // Whoever reads slowly is waited for.
        if (!process.stdout.write(json ? before + some.join(',') : `${some.join('\n')}\n`))
          await once(process.stdout, 'drain')
      }
      if (json) process.stdout.write(']\n')
    })

const AT_ONCE = 16_384
