import { InvalidArgumentError } from 'commander'

/** A flag whose value is a JSON object. */
export const parseJsonObject = (written: string): Record<string, unknown> => {
  try {
    return JSON.parse(written) as Record<string, unknown>
  } catch {
    throw new InvalidArgumentError('write a JSON object.')
  }
}
