import { randomBytes } from 'node:crypto'
import { CodedFailure } from '../../coded-failure.ts'
import { open, seal } from '../../seal.ts'
import type { BookPage, KeyBook, KeyState, TokenFormat } from './key-book.ts'
import { type KeyRotation, keyRotation } from './key-rotation.ts'
import type { Kms } from './kms.ts'

/** The keys of the identity graph, as those who use them see them: by version and purpose, wherever they are kept. */
export interface KeyRing {
  /** Every key there is or was, the newest first, as the book has it now: another process may have changed it. */
  keys(): Promise<readonly KeyState[]>
  /** HMAC-SHA-256 of each message under the key of this version, in their order. A retired key makes none. */
  mac(version: number, messages: readonly Buffer[]): Promise<readonly Buffer[]>
  /** A data key, sealed so that it opens for the same `bound` only. The KMS is not asked: its wrapping key is here. */
  wrap(dataKey: Buffer, bound: string): Promise<WrappedKey>
  /** Null when it was wrapped for another `bound`, is not whole, or lies under a key we do not have. */
  unwrap(wrapped: WrappedKey, bound: string): Promise<Buffer | null>
  /** Whether it lies under the wrapping key in use; if not, wrap it anew. */
  isCurrent(wrapped: WrappedKey): boolean
  /** For one job that changes the keys. */
  rotation(): KeyRotation
  close(): Promise<void>
}

export interface WrappedKey {
  readonly keyId: string
  readonly bytes: Buffer
}

export interface KeyRingOptions {
  readonly kms: Kms
  readonly book: KeyBook
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** How the first key makes tokens; later ones are given theirs by a rotation. */
  readonly format?: TokenFormat
}

export const STANDARD_FORMAT: TokenFormat = { mode: 'standard', email: 'as-written' }

/**
 * Opens what the book tells of. Only a book in which nothing was ever written gets new keys: whoever lost the keys of
 * existing data is told so (`KEYRING_MISSING`, `KEY_REFUSED`), and not given others under which everybody is a stranger.
 */
export async function openKeyRing({
  kms,
  book,
  clock,
  format = STANDARD_FORMAT,
}: KeyRingOptions): Promise<KeyRing> {
  const page = await firstPage(kms, book, { clock, format })
  const wrapping = await openWrappingKeys(kms, page)
  const [current] = wrapping.keys()
  const known = new Map<number, KeyState>()
  const remembered = (keys: readonly KeyState[]): readonly KeyState[] => {
    for (const key of keys) known.set(key.version, key)
    return keys
  }
  remembered(page.keys)

  const ring: KeyRing = {
    keys: async () => remembered((await book.read()).keys),
    async mac(version, messages) {
      const key = known.get(version) ?? (await ring.keys()).find((each) => each.version === version)
      if (key === undefined || key.state === 'retired')
        throw new CodedFailure('KEY_REFUSED', `version ${version}`)
      return messages.length === 0 ? [] : kms.mac(key.keyId, messages)
    },
    async wrap(dataKey, bound) {
      const key = current === undefined ? undefined : wrapping.get(current)
      if (current === undefined || key === undefined) throw new CodedFailure('KEY_REFUSED', 'wrapping key')
      return { keyId: current, bytes: seal(dataKey, key, Buffer.from(bound)) }
    },
    async unwrap({ keyId, bytes }, bound) {
      const key = wrapping.get(keyId)
      return key === undefined ? null : open(bytes, key, Buffer.from(bound))
    },
    isCurrent: ({ keyId }) => keyId === current,
    rotation: () => keyRotation({ kms, book, clock }),
    close: () => kms.close(),
  }
  // A key that is not there is noticed at the start and not at the first person.
  const writing = page.keys.find(({ state }) => state === 'writing')
  if (writing !== undefined) await ring.mac(writing.version, [Buffer.from('assent')])
  return ring
}

/** The book as it is, or with its first keys. Of two processes that start at once, one writes and both read that. */
async function firstPage(
  kms: Kms,
  book: KeyBook,
  { clock, format }: Required<Pick<KeyRingOptions, 'clock' | 'format'>>,
): Promise<BookPage> {
  const page = await book.read()
  if (page.revision > 0) return page
  const keyId = await kms.makeMacKey(1)
  const id = `wrap-${randomBytes(8).toString('hex')}`
  const sealed = await kms.encrypt(randomBytes(KEY_BYTES), boundOf(id))
  await book.write({
    revision: 0,
    keys: [{ version: 1, keyId, state: 'writing', from: clock(), to: null, format }],
    wrapping: [{ id, sealed: sealed.toString('base64') }],
    rotation: null,
  })
  return book.read()
}

async function openWrappingKeys(kms: Kms, page: BookPage): Promise<ReadonlyMap<string, Buffer>> {
  const opened = await Promise.all(
    page.wrapping.map(async ({ id, sealed }) => {
      const key = await kms.decrypt(Buffer.from(sealed, 'base64'), boundOf(id))
      if (key === null) throw new CodedFailure('KEY_REFUSED', 'wrapping key')
      return [id, key] as const
    }),
  )
  return new Map(opened)
}

const KEY_BYTES = 32

const boundOf = (id: string): string => `assent identity ${id}`
