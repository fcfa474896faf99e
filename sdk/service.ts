import { ConsentError, knownCode } from './consent-error.ts'
import { digestOf, proofOf, thumbprintOf } from './sign.ts'
import type { SigningKeys } from './signing-keys.ts'

const TIMEOUT_MS = 15_000

/** A function is told the thumbprint (RFC 7638) of the key that signs: a token for it alone (`cnf.jkt`) is of no use to a thief. */
export type Token = string | ((thumbprint: string) => string | Promise<string>)

export interface ServiceOptions {
  readonly url: string
  readonly token: Token
  readonly origin: string
  readonly keys: SigningKeys
  readonly fetch: typeof fetch
}

/** The consent service, as one person reaches it. */
export interface Service {
  get(path: string): Promise<unknown>
  /** Signs and sends; when the clock, the token or the signature was the fault, once more with another. */
  submit(body: string, person: string): Promise<unknown>
  /** Who the token speaks for, as a digest. */
  person(): Promise<string>
}

/** Faults that another token, time or signature may mend. */
const MENDABLE = new Set(['TOKEN_EXPIRED', 'PROOF_STALE', 'PROOF_REPLAYED', 'PROOF_OF_ANOTHER_KEY'])

export function createService(options: ServiceOptions): Service {
  const { url, origin, keys } = options
  /** How much later it is at the service, in milliseconds. */
  let offset = 0
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await reached(options.fetch, new URL(path, url).href, init)
    const body: unknown = await response.json().catch(() => null)
    if (response.ok) return body
    const error = refusalIn(body, response)
    const date = Date.parse(response.headers.get('date') ?? '')
    if (error.code === 'PROOF_STALE' && date > 0) offset = date - Date.now()
    throw error
  }
  const post = async (path: string, body: string, person: string): Promise<unknown> => {
    const token = await tokenOf(options)
    // Somebody else is logged in by now: what the first one said is not said in the name of the second.
    if ((await personIn(token)) !== person) throw new ConsentError('TOKEN_UNAVAILABLE')
    const address = new URL(path, url).href
    const proof = await proofOf(keys, { url: address, origin, body, token, now: Date.now() + offset })
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'consent-proof': proof,
    }
    return ask(path, { method: 'POST', headers, body })
  }
  return {
    async get(path) {
      return ask(path, { headers: { authorization: `Bearer ${await tokenOf(options)}` } })
    },
    submit: (body, person) =>
      post('/consent/v1/statements', body, person).catch((error: unknown) => {
        if (!(error instanceof ConsentError) || !MENDABLE.has(error.code)) throw error
        return post('/consent/v1/statements', body, person)
      }),
    person: async () => personIn(await tokenOf(options)),
  }
}

async function tokenOf({ token, keys }: ServiceOptions): Promise<string> {
  const value =
    typeof token === 'string'
      ? token
      : await thumbprintOf(keys)
          .then(token)
          .catch(() => '')
  if (value === '') throw new ConsentError('TOKEN_UNAVAILABLE')
  return value
}

/** Read without proving it: the service does; here it only keeps apart what two people of one browser said. */
async function personIn(token: string): Promise<string> {
  try {
    const claims: unknown = JSON.parse(
      atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')),
    )
    const { sub } = claims as { sub?: unknown }
    if (typeof sub === 'string') return await digestOf(sub)
  } catch {
    // What is no token names nobody.
  }
  throw new ConsentError('TOKEN_INVALID')
}

async function reached(send: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  const settings = { credentials: 'omit', cache: 'no-store', redirect: 'error' } as const
  try {
    return await send(url, { ...settings, ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    throw new ConsentError('OFFLINE', String(error))
  }
}

function refusalIn(body: unknown, response: Response): ConsentError {
  const [first] =
    (body as { errors?: readonly { message?: string; extensions?: { code?: string } }[] })?.errors ?? []
  const retry = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ConsentError(knownCode(first?.extensions?.code), first?.message, retry > 0 ? retry : null)
}
