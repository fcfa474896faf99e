import { readFileSync } from 'node:fs'
import { codedError } from '../../coded-error.ts'

/** A directory in place of a file, or one that may not be read, is an error of that input and not of the system. */
export const readInput = (file: string, code: 'INTERACTIONS_INVALID' | 'ITEMS_INVALID'): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (problem) {
    throw codedError(code, `${file}: ${(problem as { code?: string }).code}`)
  }
}
