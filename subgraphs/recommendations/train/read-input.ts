import { readFileSync } from 'node:fs'
import { codedError } from '../../coded-error.ts'

/** A directory in place of a file, one that may not be read, or is not UTF-8, is an error of that input and not of the system. */
export const readInput = (file: string, code: 'INTERACTIONS_INVALID' | 'ITEMS_INVALID'): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (problem) {
    const why = (problem as { code?: string }).code
    throw codedError(code, `${file}: ${why === NOT_UTF8 ? 'not UTF-8' : why}`)
  }
}

const NOT_UTF8 = 'ERR_ENCODING_INVALID_ENCODED_DATA'
