import { AssentError } from './errors.ts'
import type { Fault } from './errors.ts'
import { nearestName } from '../directives/nearest-name.ts'
import { SettingProblem } from './parse-setting.ts'
import { SETTINGS } from './settings.ts'
import type { Setting } from './settings.ts'
import { yamlLeaves } from './yaml-leaves.ts'
import type { YamlLeaf } from './yaml-leaves.ts'

export type SettingName = keyof typeof SETTINGS

/** All settings, read once and frozen. */
export type Config = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The text of the settings file; empty when there is none. */
  readonly yamlText?: string
  /** How messages call that file. */
  readonly yamlFile?: string
  /** Values of flags, by setting name; they win over the environment, which wins over the file. */
  readonly overrides?: Readonly<Partial<Record<SettingName, unknown>>>
  /** What the command at hand takes where nothing is written. */
  readonly defaults?: Readonly<Partial<Record<SettingName, unknown>>>
  /** Settings without which the command at hand cannot work. */
  readonly required?: readonly SettingName[]
}

interface Written {
  readonly value: unknown
  readonly place: string
}

/** Reads all settings. Throws one `CONFIG_INVALID` that names every fault with its place and remedy. */
export const readConfig = (sources: ConfigSources): Config => {
  const {
    env,
    yamlText = '',
    yamlFile = 'assent.yaml',
    overrides = {},
    defaults = {},
    required = [],
  } = sources
  const faults: Fault[] = []
  const written = new Map<SettingName, Written>()
  for (const [name, value] of Object.entries(defaults))
    written.set(name as SettingName, { value, place: 'default' })
  readFile(yamlText, yamlFile, written, faults)
  readEnvironment(env, written, faults)
  for (const [name, value] of Object.entries(overrides)) {
    if (value !== undefined) written.set(name as SettingName, { value, place: `--${kebab(name)}` })
  }
  const config = Object.fromEntries(
    names.map((name) => [name, parsed(name, written.get(name), faults)]),
  ) as Config
  faults.push(...missing(config, required, written))
  if (faults.length > 0)
    throw new AssentError('CONFIG_INVALID', `${faults.length} of the settings`, { faults })
  return Object.freeze(config)
}

/** The settings as rows for people, secrets masked. */
export const describeConfig = (config: Config): { name: string; value: string }[] =>
  names.map((name) => ({ name: SETTINGS[name].yaml, value: shown(SETTINGS[name], config[name]) }))

const names = Object.keys(SETTINGS) as SettingName[]
const byEnv = new Map<string, SettingName>(names.map((name) => [SETTINGS[name].env, name]))
const byYaml = new Map<string, SettingName>(names.map((name) => [SETTINGS[name].yaml, name]))

const readFile = (text: string, file: string, written: Map<SettingName, Written>, faults: Fault[]): void => {
  const read = yamlLeaves(text, file)
  faults.push(...read.faults)
  for (const leaf of read.leaves) {
    const { path, value, place } = leaf
    const name = byYaml.get(path.join('.'))
    const parent = byYaml.get(path.slice(0, -1).join('.'))
    const root = byYaml.get(path[0] ?? '')
    if (name !== undefined) written.set(name, { value, place })
    else if (parent !== undefined && isMapSetting(parent))
      written.set(parent, addToMap(written.get(parent), leaf))
    else if (root !== undefined && (SETTINGS[root] as Setting<unknown>).tree === true)
      written.set(root, { value: addToTree(written.get(root)?.value, path.slice(1), value), place })
    else faults.push(unknownSetting(path.join('.'), place, byYaml.keys()))
  }
}

const isMapSetting = (name: SettingName): boolean => (SETTINGS[name] as Setting<unknown>).map === true

const addToMap = (before: Written | undefined, { path, value, place }: YamlLeaf): Written => {
  const map = new Map(before?.value instanceof Map ? (before.value as Map<string, unknown>) : [])
  return { value: map.set(path.at(-1) ?? '', value), place }
}

const addToTree = (before: unknown, [name = '', ...below]: readonly string[], value: unknown): unknown => {
  const tree = Object.assign(Object.create(null) as Record<string, unknown>, before)
  tree[name] = below.length === 0 ? value : addToTree(tree[name], below, value)
  return tree
}

const readEnvironment = (
  env: ConfigSources['env'],
  written: Map<SettingName, Written>,
  faults: Fault[],
): void => {
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('ASSENT_') || value === undefined) continue
    const name = byEnv.get(variable)
    if (name === undefined) faults.push(unknownSetting(variable, 'environment', byEnv.keys()))
    else written.set(name, { value, place: variable })
  }
}

const unknownSetting = (name: string, place: string, known: Iterable<string>): Fault => {
  const meant = nearestName(name, known)
  return {
    name,
    place,
    problem: 'is not a setting.',
    remedy: meant === undefined ? 'See `assent config --help`.' : `Did you mean \`${meant}\`?`,
  }
}

