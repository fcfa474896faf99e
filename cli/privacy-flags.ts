import { InvalidArgumentError, Option } from 'commander'
import { MECHANISMS } from '../privacy/mechanisms.ts'
import { type Rational, readRational } from '../privacy/noise/rational.ts'

/** As it is written, digit by digit: noise of a rounded scale would be other noise. */
export const positiveScale = (written: string): Rational => {
  const scale = readRational(written)
  if (scale === null || scale.n === 0n)
    throw new InvalidArgumentError('write a positive number, such as 2.5 or 5/2.')
  if (scale.n > MOST || scale.d > MOST) throw new InvalidArgumentError('write at most twelve digits.')
  return scale
}

const MOST = 1_000_000_000_000n

export const positiveNumber = (written: string): number => {
  const value = finite(written)
  if (value <= 0) throw new InvalidArgumentError('write a positive number.')
  return value
}

/** From 0 to 1, both included. */
export const share = (written: string): number => {
  const value = finite(written)
  if (value < 0 || value > 1) throw new InvalidArgumentError('write a number from 0 to 1.')
  return value
}

/** Between 0 and 1. */
export const delta = (written: string): number => {
  const value = finite(written)
  if (value <= 0 || value >= 1)
    throw new InvalidArgumentError('write a number between 0 and 1, such as 1e-5.')
  return value
}

const finite = (written: string): number => {
  const value = Number(written)
  if (written.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('write a number.')
  return value
}

export const mechanismOption = (): Option =>
  new Option('--mechanism <name>', 'which noise')
    .choices(Object.keys(MECHANISMS))
    .default('discrete-gaussian')
