import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CodedFailure } from './coded-failure.ts'
import type { KeyBook, TokenFormat } from './identity/pseudonyms/key-book.ts'
import { type KeyRing, openKeyRing } from './identity/pseudonyms/key-ring.ts'
import type { Kms } from './identity/pseudonyms/kms.ts'
import { createLocalKms } from './identity/pseudonyms/local-kms.ts'

/** Where the keys of the identity graph are, and how tokens are made with them. */
export interface KeySettings {
  /** What the key ring in the data directory is sealed under; absent: a file beside it, made together with it. */
  readonly secret?: string
  readonly format?: TokenFormat
  /** Whose graph this is, when several share a key. Default: nobody's in particular. */
  readonly tenant?: string
}

export interface OpenKeysOptions {
  readonly dataDir: string
  readonly settings: KeySettings
  readonly book: KeyBook
}

/** The key ring as the settings have it. Throws what `Kms` and `openKeyRing` throw. */
export async function openKeys({ dataDir, settings, book }: OpenKeysOptions): Promise<KeyRing> {
  refuseElderKey(dataDir)
  const kms = kmsOf(dataDir, settings)
  const { format } = settings
  return openKeyRing({ kms, book, clock: Date.now, ...(format !== undefined && { format }) })
}

function kmsOf(dataDir: string, { secret }: KeySettings): Kms {
  return createLocalKms({ directory: dataDir, secret: secret ?? null })
}

/** Before there was a key ring, tokens were made otherwise: nobody would be found by what they are known as. */
function refuseElderKey(dataDir: string): void {
  const file = join(dataDir, 'pseudonym.key')
  if (existsSync(file)) throw new CodedFailure('SCHEMA_OF_ANOTHER_VERSION', file)
}