const parsed = (name: SettingName, written: Written | undefined, faults: Fault[]): unknown => {
  const row: Setting<unknown> = SETTINGS[name]
  if (written === undefined) return row.default
  try {
    return row.parse(written.value)
  } catch (problem) {
    if (!(problem instanceof SettingProblem)) throw problem
    faults.push({ name: row.yaml, place: written.place, problem: problem.message, remedy: row.sentence })
    return row.default
  }
}

const missing = (
  config: Config,
  required: readonly SettingName[],
  written: ReadonlyMap<SettingName, Written>,
): Fault[] => {
  const faults = required.filter((name) => config[name] === null && !written.has(name)).map(absent)
  const absentIn = (wanted: readonly SettingName[]): Fault[] =>
    wanted
      .filter((name) => config[name] === null && !written.has(name) && !required.includes(name))
      .map(absent)
  const provesTokens = config.jwtJwksUrl !== null || config.jwtPublicKeyFile !== null
  if (provesTokens) faults.push(...absentIn(['jwtIssuer', 'jwtAudience']))
  if (config.jwtJwksUrl !== null && config.jwtPublicKeyFile !== null) faults.push(twoKeySources)
  if (config.corsCredentials && config.corsOrigins.includes('*')) faults.push(credentialsForAll)
  return faults
}

/**
 * A production gateway for a graph with personal data proves every caller and signs every request: it does not start without
 * the settings for that. A graph without consent words has nothing to prove.
 */
export const requireProof = (config: Config): void => {
  if (config.profile !== 'production') return
  const provesTokens =
    config.jwtJwksUrl !== null || config.jwtPublicKeyFile !== null || config.jwtIssuers.length > 0
  const single = config.jwtIssuers.length > 0 ? [] : (['jwtIssuer', 'jwtAudience'] as const)
  const wanted = (['grantSecret', ...single] as const).filter((name) => config[name] === null)
  const faults = [...wanted.map(absent), ...(provesTokens ? [] : [absent('jwtJwksUrl')])]
  if (faults.length > 0)
    throw new AssentError('CONFIG_INVALID', `${faults.length} of the settings`, { faults })
}

/**
 * A graph that asks callers who they are, served by a gateway that nobody can answer, would show what it protects to nobody:
 * more likely a setting was forgotten. `openGraph` says that it was not.
 */
export const requireVerifier = (config: Config): void => {
  if (config.profile !== 'production' || config.openGraph || config.jwtIssuers.length > 0) return
  const faults = (['jwtIssuer', 'jwtAudience'] as const).filter((name) => config[name] === null).map(absent)
  if (faults.length > 0)
    throw new AssentError('CONFIG_INVALID', `${faults.length} of the settings`, { faults })
}

/**
 * A gateway that was set up for consent does not serve a graph without it: a composer that drops the consent words would
 * otherwise open everything, silently.
 */
export const refuseUnfenced = (config: Config, { provesCallers = false } = {}): void => {
  const proof = provesCallers ? [] : (['jwtIssuer'] as const)
  const setUp = (['grantSecret', ...proof, 'consentUrl', 'vocabulary'] as const).filter(
    (name) => config[name] !== null,
  )
  const hasIssuers = config.jwtIssuers.length > 0 && !provesCallers
  const isSetUp = setUp.length > 0 || hasIssuers
  if (!isSetUp || config.openGraph) return
  const faults = [...setUp, ...(hasIssuers ? (['jwtIssuers'] as const) : [])].map((name): Fault => ({
    name: SETTINGS[name].yaml,
    place: SETTINGS[name].env,
    problem: 'is set, but the supergraph links no consent words.',
    remedy: 'Compose with `assent schema compose`, or set `openGraph: true`.',
  }))
  throw new AssentError('SUPERGRAPH_UNFENCED', 'supergraph', { faults })
}

const absent = (name: SettingName): Fault => ({
  name: SETTINGS[name].yaml,
  place: SETTINGS[name].env,
  problem: 'is missing.',
  remedy: SETTINGS[name].sentence,
})

/** The Fetch standard refuses the two together, and a server that echoed every origin instead would protect nobody. */
const credentialsForAll: Fault = {
  name: 'cors.credentials',
  place: 'cors.origins',
  problem: 'is true, but the origins are `*`.',
  remedy: 'List the origins whose pages may act with the credentials of their readers.',
}

const twoKeySources: Fault = {
  name: 'jwt.publicKeyFile',
  place: 'jwt.jwksUrl',
  problem: 'is set together with `jwt.jwksUrl`.',
  remedy: 'Set one of the two.',
}

const shown = (row: Setting<unknown>, value: unknown): string => {
  if (value === null) return '(not set)'
  if (row.secret) return '***'
  if (value instanceof Map)
    return [...(value as Map<string, string>)].map((pair) => pair.join('=')).join(',') || '(none)'
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
