import { CodedFailure } from '../../coded-failure.ts'
import type { BookPage, KeyBook, KeyState, Rotation, TokenFormat } from './key-book.ts'
import type { Kms } from './kms.ts'

/**
 * One change of keys, step by step in the book: whoever is killed anywhere goes on where the book stands. Of two who go
 * on at once the slower one is told so (`ROTATION_ELSEWHERE`) and has written nothing.
 */
export interface KeyRotation {
  /** The one under way; null: there is none. */
  underWay(): Promise<Rotation | null>
  /** Makes the next key, and from now on tokens are made with both. */
  begin(terms: RotationTerms): Promise<Rotation>
  /** How far it has come. */
  save(rotation: Rotation): Promise<Rotation>
  /** From now on no token is made with the elder keys; they are still looked up. */
  stopWriting(rotation: Rotation): Promise<Rotation>
  /** From now on the elder keys are not even looked up with. */
  retire(rotation: Rotation): Promise<Rotation>
  /** Destroys the elder keys and ends the rotation. */
  destroy(rotation: Rotation): Promise<void>
}

export interface RotationTerms {
  readonly format: TokenFormat
  /** How long elder pids lead on at least. */
  readonly windowMs: number
  /** Of records, for progress. */
  readonly total: number
}

export interface RotationParts {
  readonly kms: Kms
  readonly book: KeyBook
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

export function keyRotation({ kms, book, clock }: RotationParts): KeyRotation {
  /** As this job knows it: written over only where nobody else wrote since. */
  let page: BookPage | null = null
  const current = async (): Promise<BookPage> => (page ??= await book.read())
  const write = async (change: Partial<BookPage>): Promise<void> => {
    const before = await current()
    if (!(await book.write({ ...before, ...change })))
      throw new CodedFailure('ROTATION_ELSEWHERE', 'key book')
    page = { ...before, ...change, revision: before.revision + 1 }
  }
  const moved = async (rotation: Rotation, keys: readonly KeyState[]): Promise<Rotation> => {
    await write({ keys, rotation })
    return rotation
  }
  const elder = async (
    rotation: Rotation,
    change: (key: KeyState) => KeyState,
  ): Promise<readonly KeyState[]> =>
    (await current()).keys.map((key) => (key.version < rotation.to ? change(key) : key))

  return {
    underWay: async () => (await current()).rotation,
    async begin({ format, windowMs, total }) {
      const { keys } = await current()
      const to = Math.max(0, ...keys.map(({ version }) => version)) + 1
      const [startedAt, keyId] = [clock(), await kms.makeMacKey(to)]
      const made: KeyState = { version: to, keyId, state: 'writing', from: startedAt, to: null, format }
      const rotation = { to, step: 'rewriting', position: 0, done: 0, total, startedAt } as const
      return moved({ ...rotation, windowEnds: startedAt + windowMs }, [made, ...keys])
    },
    save: async (rotation) => moved(rotation, (await current()).keys),
    async stopWriting(rotation) {
      const keys = await elder(rotation, (key) =>
        key.state === 'writing' ? { ...key, state: 'reading' } : key,
      )
      return moved({ ...rotation, step: 'sweeping', position: 0, done: 0 }, keys)
    },
    async retire(rotation) {
      const at = clock()
      const keys = await elder(rotation, (key) =>
        key.state === 'retired' ? key : { ...key, state: 'retired', to: at },
      )
      return moved({ ...rotation, step: 'destroying' }, keys)
    },
    async destroy(rotation) {
      for (const { keyId, state, version } of (await current()).keys)
        // eslint-disable-next-line no-await-in-loop -- seldom more than one
        if (state === 'retired' && version < rotation.to) await kms.destroyMacKey(keyId)
      await write({ rotation: null })
    },
  }
}
