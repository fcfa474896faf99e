import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { open, seal } from '../../seal.ts'

/** The secrets behind the receipts, as they are kept: nothing of them is ever written to the database. */
export interface ReceiptSecrets {
  /** Texts of at least 32 bytes, under which each person's own key is kept. The first is used, the others still open. */
  readonly masters: readonly string[]
  /**
   * Ed25519 keys as base64 of DER: the first is private (PKCS#8) and signs, the others, private or public (SPKI), are
   * those it signed with before.
   */
  readonly signers: readonly string[]
}

/** What the receipts are sealed and signed with. */
export interface ReceiptKeys {
  /** A person's own key, new. */
  mint(): Buffer
  wrap(personKey: Buffer, pid: string): Wrapped
  /** Null when it was not wrapped for this person, or is not whole, or the master key is not among ours. */
  unwrap(wrapped: Wrapped, pid: string): Buffer | null
  /** Whether it lies under the master key in use; if not, it is wrapped anew. */
  isCurrent(wrapped: Wrapped): boolean
  sign(hash: Buffer): Signature
  verify(hash: Buffer, signature: Signature): boolean
}

export interface Wrapped {
  readonly bytes: Buffer
  readonly masterId: string
}

export interface Signature {
  readonly bytes: Buffer
  readonly signerId: string
}

/** Throws `RangeError` with every fault, none of them with a secret. */
export function createReceiptKeys(secrets: ReceiptSecrets): ReceiptKeys {
  const masters = masterKeys(secrets.masters)
  const signers = verifiers(secrets.signers)
  const [masterId, master] = first(masters)
  const signer = createPrivateKey({ key: der(secrets.signers[0] ?? ''), format: 'der', type: 'pkcs8' })
  const [signerId] = first(signers)
  return {
    mint: () => randomBytes(KEY_BYTES),
    wrap: (personKey, pid) => ({ bytes: seal(personKey, master, Buffer.from(pid)), masterId }),
    unwrap(wrapped, pid) {
      const key = masters.get(wrapped.masterId)
      return key === undefined ? null : open(wrapped.bytes, key, Buffer.from(pid))
    },
    isCurrent: (wrapped) => wrapped.masterId === masterId,
    sign: (hash) => ({ bytes: sign(null, hash, signer), signerId }),
    verify(hash, signature) {
      const key = signers.get(signature.signerId)
      return key !== undefined && verify(null, hash, key, signature.bytes)
    },
  }
}

export function makeMasterSecret(): string {
  return randomBytes(KEY_BYTES).toString('base64url')
}

export function makeSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
}

const KEY_BYTES = 32

function masterKeys(secrets: readonly string[]): ReadonlyMap<string, Buffer> {
  if (secrets.length === 0 || secrets.some((secret) => Buffer.byteLength(secret) < KEY_BYTES))
    throw new RangeError(
      `Receipt keys: a master secret has at least ${KEY_BYTES} bytes, and there is at least one`,
    )
  return new Map(
    secrets.map((secret) => {
      // The id tells which secret it was and nothing about it (HKDF, RFC 5869: outputs of different labels are independent).
      const derived = (label: string, bytes: number): Buffer =>
        Buffer.from(hkdfSync('sha256', secret, '', `assent receipts ${label}`, bytes))
      return [derived('id', 8).toString('hex'), derived('key', KEY_BYTES)]
    }),
  )
}

function verifiers(encoded: readonly string[]): ReadonlyMap<string, KeyObject> {
  return new Map(encoded.map((key) => publicKey(der(key))).map((key) => [idOf(key), key]))
}

function publicKey(bytes: Buffer): KeyObject {
  try {
    const isPublic = isReadable(() => createPublicKey({ key: bytes, format: 'der', type: 'spki' }))
    const key = isPublic
      ? createPublicKey({ key: bytes, format: 'der', type: 'spki' })
      : createPublicKey(createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }))
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Told below: what the library says could quote the key.
  }
  throw new RangeError('Receipt keys: a signing key is not an Ed25519 key in base64 of DER')
}

function isReadable(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

function idOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex')
    .slice(0, 16)
}

function der(encoded: string): Buffer {
  return Buffer.from(encoded.trim(), 'base64')
}

function first<T>(keys: ReadonlyMap<string, T>): readonly [string, T] {
  for (const entry of keys) return entry
  throw new RangeError('Receipt keys: there is none')
}
