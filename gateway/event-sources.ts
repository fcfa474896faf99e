import { consumerName, fromJson, natsUrl, webhookSecrets } from './consent-consumers.ts'
import { secretOf, SettingProblem, text } from './parse-setting.ts'
import type { ParseSetting } from './parse-setting.ts'

/** Who may send events, as written in the settings. */
export interface EventSourceSetting {
  readonly name: string
  readonly token: string | null
  readonly secrets: readonly string[]
  /** Where it publishes them; null: nowhere. */
  readonly nats: NatsSubjectSetting | null
}

interface NatsSubjectSetting {
  readonly url: string
  readonly token: string | null
  readonly stream: string
  readonly subject: string
}

/** A YAML list of sources, or the same as JSON text. */
export const eventSources: ParseSetting<readonly EventSourceSetting[]> = (written) => {
  const list = typeof written === 'string' ? fromJson(written) : written
  if (!Array.isArray(list)) throw new SettingProblem('is not a list.')
  const sources = list.map(sourceOf)
  if (new Set(sources.map(({ name }) => name)).size < sources.length)
    throw new SettingProblem('names a source twice.')
  const tokens = sources.flatMap(({ token }) => token ?? [])
  if (new Set(tokens).size < tokens.length) throw new SettingProblem('gives one token to two sources.')
  return sources
}

const sourceOf = (written: unknown): EventSourceSetting => {
  if (typeof written !== 'object' || written === null)
    throw new SettingProblem('has a source that is no map.')
  const entries = written as Record<string, unknown>
  if (Object.keys(entries).some((name) => !['name', 'token', 'secrets', 'nats'].includes(name)))
    throw new SettingProblem('knows only name, token, secrets and nats for a source.')
  const { name, token, secrets, nats } = entries
  if (token === undefined && secrets === undefined && nats === undefined)
    throw new SettingProblem('has a source with neither `token` nor `secrets` nor `nats`.')
  return {
    name: consumerName(name),
    token: token === undefined ? null : secretOf(32)(token),
    secrets: secrets === undefined ? [] : webhookSecrets(secrets),
    nats: nats === undefined ? null : subjectOf(nats),
  }
}

const subjectOf = (written: unknown): NatsSubjectSetting => {
  if (typeof written !== 'object' || written === null)
    throw new SettingProblem('has a `nats` that is no map.')
  const { url, token, stream, subject, ...others } = written as Record<string, unknown>
  if (Object.keys(others).length > 0)
    throw new SettingProblem('knows only url, token, stream and subject for `nats`.')
  return {
    url: natsUrl(url),
    token: token === undefined ? null : text(token),
    stream: matching(/^[\w-]{1,64}$/, stream, 'stream'),
    subject: matching(/^[\w-]+(\.([\w-]+|\*))*(\.>)?$/, subject, 'subject'),
  }
}

const matching = (pattern: RegExp, written: unknown, name: string): string => {
  if (typeof written !== 'string' || !pattern.test(written))
    throw new SettingProblem(`has a \`nats\` whose ${name} cannot be one.`)
  return written
}
