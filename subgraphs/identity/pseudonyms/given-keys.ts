import { createHmac } from 'node:crypto'
import type { KeyState, TokenFormat } from './key-book.ts'
import { type KeyRing, STANDARD_FORMAT } from './key-ring.ts'

export interface GivenKey {
  /** A positive whole number, part of every token. */
  readonly version: number
  /** At least 32 bytes. */
  readonly secret: string | Uint8Array
}

export interface GivenKeys {
  readonly keys: readonly GivenKey[]
  /** The version new tokens are made with; the others are looked up with. */
  readonly current: number
  readonly format?: TokenFormat
}

/** Keys that whoever calls has in hand: they are kept by nobody and not rotated. For tests, and for made-up graphs. */
export function givenKeys({
  keys,
  current,
  format = STANDARD_FORMAT,
}: GivenKeys): Pick<KeyRing, 'keys' | 'mac'> {
  checkKeys(keys, current)
  const secrets = new Map(keys.map(({ version, secret }) => [version, secret]))
  const states = keys
    .map(({ version }): KeyState => ({
      version,
      keyId: `given-${version}`,
      state: version === current ? 'writing' : 'reading',
      from: 0,
      to: null,
      format,
    }))
    .toSorted((a, b) => b.version - a.version)
  return {
    keys: async () => states,
    async mac(version, messages) {
      const secret = secrets.get(version)
      if (secret === undefined) throw new RangeError(`No pseudonym key of version ${version}`)
      return messages.map((message) => createHmac('sha256', secret).update(message).digest())
    },
  }
}

const MINIMUM_SECRET_BYTES = 32

/** Every fault is told at once, none of them with the secret. */
function checkKeys(keys: readonly GivenKey[], current: number): void {
  const versions = keys.map((key) => key.version)
  const faults = [
    ...keys
      .filter(({ version }) => !Number.isSafeInteger(version) || version < 1)
      .map(() => 'a version is not a positive whole number'),
    ...keys
      .filter(({ secret }) => Buffer.byteLength(secret) < MINIMUM_SECRET_BYTES)
      .map(({ version }) => `the secret of version ${version} has fewer than ${MINIMUM_SECRET_BYTES} bytes`),
    ...(new Set(versions).size < versions.length ? ['a version is given twice'] : []),
    ...(versions.includes(current) ? [] : [`there is no key of the current version ${current}`]),
  ]
  if (faults.length > 0) throw new RangeError(`Pseudonym keys: ${faults.join('; ')}`)
}
