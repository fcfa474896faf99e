import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../gateway/config.ts'
import { AssentError } from '../gateway/errors.ts'
import { configOption, readSettings } from './read-settings.ts'
import type { RunningSubgraphs } from './start-subgraphs.ts'

export interface ServiceFlags {
  readonly config?: string
  readonly data?: string
  readonly url?: string
}

export const withService = (command: Command): Command =>
  command
    .addOption(configOption())
    .option('--data <directory>', 'directory of a service that `assent start` runs on this machine')
    .option('--url <url>', 'address of the consent service, when it runs elsewhere')

/** What whoever operates the service proves themselves with: as set, else made once and kept with the data. */
export const operatorTokenOf = ({ consentOperatorToken, data }: Config): string => {
  if (consentOperatorToken !== null) return consentOperatorToken
  const file = tokenFile(data)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8')
}

const tokenFile = (data: string): string => join(data, 'operator.token')

/** Leaves word of where the consent service listens, for commands on this machine; the function takes it back. */
export const announceConsentService = (
  data: string,
  { subgraphs }: Pick<RunningSubgraphs, 'subgraphs'>,
): (() => void) => {
  const file = addressFile(data)
  const url = subgraphs.find(({ name }) => name === 'consent')?.url
  if (url !== undefined) writeFileSync(file, new URL('/', url).href, { mode: 0o600 })
  return () => rmSync(file, { force: true })
}

const addressFile = (data: string): string => join(data, 'consent-service.url')

export type AskService = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>

/** Asks the consent service as its operator. A refusal is told with its own code. */
export const consentService = ({ config: file, data, url }: ServiceFlags): AskService => {
  const config = readSettings(file, { overrides: data === undefined ? {} : { data } })
  const base = url ?? addressIn(config.data)
  const kept = existsSync(tokenFile(config.data)) ? readFileSync(tokenFile(config.data), 'utf8') : ''
  const authorization = `Bearer ${config.consentOperatorToken ?? kept}`
  return async (method, path, body) => {
    const answer = await reached(new URL(`/consent/v1${path}`, base), {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const said = (await answer.json().catch(() => ({}))) as { errors?: readonly Refusal[] }
    if (answer.ok) return said
    const [refusal] = said.errors ?? []
    throw Object.assign(new Error(refusal?.message ?? `The consent service answered ${answer.status}.`), {
      code: refusal?.extensions.code ?? 'SUBGRAPH_ERROR',
    })
  }
}

interface Refusal {
  readonly message: string
  readonly extensions: { readonly code: string }
}

const addressIn = (data: string): string => {
  try {
    return readFileSync(addressFile(data), 'utf8')
  } catch {
    throw new AssentError('SUBGRAPH_UNREACHABLE', `consent: none runs on ${data}; name it by --url`)
  }
}

const reached = async (url: URL, request: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(30_000) })
  } catch {
    throw new AssentError('SUBGRAPH_UNREACHABLE', 'consent')
  }
}
