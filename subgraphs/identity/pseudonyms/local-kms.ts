import { createHmac, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CodedFailure } from '../../coded-failure.ts'
import { keptKey } from '../../kept-key.ts'
import { open, seal } from '../../seal.ts'
import { type KeyFileContent, makeKeyFile, type OpenKeyFile, openKeyFile, readPrivate } from './key-file.ts'
import type { Kms } from './kms.ts'

export interface LocalKmsOptions {
  /** Where `keyring.json` is, and `keyring.secret` when no secret is given. */
  readonly directory: string
  /** What the file is sealed under. Null: the file `keyring.secret` beside it, which is made together with the ring. */
  readonly secret: string | null
}

/**
 * Keys in a file of this machine, sealed (AES-256-GCM) under a key made of a secret (scrypt). Whoever has the file alone
 * has nothing; a secret in the same directory keeps them only from who copies the ring or the tables without it.
 */
export function createLocalKms(options: LocalKmsOptions): Kms {
  const ring = openRing(options)
  return {
    async mac(keyId, messages) {
      const key = await ring.key(keyId)
      return messages.map((message) => createHmac('sha256', key).update(message).digest())
    },
    encrypt: async (plain, bound) => seal(plain, await ring.key(WRAPPING), Buffer.from(bound)),
    decrypt: async (sealed, bound) => open(sealed, await ring.key(WRAPPING), Buffer.from(bound)),
    async makeMacKey(version) {
      // The name says which of all keys of this version it is: another ring is not taken for this one.
      const keyId = `mac-${version}-${randomBytes(6).toString('hex')}`
      const key = randomBytes(KEY_BYTES)
      if (
        await ring.make(
          new Map([
            [WRAPPING, randomBytes(KEY_BYTES)],
            [keyId, key],
          ]),
        )
      )
        return keyId
      const keys = await ring.keysNow()
      const known = [...keys.keys()].find((name) => name.startsWith(`mac-${version}-`))
      if (known !== undefined) return known
      await ring.save(new Map([...keys, [keyId, key]]))
      return keyId
    },
    async destroyMacKey(keyId) {
      const keys = await ring.keysNow()
      if (keys.has(keyId)) await ring.save(new Map([...keys].filter(([name]) => name !== keyId)))
    },
    async close() {
      ring.forget()
    },
  }
}

/** The file, opened at the first need. */
function openRing({ directory, secret }: LocalKmsOptions) {
  const file = join(directory, 'keyring.json')
  const secretFile = join(directory, 'keyring.secret')
  const secretOf = async (): Promise<string> => secret ?? readPrivate(secretFile, 'KEYRING_SECRET_MISSING')
  let opened: OpenKeyFile | null = null
  const current = async (): Promise<OpenKeyFile> => {
    if (!existsSync(file)) throw new CodedFailure('KEYRING_MISSING', file)
    opened ??= await openKeyFile(file, await secretOf())
    return opened
  }
  const keysNow = async (): Promise<KeyFileContent> => {
    opened = null
    return (await current()).keys
  }
  return {
    async key(name: string): Promise<Buffer> {
      // Another process may have put a key in since.
      const key = opened?.keys.get(name) ?? (await keysNow()).get(name)
      if (key === undefined) throw new CodedFailure('KEY_REFUSED', `${name} in ${file}`)
      return key
    },
    keysNow,
    /** False when there is one. */
    async make(keys: KeyFileContent): Promise<boolean> {
      if (existsSync(file)) return false
      if (secret === null) keptKey(secretFile, makeSecret)
      return makeKeyFile(file, await secretOf(), keys)
    },
    async save(keys: KeyFileContent): Promise<void> {
      await (await current()).save(keys)
      opened = null
    },
    forget(): void {
      opened = null
    },
  }
}

const WRAPPING = 'wrapping'
const KEY_BYTES = 32

const makeSecret = (): string => randomBytes(KEY_BYTES).toString('base64url')
