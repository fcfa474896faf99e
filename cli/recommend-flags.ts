import { existsSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { TrainerName } from '../subgraphs/recommendations/train/training-run.ts'
import { sigmaOf } from '../subgraphs/recommendations/vectors/noised-vector.ts'
import { positiveNumber } from './privacy-flags.ts'

const TRAINERS: readonly TrainerName[] = ['auto', 'co-occurrence', 'gradient', 'popularity']

/** Below it noise is wider than any crowd; above it nothing is hidden. */
export const epsilon = (written: string): number => {
  const value = positiveNumber(written)
  if (value < 0.01 || value > 50) throw new InvalidArgumentError('write a number from 0.01 to 50.')
  return value
}

export const epsilons = (written: string): readonly number[] => [...new Set(written.split(',').map(epsilon))]

export const sigmas = (written: string): readonly string[] => {
  const listed = [...new Set(written.split(','))]
  if (listed.some((one) => sigmaOf(one) === null))
    throw new InvalidArgumentError('write numbers from 0.0001 to 10.')
  return listed
}

export const trainers = (written: string): readonly TrainerName[] => {
  const names = [...new Set(written.split(','))] as TrainerName[]
  if (!names.every((name) => TRAINERS.includes(name)))
    throw new InvalidArgumentError(`write some of ${TRAINERS.join(', ')}.`)
  return names
}

export const trainerOption = (): Option =>
  new Option('--trainer <name>', 'auto: by the number of people and whether items have categories')
    .choices(TRAINERS)
    .default('auto')

/** Told before anything is begun. */
export const mustExist = (command: Command, ...files: readonly (string | undefined)[]): void => {
  const missing = files.find((file) => file !== undefined && !existsSync(file))
  if (missing !== undefined) command.error(`error: there is no file ${missing}`)
}
