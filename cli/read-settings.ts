import { existsSync, readFileSync } from 'node:fs'
import { Option } from 'commander'
import { readConfig } from '../gateway/config.ts'
import type { Config, ConfigSources, SettingName } from '../gateway/config.ts'
import { AssentError } from '../gateway/errors.ts'
import { SETTINGS } from '../gateway/settings.ts'
import type { Setting } from '../gateway/settings.ts'

export const configOption = (): Option =>
  new Option('-c, --config <file>', 'settings file (default: assent.yaml, when there is one)')

/** All settings for one command: flags before environment before file before what the command takes by default. */
export const readSettings = (
  file: string | undefined,
  sources: Pick<ConfigSources, 'overrides' | 'defaults' | 'required'>,
): Config => {
  const yamlFile = file ?? 'assent.yaml'
  if (file !== undefined && !existsSync(file)) {
    const fault = {
      name: file,
      place: '--config',
      problem: 'does not exist.',
      remedy: 'Name a file that does.',
    }
    throw new AssentError('CONFIG_INVALID', '--config', { faults: [fault] })
  }
  const yamlText = existsSync(yamlFile) ? readFileSync(yamlFile, 'utf8') : ''
  return readConfig({ ...sources, env: process.env, yamlText, yamlFile })
}

/** The table of settings for `--help`, with what this very command takes by default. */
export const settingsHelp = (defaults: Readonly<Partial<Record<SettingName, string>>> = {}): string => {
  const rows = Object.entries(SETTINGS).map(([name, row]: [string, Setting<unknown>]) => {
    const taken = defaults[name as SettingName] ?? row.default
    const value = typeof taken === 'string' ? taken : JSON.stringify(taken ?? '')
    return [
      `  ${row.yaml}`,
      row.env,
      value === '' || value === '""' || value === '{}' ? row.sentence : `${row.sentence} [${value}]`,
    ] as const
  })
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length)) + 2
  const [first, second] = [width(0), width(1)]
  const lines = rows.map(([name, env, sentence]) => `${name.padEnd(first)}${env.padEnd(second)}${sentence}`)
  return `\nSettings (in the file, in the environment, what for):\n${lines.join('\n')}`
}
