import { InvalidArgumentError } from 'commander'

/** The value of a flag that counts something. */
export const wholeNumber = (written: string): number => {
  if (!/^\d{1,9}$/.test(written)) throw new InvalidArgumentError('write a whole number.')
  return Number(written)
}
