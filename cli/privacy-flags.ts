import { InvalidArgumentError, Option } from 'commander'
import { MECHANISMS } from '../privacy/mechanisms.ts'
import { type Rational, readRational } from '../privacy/noise/rational.ts'
import { wholeNumber } from './whole-number.ts'

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

/** At least one. */
export const people = (written: string): number => {
  const value = wholeNumber(written)
  if (value === 0) throw new InvalidArgumentError('write a whole number above 0.')
  return value
}

/**
 * Whoever publishes everything about one of n people at random keeps every promise with δ = 1/n, so a δ that large promises nothing
 * (Dwork and Roth 2014, §2.3). It is told and not refused: what is asked for may be a comparison.
 */
export const warnOfDelta = (allowed: number, count: number | undefined): void => {
  if (count === undefined || allowed * count < 1) return
  console.error(
    `δ = ${allowed} is no promise among ${count} people: all about one of them could be told. Take --delta well below ${1 / count}.`,
  )
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
