import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeVault {
  readonly url: string
  readonly token: string
  /** Method and path of every request, in order. */
  readonly asked: readonly string[]
  /** What is answered instead, until it is taken back: a status, as of a Vault that is sealed. */
  fail(status: number | null): void
  /** As somebody with rights in Vault may do: the newest version of the key is then another one. */
  rotate(key: string): void
  keys(): readonly string[]
  close(): Promise<void>
}

interface TransitKey {
  readonly type: string
  versions: Buffer[]
  isDeletable: boolean
}

/**
 * As much of the transit engine as its documentation says and we use
 * (developer.hashicorp.com/vault/api-docs/secret/transit): keys, hmac with batches, encrypt, decrypt, deletion.
 */
export async function startFakeVault(): Promise<FakeVault> {
  const token = `hvs.${randomBytes(18).toString('base64url')}`
  const keys = new Map<string, TransitKey>()
  const asked: string[] = []
  let failure: number | null = null
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const path = (request.url ?? '').replace('/v1/transit/', '')
      asked.push(`${request.method} ${path}`)
      if (failure !== null) return reply(response, failure, { errors: ['Vault is sealed'] })
      if (request.headers['x-vault-token'] !== token)
        return reply(response, 403, { errors: ['permission denied'] })
      const { status, data } = answerTo(keys, request.method ?? '', path, body)
      return reply(response, status, status < 400 ? { request_id: 'r', data } : { errors: [data] })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    asked,
    fail: (status) => (failure = status),
    rotate: (name) => void keys.get(name)?.versions.push(randomBytes(32)),
    keys: () => [...keys.keys()],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

interface Answered {
  readonly status: number
  readonly data?: unknown
}

type Body = Record<string, unknown> & {
  readonly associated_data?: string
  readonly plaintext?: string
  readonly ciphertext?: string
}

function answerTo(keys: Map<string, TransitKey>, method: string, path: string, body: Body): Answered {
  const [what = '', name = '', more] = path.split('/')
  const key = keys.get(name)
  if (what === 'keys') return manageKey(keys, { method, name, more, body })
  if (key === undefined) return { status: 400, data: 'encryption key not found' }
  if (what === 'hmac') return { status: 200, data: hmacs(key, body) }
  if (what === 'encrypt') return { status: 200, data: { ciphertext: encrypted(key, body) } }
  return decrypted(key, body)
}

function manageKey(
  keys: Map<string, TransitKey>,
  { method, name, more, body }: { method: string; name: string; more: string | undefined; body: Body },
): Answered {
  const key = keys.get(name)
  if (method === 'GET') return key === undefined ? { status: 404 } : { status: 200, data: { name } }
  if (method === 'DELETE') {
    if (key?.isDeletable !== true) return { status: 400, data: 'deletion is not allowed for this key' }
    keys.delete(name)
    return { status: 204 }
  }
  if (more === 'config') {
    if (key === undefined) return { status: 400, data: 'no existing key named that could be found' }
    key.isDeletable = body['deletion_allowed'] === true
  } else if (key === undefined) {
    keys.set(name, { type: String(body['type']), versions: [randomBytes(32)], isDeletable: false })
  }
  return { status: 200, data: {} }
}

function hmacs({ versions }: TransitKey, body: Body): object {
  const version = Number(body['key_version'] ?? 0) || versions.length
  const inputs = body['batch_input'] as readonly { readonly input: string }[]
  const secret = versions[version - 1] ?? Buffer.alloc(0)
  return {
    batch_results: inputs.map(({ input }) => {
      const digest = createHmac('sha256', secret).update(Buffer.from(input, 'base64')).digest('base64')
      return { hmac: `vault:v${version}:${digest}` }
    }),
  }
}

function encrypted({ versions }: TransitKey, body: Body): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', versions.at(-1) ?? '', nonce)
  cipher.setAAD(Buffer.from(body.associated_data ?? '', 'base64'))
  const text = Buffer.concat([cipher.update(Buffer.from(body.plaintext ?? '', 'base64')), cipher.final()])
  return `vault:v${versions.length}:${Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64')}`
}

function decrypted({ versions }: TransitKey, body: Body): Answered {
  const [, version, text = ''] = /^vault:v(\d+):(.+)$/.exec(body.ciphertext ?? '') ?? []
  const bytes = Buffer.from(text, 'base64')
  try {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      versions[Number(version) - 1] ?? '',
      bytes.subarray(0, 12),
    )
    decipher.setAAD(Buffer.from(body.associated_data ?? '', 'base64'))
    decipher.setAuthTag(bytes.subarray(-16))
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    return { status: 200, data: { plaintext: plain.toString('base64') } }
  } catch {
    return { status: 400, data: 'cipher: message authentication failed' }
  }
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? {} : (JSON.parse(text) as Body)
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(status === 204 ? undefined : JSON.stringify(body))
}
