import type { Command } from 'commander'
import { CheckFailure } from '../schema/check/check-failure.ts'
import type { CheckFailureCode } from '../schema/check/check-failure-catalogue.ts'
import { contractsOf } from '../schema/check/contracts.ts'
import { RegistryError } from '../registry/registry-error.ts'
import type { Version } from '../registry/version.ts'
import type { Tag } from '../registry/registry-store.ts'
import type { PublishedContracts } from './contracts-at.ts'

export interface RegistryFlags {
  readonly registry?: string
  readonly json?: true
}

export const withRegistry = (command: Command): Command =>
  command
    .option('--registry <url>', 'where the registry is (default: ASSENT_REGISTRY_URL)')
    .option('--json', 'print JSON')

export interface RegistryClient {
  /** Throws `RegistryError`-like errors with the code of the registry, and what it told beside it. */
  ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T>
  fetch(path: string): Promise<Response>
}

/** Asks a registry with the token of `ASSENT_REGISTRY_TOKEN`: on a command line others could read it. */
export const registryClient = ({ registry }: RegistryFlags): RegistryClient => {
  const url = registry ?? process.env['ASSENT_REGISTRY_URL'] ?? ''
  const token = process.env['ASSENT_REGISTRY_TOKEN'] ?? ''
  const reach = async (path: string, request: RequestInit = {}): Promise<Response> => {
    const fault = faultOf(url)
    if (fault !== null)
      throw new RegistryError(
        'REGISTRY_UNNAMED',
        `${registry === undefined ? 'ASSENT_REGISTRY_URL' : '--registry'} ${fault}`,
      )
    try {
      return await fetch(new URL(`/registry/v1${path}`, url), {
        ...request,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.timeout(90_000),
      })
    } catch {
      throw new RegistryError('REGISTRY_AWAY', new URL(url).origin)
    }
  }
  return {
    async ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
      const answer = await reach(path, {
        method,
        ...(body && { body: JSON.stringify(body) }),
      })
      const said = (await answer.json().catch(() => ({}))) as Refused
      if (answer.ok) return said as T
      throw refusal(said, answer.status, url)
    },
    async fetch(path) {
      const answer = await reach(path)
      if (answer.ok) return answer
      throw refusal((await answer.json().catch(() => ({}))) as Refused, answer.status, url)
    },
  }
}

/** Why nobody could be asked there; the url itself may hold a secret. */
const faultOf = (url: string): string | null => {
  if (url === '') return 'is not set'
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return 'is no http or https url'
  const { username, password } = new URL(url)
  return username + password === '' ? null : 'holds a user, who is not asked for: set ASSENT_REGISTRY_TOKEN'
}

interface Refused {
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
  readonly report?: object
}

/** Who answers without a word of ours is no registry, or one that is away behind a proxy. */
const refusal = ({ errors, ...detail }: Refused, status: number, url: string): Error => {
  const [told] = errors ?? []
  if (told === undefined && (status === 401 || status === 403))
    return new RegistryError('REGISTRY_TOKEN_REFUSED', `${new URL(url).origin}, status ${status}`)
  if (told === undefined)
    return new RegistryError('REGISTRY_AWAY', `${new URL(url).origin}, status ${status}`)
  return Object.assign(new Error(told.message), { code: told.extensions.code, detail })
}

const FAILURES: ReadonlyMap<unknown, CheckFailureCode> = new Map([
  ['REGISTRY_UNNAMED', 'CHECK_REGISTRY_UNNAMED'],
  ['REGISTRY_AWAY', 'REGISTRY_UNAVAILABLE'],
  ['REGISTRY_BUSY', 'REGISTRY_UNAVAILABLE'],
  ['REGISTRY_FAILED', 'REGISTRY_UNAVAILABLE'],
  ['REGISTRY_TOKEN_REFUSED', 'CHECK_REGISTRY_REFUSED'],
  ['REGISTRY_NOT_ALLOWED', 'CHECK_REGISTRY_REFUSED'],
])

/** For `registry:TAG` of a check. What cannot be asked is no empty base. */
export const publishedContracts = (client: RegistryClient): PublishedContracts => ({
  async contractsOf(tag) {
    try {
      const { files } = await versionNamed(client, tag)
      return contractsOf(files, `registry:${tag}/`)
    } catch (cause) {
      const { code, place } = cause as { code?: unknown; place?: unknown }
      const named = [`registry:${tag}`, ...(typeof place === 'string' ? [place] : [])].join(', ')
      throw new CheckFailure(FAILURES.get(code) ?? 'CHECK_PLACE_MISSING', named, { cause })
    }
  },
})

/** By tag, or by the hash itself. */
export const versionNamed = async (client: RegistryClient, named: string): Promise<Version> => {
  const hash = /^[0-9a-f]{64}$/.test(named)
    ? named
    : (await client.ask<Tag>('GET', `/tags/${encodeURIComponent(named)}`)).version
  return client.ask<Version>('GET', `/versions/${hash}`)
}
