import { type IdbDatabase, type IdbRequest, inTurn, outside } from './outside.ts'

/** The key that signs what a person says. It never leaves where it was made. */
export interface SigningKeys {
  /** The public half, as a JWK with `kty`, `crv`, `x` and `y`. */
  publicKey(): Promise<object>
  /** ECDSA with P-256 and SHA-256, as r and s one behind the other. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const NAME = 'assent-consent'

type Pair = Awaited<ReturnType<typeof makePair>>

/** Made once, kept by the browser (IndexedDB) and not exportable; where nothing can be kept, made anew each time. */
export function createSigningKeys(): SigningKeys {
  let pair: Promise<Pair> | undefined
  const own = (): Promise<Pair> =>
    (pair ??= inTurn(`${NAME}:key`, async () => {
      const made = await makePair()
      return keptPair(made).catch(() => made)
    }))
  return {
    async publicKey() {
      const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', (await own()).publicKey)
      return { kty, crv, x, y }
    },
    async sign(bytes) {
      const { privateKey } = await own()
      return new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, bytes))
    },
  }
}

function makePair() {
  return crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
}

/** The pair that is kept, or this one, kept from now on. */
async function keptPair(made: Pair): Promise<Pair> {
  const opening = outside.indexedDB?.open(NAME, 1)
  if (opening === undefined) return made
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('keys'))
  const database: IdbDatabase = await done(opening)
  try {
    const store = database.transaction('keys', 'readwrite').objectStore('keys')
    const kept = (await done(store.get('signing'))) as Pair | undefined
    if (kept !== undefined) return kept
    await done(store.put(made, 'signing'))
    return made
  } finally {
    database.close()
  }
}

function done<T>(request: IdbRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })
}
