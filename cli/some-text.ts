import { InvalidArgumentError } from 'commander'

/** The value of a flag that has to say something. */
export const someText = (written: string): string => {
  if (written.trim() === '') throw new InvalidArgumentError('it is empty.')
  return written
}
