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
    .option('--url <url>', 'address of the service, when it runs elsewhere')

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

/** Leaves word of where services listen, for commands on this machine; the function takes it back. */
export const announceServices = (
  data: string,
  { subgraphs, events }: Pick<RunningSubgraphs, 'subgraphs' | 'events'>,
): (() => void) => {
  const announced = [
    ...subgraphs.filter(({ name }) => name === CONSENT.name || name === PROFILES.name),
    ...(events === null ? [] : [{ name: EVENTS.name, url: events }]),
  ]
  for (const { name, url } of announced)
    writeFileSync(addressFile(data, name), new URL('/', url).href, { mode: 0o600 })
  return () => {
    for (const { name } of announced) rmSync(addressFile(data, name), { force: true })
  }
}

const addressFile = (data: string, name: string): string => join(data, `${name}-service.url`)

interface OperatedService {
  readonly name: string
  /** Under which its addresses lie. */
  readonly root: string
}

const CONSENT: OperatedService = { name: 'consent', root: '/consent/v1' }
const PROFILES: OperatedService = { name: 'identity', root: '/profile/v1' }
const EVENTS: OperatedService = { name: 'events', root: '/events/v1' }

export type AskService = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>

/** Asks the consent service as its operator. A refusal is told with its own code. */
export const consentService = (flags: ServiceFlags): AskService => asOperatorOf(CONSENT, flags)

/** The same of the service that knows profiles. */
export const profileService = (flags: ServiceFlags): AskService => asOperatorOf(PROFILES, flags)

/** The same of the service that takes events. */
export const eventsService = (flags: ServiceFlags): AskService => asOperatorOf(EVENTS, flags)

const asOperatorOf = (
  { name, root }: OperatedService,
  { config: file, data, url }: ServiceFlags,
): AskService => {
  const config = readSettings(file, { overrides: data === undefined ? {} : { data } })
  const base = url ?? addressIn(config.data, name)
  const kept = existsSync(tokenFile(config.data)) ? readFileSync(tokenFile(config.data), 'utf8') : ''
  const authorization = `Bearer ${config.consentOperatorToken ?? kept}`
  return async (method, path, body) => {
    const answer = await reached(name, new URL(`${root}${path}`, base), {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const said = (await answer.json().catch(() => ({}))) as { errors?: readonly Refusal[] }
    if (answer.ok) return said
    const [refusal] = said.errors ?? []
    throw Object.assign(new Error(refusal?.message ?? `The ${name} service answered ${answer.status}.`), {
      code: refusal?.extensions.code ?? 'SUBGRAPH_ERROR',
    })
  }
}

interface Refusal {
  readonly message: string
  readonly extensions: { readonly code: string }
}

const addressIn = (data: string, name: string): string => {
  try {
    return readFileSync(addressFile(data, name), 'utf8')
  } catch {
    throw new AssentError('SUBGRAPH_UNREACHABLE', `${name}: none runs on ${data}; name it by --url`)
  }
}

const reached = async (name: string, url: URL, request: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(30_000) })
  } catch {
    throw new AssentError('SUBGRAPH_UNREACHABLE', name)
  }
}
