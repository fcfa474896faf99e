import { InvalidArgumentError } from 'commander'

/** A flag that names somebody or something: a name that a shell variable left empty names nobody. */
export const notEmpty = (written: string): string => {
  if (written.trim() === '') throw new InvalidArgumentError('write a name.')
  return written
}
