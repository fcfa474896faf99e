import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { codedError } from '../../coded-error.ts'

/**
 * Makes a directory and those it lies in, for nobody but us. One by one: asked to make all at once, Node never comes back from a
 * place that the system says is not there each time it is made, such as `/proc/model`. Says which were made, the outermost first.
 */
export const makeModelDirectory = (directory: string): readonly string[] => {
  const place = resolve(directory)
  const missing: string[] = []
  try {
    for (let at = place; !isThere(at); at = dirname(at)) missing.unshift(at)
    for (const next of missing) mkdirSync(next, { mode: 0o700 })
  } catch (problem) {
    throw codedError('MODEL_OUTPUT_UNWRITABLE', `${directory}: ${(problem as { code?: string }).code}`)
  }
  if (!statSync(place).isDirectory()) throw codedError('MODEL_OUTPUT_UNWRITABLE', `${directory}: ENOTDIR`)
  return missing
}

const isThere = (place: string): boolean => statSync(place, { throwIfNoEntry: false }) !== undefined
