import { watch } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AssentError } from '../errors.ts'
import type { SupergraphSource } from './supergraph-source.ts'

export interface SupergraphFileOptions {
  readonly file: string
  readonly maxBytes: number
}

/** A file written within this time may not be whole yet: half a supergraph can be a valid one with fewer rules. */
const SETTLED_MS = 100
const MOST_ATTEMPTS = 50

interface Version {
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** A supergraph in a file. Editors and orchestrators replace the file, so the directory is watched, and the path read anew. */
export const supergraphFile = ({ file, maxBytes }: SupergraphFileOptions): SupergraphSource => {
  let known: Version | undefined
  return {
    name: file,
    mayBeAway: false,
    async read() {
      try {
        for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
          const before = await stat(file, { bigint: true })
          if (known !== undefined && isSame(before, known)) return null
          if (before.size > maxBytes) throw new AssentError('SUPERGRAPH_TOO_LARGE', file)
          if (Math.abs(Date.now() - Number(before.mtimeMs)) < SETTLED_MS) await delay(SETTLED_MS)
          const text = await readFile(file, 'utf8')
          if (!isSame(before, await stat(file, { bigint: true }))) continue
          known = before
          return text
        }
      } catch (cause) {
        throw cause instanceof AssentError
          ? cause
          : new AssentError('SUPERGRAPH_UNAVAILABLE', file, { cause })
      }
      throw new AssentError('SUPERGRAPH_UNAVAILABLE', `${file} is being written`)
    },
    onChange(changed) {
      try {
        const watcher = watch(dirname(file), { persistent: false }, changed)
        // What cannot be watched is still polled.
        watcher.on('error', () => watcher.close())
        return () => watcher.close()
      } catch {
        return () => undefined
      }
    },
  }
}

const isSame = (one: Version, other: Version): boolean =>
  one.ino === other.ino &&
  one.size === other.size &&
  one.mtimeNs === other.mtimeNs &&
  one.ctimeNs === other.ctimeNs
