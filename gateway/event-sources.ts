import { consumerName, fromJson, webhookSecrets } from './consent-consumers.ts'
import { secretOf, SettingProblem } from './parse-setting.ts'
import type { ParseSetting } from './parse-setting.ts'

/** Who may send events, as written in the settings. */
export interface EventSourceSetting {
  readonly name: string
  readonly token: string | null
  readonly secrets: readonly string[]
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
  if (Object.keys(entries).some((name) => !['name', 'token', 'secrets'].includes(name)))
    throw new SettingProblem('knows only name, token and secrets for a source.')
  const { name, token, secrets } = entries
  if (token === undefined && secrets === undefined)
    throw new SettingProblem('has a source with neither `token` nor `secrets`.')
  return {
    name: consumerName(name),
    token: token === undefined ? null : secretOf(32)(token),
    secrets: secrets === undefined ? [] : webhookSecrets(secrets),
  }
}
