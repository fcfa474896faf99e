import { httpUrl, oneOf, secretOf, SettingProblem, text, wholeNumber } from './parse-setting.ts'
import type { ParseSetting } from './parse-setting.ts'

/** Somebody who has to hear of changes of consent, as written in the settings. */
export interface ConsentConsumer {
  readonly name: string
  readonly kind: 'pull' | 'webhook' | 'nats'
  readonly scopes: readonly string[] | null
  readonly url: string | null
  readonly slaMs: number
  readonly from: 'beginning' | 'now'
  readonly token: string | null
  readonly secrets: readonly string[]
  readonly stream: string
}

/** A YAML list of consumers, or the same as JSON text. */
export const consentConsumers: ParseSetting<readonly ConsentConsumer[]> = (written) => {
  const list = typeof written === 'string' ? fromJson(written) : written
  if (!Array.isArray(list)) throw new SettingProblem('is not a list.')
  const consumers = list.map(consumerOf)
  if (new Set(consumers.map(({ name }) => name)).size < consumers.length)
    throw new SettingProblem('names a consumer twice.')
  return consumers
}

/** The same for who holds pids: they are told of everybody, and of nothing that has a scope. */
export const identityConsumers: ParseSetting<readonly ConsentConsumer[]> = (written) => {
  const consumers = consentConsumers(written)
  if (consumers.some(({ kind, scopes }) => kind === 'nats' || scopes !== null))
    throw new SettingProblem('knows only pull and webhook consumers, without scopes.')
  return consumers
}

/** The default SLA: five minutes, what is usual for the spreading of a withdrawal. */
const SLA_MS = 300_000

const consumerOf = (written: unknown): ConsentConsumer => {
  if (typeof written !== 'object' || written === null)
    throw new SettingProblem('has a consumer that is no map.')
  const entries = written as Record<string, unknown>
  const kind = oneOf('pull', 'webhook', 'nats')(entries['kind'])
  const unknown = Object.keys(entries).find((name) => !COMMON.includes(name) && !OF_KIND[kind].includes(name))
  if (unknown !== undefined)
    throw new SettingProblem(`knows only ${[...COMMON, ...OF_KIND[kind]].join(', ')} for a ${kind} consumer.`)
  const read = <T>(name: string, parse: ParseSetting<T>, missing: T): T =>
    entries[name] === undefined ? missing : parse(entries[name])
  const consumer = {
    name: consumerName(entries['name']),
    kind,
    scopes: read<readonly string[] | null>('scopes', texts, null),
    url: read<string | null>('url', kind === 'nats' ? natsUrl : webhookUrl, null),
    slaMs: read('slaMs', wholeNumber(1, 2_592_000_000), SLA_MS),
    from: read('from', oneOf('beginning', 'now'), 'beginning'),
    token: read<string | null>('token', secretOf(kind === 'pull' ? 32 : 1), null),
    secrets: read<readonly string[]>('secrets', webhookSecrets, []),
    stream: read('stream', streamName, 'ASSENT_CONSENT'),
  }
  for (const name of NEEDED[kind])
    if (entries[name] === undefined) throw new SettingProblem(`has a ${kind} consumer without \`${name}\`.`)
  return consumer
}

const COMMON: readonly string[] = ['name', 'kind', 'scopes', 'slaMs', 'from']

const OF_KIND: Readonly<Record<ConsentConsumer['kind'], readonly string[]>> = {
  pull: ['token'],
  webhook: ['url', 'secrets'],
  nats: ['url', 'token', 'stream'],
}

const NEEDED: Readonly<Record<ConsentConsumer['kind'], readonly string[]>> = {
  pull: ['token'],
  webhook: ['url', 'secrets'],
  nats: ['url'],
}

/** It is part of addresses, keys and labels. */
export const consumerName: ParseSetting<string> = (written) => {
  const value = text(written)
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(value))
    throw new SettingProblem('has a name that is not small letters, digits and `-`.')
  return value
}

/** Over the open only to this very machine: what is posted says what a person has chosen. */
const webhookUrl: ParseSetting<string> = (written) => {
  const value = httpUrl(written)
  const { protocol, hostname } = new URL(value)
  if (protocol !== 'https:' && !/^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname))
    throw new SettingProblem('has a webhook that is neither https nor on this machine.')
  return value
}

export const natsUrl: ParseSetting<string> = (written) => {
  const value = text(written)
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'nats:' && url?.protocol !== 'tls:')
    throw new SettingProblem('is not a nats:// or tls:// url.')
  if (url.username !== '' || url.password !== '')
    throw new SettingProblem('has a name or password in the url; use `token`.')
  return value
}

/** As Standard Webhooks has them: 24 to 64 random bytes. */
export const webhookSecrets: ParseSetting<readonly string[]> = (written) => {
  const list = texts(written)
  const isSecret = (secret: string): boolean => {
    const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []
    const bytes = Buffer.from(base64 ?? '', 'base64').length
    return bytes >= 24 && bytes <= 64
  }
  if (!list.every(isSecret))
    throw new SettingProblem('has a secret that is not `whsec_` and the base64 of 24 to 64 bytes.')
  return list
}

const streamName: ParseSetting<string> = (written) => {
  const value = text(written)
  if (!/^[\w-]{1,64}$/.test(value)) throw new SettingProblem('has a stream that is no plain word.')
  return value
}

const texts: ParseSetting<readonly string[]> = (written) => {
  if (!Array.isArray(written) || written.length === 0)
    throw new SettingProblem('has something that is no list.')
  return written.map(text)
}

export const fromJson = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    throw new SettingProblem('is not JSON.')
  }
}
