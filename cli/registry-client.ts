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
    if (!URL.canParse(url))
      throw new RegistryError('REGISTRY_UNNAMED', url === '' ? 'no url' : 'no url in it')
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

interface Refused {
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
  readonly report?: object
}

/** Who answers without a word of ours is no registry, or one that is away behind a proxy. */
const refusal = ({ errors, ...detail }: Refused, status: number, url: string): Error => {
  const [told] = errors ?? []
  if (told === undefined)
    return new RegistryError('REGISTRY_AWAY', `${new URL(url).origin}, status ${status}`)
  return Object.assign(new Error(told.message), { code: told.extensions.code, detail })
}

const FAILURES: ReadonlyMap<unknown, CheckFailureCode> = new Map([
  ['REGISTRY_UNNAMED', 'CHECK_REGISTRY_UNNAMED'],
  ['REGISTRY_AWAY', 'REGISTRY_UNAVAILABLE'],
  ['REGISTRY_BUSY', 'REGISTRY_UNAVAILABLE'],
  ['REGISTRY_FAILED', 'REGISTRY_UNAVAILABLE'],
  ['REGISTRY_TOKEN_REFUSED', 'REGISTRY_UNAVAILABLE'],
])

/** For `registry:TAG` of a check. What cannot be asked is no empty base. */
export const publishedContracts = (client: RegistryClient): PublishedContracts => ({
  async contractsOf(tag) {
    try {
      const { files } = await versionNamed(client, tag)
      return contractsOf(files, `registry:${tag}/`)
    } catch (cause) {
      const { code } = cause as { code?: unknown }
      throw new CheckFailure(FAILURES.get(code) ?? 'CHECK_PLACE_MISSING', `registry:${tag}`, { cause })
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
