import { CodedFailure } from '../../coded-failure.ts'
import type { Kms } from './kms.ts'

export interface VaultTransitOptions {
  /** `https://vault.example:8200` */
  readonly url: string
  readonly token: string
  /** Where the transit engine is mounted. Default `transit`. */
  readonly mount?: string
  readonly namespace?: string
  /** What the names of our keys begin with: `<prefix>-mac-1`, `<prefix>-wrapping`. */
  readonly prefix: string
}

/**
 * The transit engine of HashiCorp Vault: `hmac/:key/sha2-256`, `encrypt/:key`, `decrypt/:key`. Each of our versions is a
 * key of its own there, of which only the first version is used (`vault:v1:…`): a key that somebody rotates in Vault
 * would otherwise make other tokens without anybody being told.
 */
export function createVaultTransitKms(options: VaultTransitOptions): Kms {
  const { prefix } = options
  const ask = asking(options)
  const wrapping = `${prefix}-wrapping`

  return {
    async mac(keyId, messages) {
      const macs: Buffer[] = []
      for (let start = 0; start < messages.length; start += BATCH) {
        const batch_input = messages
          .slice(start, start + BATCH)
          .map((message) => ({ input: base64(message) }))
        // eslint-disable-next-line no-await-in-loop -- one batch after the other: Vault is shared with others
        const answer = await ask('POST', `hmac/${keyId}/sha2-256`, { key_version: 1, batch_input })
        const results = (answer.data?.['batch_results'] ?? []) as readonly { readonly hmac?: string }[]
        if (results.length !== batch_input.length) throw malformed()
        macs.push(...results.map(({ hmac }) => firstVersion(hmac)))
      }
      return macs
    },
    async encrypt(plain, bound) {
      const body = { plaintext: base64(plain), associated_data: base64(Buffer.from(bound)) }
      const { data } = await ask('POST', `encrypt/${wrapping}`, body)
      return Buffer.from(textOf(data?.['ciphertext']))
    },
    async decrypt(sealed, bound) {
      const body = { ciphertext: sealed.toString(), associated_data: base64(Buffer.from(bound)) }
      const { status, data } = await ask('POST', `decrypt/${wrapping}`, body, [400])
      return status === 400 ? null : Buffer.from(textOf(data?.['plaintext']), 'base64')
    },
    async makeMacKey(version) {
      // To make a key that is there already changes nothing.
      await ask('POST', `keys/${wrapping}`, { type: 'aes256-gcm96' })
      const name = `${prefix}-mac-${version}`
      await ask('POST', `keys/${name}`, { type: 'hmac', key_size: 32 })
      return name
    },
    async destroyMacKey(keyId) {
      const { status } = await ask('GET', `keys/${keyId}`, null, [404])
      if (status === 404) return
      await ask('POST', `keys/${keyId}/config`, { deletion_allowed: true })
      await ask('DELETE', `keys/${keyId}`, null)
    },
    async close() {},
  }
}

const BATCH = 500
const TIMEOUT_MS = 5_000

interface Answer {
  readonly status: number
  readonly data?: Readonly<Record<string, unknown>>
}

type Ask = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: object | null,
  /** Statuses that are answers, too. */
  expected?: readonly number[],
) => Promise<Answer>

function asking({ url, token, mount = 'transit', namespace }: VaultTransitOptions): Ask {
  const headers = {
    'x-vault-token': token,
    'x-vault-request': 'true',
    'content-type': 'application/json',
    ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
  }
  return async (method, path, body, expected = []) => {
    const response = await fetch(new URL(`/v1/${mount}/${path}`, url), {
      method,
      headers,
      // A token must not follow to wherever somebody points.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== null && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new CodedFailure('KEYS_UNAVAILABLE', `Vault, ${(error as Error).name}`)
    })
    const { status } = response
    const text = await response.text().catch(() => '')
    if (expected.includes(status)) return { status }
    // 429: too many; 5xx: sealed, standby without a leader, or broken. What the body says could quote the request.
    if (status === 429 || status >= 500) throw new CodedFailure('KEYS_UNAVAILABLE', `Vault, status ${status}`)
    if (status >= 400) throw new CodedFailure('KEY_REFUSED', `Vault, status ${status}`)
    return { status, ...(text !== '' && readAnswer(text)) }
  }
}

function readAnswer(text: string): Pick<Answer, 'data'> {
  try {
    const { data } = JSON.parse(text) as Pick<Answer, 'data'>
    return data === undefined ? {} : { data }
  } catch {
    throw malformed()
  }
}

function firstVersion(hmac: unknown): Buffer {
  const digest = /^vault:v1:([A-Za-z0-9+/]+=*)$/.exec(String(hmac))?.[1]
  if (digest === undefined) throw malformed()
  return Buffer.from(digest, 'base64')
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw malformed()
  return value
}

const malformed = (): CodedFailure => new CodedFailure('KEY_REFUSED', 'Vault, an answer of another form')

const base64 = (bytes: Buffer): string => bytes.toString('base64')
