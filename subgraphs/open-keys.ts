import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CodedFailure } from './coded-failure.ts'
import { type AwsKmsOptions, createAwsKms } from './identity/pseudonyms/aws-kms.ts'
import type { KeyBook, TokenFormat } from './identity/pseudonyms/key-book.ts'
import { type KeyRing, openKeyRing } from './identity/pseudonyms/key-ring.ts'
import type { Kms } from './identity/pseudonyms/kms.ts'
import { createLocalKms } from './identity/pseudonyms/local-kms.ts'
import { rememberingKms } from './identity/pseudonyms/remembering-kms.ts'
import { createVaultTransitKms, type VaultTransitOptions } from './identity/pseudonyms/vault-transit-kms.ts'

/** Where the keys of the identity graph are, and how tokens are made with them. */
export interface KeySettings {
  readonly kms?: LocalKeys | AwsKeys | VaultKeys
  readonly format?: TokenFormat
  /** Whose graph this is, when several share a key. Default: nobody's in particular. */
  readonly tenant?: string
  /** How many people a client may look up a minute. */
  readonly lookupsPerMinute?: number
}

/** A file in the data directory; the default. */
interface LocalKeys {
  readonly kind: 'local'
  /** What it is sealed under. Null: a file beside it, made together with it. */
  readonly secret: string | null
}

interface AwsKeys extends AwsKmsOptions {
  readonly kind: 'aws'
}

interface VaultKeys extends VaultTransitOptions {
  readonly kind: 'vault'
}

export interface OpenKeysOptions {
  readonly dataDir: string
  readonly settings: KeySettings
  readonly book: KeyBook
}

/** The key ring as the settings have it. Throws what `Kms` and `openKeyRing` throw. */
export async function openKeys({ dataDir, settings, book }: OpenKeysOptions): Promise<KeyRing> {
  refuseElderKey(dataDir)
  const kms = await kmsOf(dataDir, settings.kms ?? { kind: 'local', secret: null })
  const { format } = settings
  return openKeyRing({ kms, book, clock: Date.now, ...(format !== undefined && { format }) })
}

/** Of people asked for again and again; a restart asks anew. */
const REMEMBERED_MACS = 50_000

async function kmsOf(dataDir: string, kms: NonNullable<KeySettings['kms']>): Promise<Kms> {
  if (kms.kind === 'local') return createLocalKms({ directory: dataDir, secret: kms.secret })
  return rememberingKms(
    kms.kind === 'aws' ? await createAwsKms(kms) : createVaultTransitKms(kms),
    REMEMBERED_MACS,
  )
}

/** Before there was a key ring, tokens were made otherwise: nobody would be found by what they are known as. */
function refuseElderKey(dataDir: string): void {
  const file = join(dataDir, 'pseudonym.key')
  if (existsSync(file)) throw new CodedFailure('SCHEMA_OF_ANOTHER_VERSION', file)
}
