import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of this package by its path from the root: the same from the sources and from the build. */
export const packageFile = (path: string): string => {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory)
    if (parent === directory) throw new Error('The package this command belongs to cannot be found.')
    directory = parent
  }
  return join(directory, path)
}
