import { readFileSync, writeFileSync } from 'node:fs'

/** The secret in this file, readable by its owner alone; made at the first time, and never again. */
export function keptKey(file: string, make: () => string): string {
  try {
    writeFileSync(file, make(), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8')
}
