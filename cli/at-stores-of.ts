import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../gateway/config.ts'
import { AssentError } from '../gateway/errors.ts'
import { lockDataDirectory } from '../subgraphs/data-directory.ts'
import { readSettings } from './read-settings.ts'

/** Flags that say which stores a command works on. */
interface StoresFlags {
  readonly config?: string
  readonly data?: string
}

/** What a command opens to work on stores that are there already, and closes however it ends. */
interface Work<Opened> {
  readonly open: (config: Config) => Promise<Opened>
  readonly work: (opened: Opened, config: Config) => Promise<void>
}

/** Nothing is made anew: a directory without stores is refused, and one that somebody works in, too. */
export const atStoresOf = async <Opened extends { close(): Promise<unknown> }>(
  { config: file, data }: StoresFlags,
  { open, work }: Work<Opened>,
): Promise<void> => {
  const config = readSettings(file, { overrides: data === undefined ? {} : { data } })
  const { postgresUrl } = config
  if (postgresUrl === null && !existsSync(join(config.data, 'pglite'))) throw noStores(config.data)
  // A server has many clients; an embedded database has one.
  const lock = postgresUrl === null ? lockDataDirectory(config.data) : null
  try {
    const opened = await open(config)
    try {
      await work(opened, config)
    } finally {
      await opened.close()
    }
  } finally {
    lock?.release()
  }
}

const noStores = (directory: string): AssentError => {
  const remedy = 'Run `assent start` once, or name the directory it was run with.'
  const faults = [{ name: directory, place: '--data', problem: 'has no stores yet.', remedy }]
  return new AssentError('CONFIG_INVALID', '--data', { faults })
}
