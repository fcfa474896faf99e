import { readFileSync } from 'node:fs'
import { AssentError } from '../errors.ts'

/** The text of the file that a setting names. */
export const readSetFile = (file: string | null, setting: string): string => {
  try {
    return readFileSync(file ?? '', 'utf8')
  } catch (cause) {
    throw new AssentError('CONFIG_INVALID', `${setting} cannot be read`, { cause })
  }
}
