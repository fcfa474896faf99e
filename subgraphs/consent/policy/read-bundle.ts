import { createHash } from 'node:crypto'
import type { Vocabulary } from '../../../directives/vocabulary.ts'
import type { PolicyBundle } from './bundle.ts'
import { type Cell, CELL_FIELDS, FIELD_NAMES } from './cell-fields.ts'
import { type Layer, patchOf, readLayer, readMap, refuseUnknown, type TellFault } from './layer.ts'
import { COUNTRIES, isPlace } from './places.ts'
import { POLICY_FAULTS, type PolicyFault } from './policy-fault-catalogue.ts'
import { resolveRows } from './resolve-rows.ts'
import { readSignalMapping } from './signals/mapping.ts'
import { readYamlText, type YamlText } from '../../yaml-faults.ts'
import type { Path } from '../../yaml-source.ts'

export type BundleText = YamlText

/** A bundle, or every fault of it: code, file, line, place, remedy. */
export type ReadBundle =
  | { readonly bundle: PolicyBundle; readonly faults: readonly [] }
  | { readonly bundle: null; readonly faults: readonly PolicyFault[] }

/** Reads a policy bundle from YAML. One with a fault is none: what it means could not be relied upon. */
export function readBundle(text: BundleText, vocabulary: Vocabulary): ReadBundle {
  const { value, tell, faults } = readYamlText(text, POLICY_FAULTS, 'POLICY_UNREADABLE')
  const bundle = faults().length === 0 ? read(value, vocabulary, tell) : null
  if (bundle !== null && faults().length === 0) return { bundle, faults: [] }
  return { bundle: null, faults: faults() }
}

const KEYS = ['name', 'version', 'description', 'brands', 'groups', 'global', 'regions', 'signals']

function read(value: unknown, vocabulary: Vocabulary, tell: TellFault): PolicyBundle {
  const root = readMap(value, [], tell)
  refuseUnknown(root, KEYS, { path: [], tell })
  const scopes = [...vocabulary.scopes.keys()]
  const brands = readBrandNames(root.get('brands') ?? [], tell)
  const groups = readGroups(root.get('groups') ?? new Map(), tell)
  const words = { scopes: new Set(scopes), brands: new Set(brands), tell }
  const global = readLayer(root.get('global'), ['global'], words)
  const regions = new Map<string, Layer>()
  for (const [region, layer] of readMap(root.get('regions') ?? new Map(), ['regions'], tell)) {
    if (!isPlace(region) && !groups.has(region))
      tell(
        'POLICY_REGION_UNKNOWN',
        ['regions', region],
        'Write an ISO 3166 code, or add a group of that name.',
      )
    regions.set(region, readLayer(layer, ['regions', region], words))
  }
  const signals = readSignalMapping(root.get('signals') ?? new Map(), words.scopes, tell)
  const isWhole = tellIncomplete(global, scopes, tell)
  const rows = isWhole ? resolveRows({ scopes, brands, groups, global, regions }, tell) : new Map()
  return { ...readIdentity(root, tell), scopes, brands, groups, regions: [...regions.keys()], rows, signals }
}

/** The version is in every decision, so it must say which bundle it was, to the letter. */
function readIdentity(
  root: ReadonlyMap<string, unknown>,
  tell: TellFault,
): Pick<PolicyBundle, 'name' | 'version' | 'digest' | 'id'> {
  const name = root.get('name')
  const version = root.get('version')
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(name))
    tell('POLICY_NAME_INVALID', ['name'], 'Write `name:` with lower case letters, digits and -, at most 64.')
  if (typeof version !== 'string' || !/^(0|[1-9]\d{0,5})(\.(0|[1-9]\d{0,5})){2}$/.test(version))
    tell('POLICY_NAME_INVALID', ['version'], 'Write `version:` as major.minor.patch, for example 1.2.0.')
  const digest = createHash('sha256').update(canonical(root)).digest('hex')
  const id = `${String(name)}@${String(version)}+${digest.slice(0, 12)}`
  return { name: String(name), version: String(version), digest, id }
}

/** Names in order: the same text for the same meaning. */
function canonical(value: unknown): string {
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${JSON.stringify(String(key))}:${canonical(item)}`)
    return `{${entries.toSorted().join(',')}}`
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  return JSON.stringify(value) ?? 'null'
}

function readBrandNames(value: unknown, tell: TellFault): readonly string[] {
  const isList = Array.isArray(value) && new Set(value).size === value.length
  if (isList && value.every((brand) => typeof brand === 'string' && /^[\w.-]{1,64}$/.test(brand)))
    return value
  tell('POLICY_VALUE_INVALID', ['brands'], 'Write a list of plain words, each once.')
  return []
}

function readGroups(value: unknown, tell: TellFault): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>()
  const grouped = new Set<string>()
  for (const [group, members] of readMap(value, ['groups'], tell)) {
    const path = ['groups', group]
    if (isPlace(group) || !/^[A-Z][A-Z0-9_]{1,31}$/.test(group))
      tell('POLICY_VALUE_INVALID', path, 'Name a group in capitals, and not by an ISO 3166 code.')
    groups.set(group, readMembers(members, path, { grouped, tell }))
  }
  return groups
}

function readMembers(
  members: unknown,
  path: Path,
  { grouped, tell }: { grouped: Set<string>; tell: TellFault },
): readonly string[] {
  if (!Array.isArray(members)) {
    tell('POLICY_VALUE_INVALID', path, 'Write a list of countries.')
    return []
  }
  return members.map(String).filter((country) => {
    if (!COUNTRIES.has(country))
      tell(
        'POLICY_REGION_UNKNOWN',
        path,
        `Write codes of ISO 3166-1 such as DE; ${country.slice(0, 8)} is none.`,
      )
    else if (grouped.has(country)) tell('POLICY_REGION_IN_TWO_GROUPS', path, `Leave ${country} in one group.`)
    grouped.add(country)
    return COUNTRIES.has(country)
  })
}

/** Everything has a value to begin with, so that nothing is decided by its absence. */
function tellIncomplete(global: Layer, scopes: readonly string[], tell: TellFault): boolean {
  const silent = scopes.filter((scope) => !global.scopes.has(scope))
  const isSaidForAll = FIELD_NAMES.every((name) => global.defaults[name] !== undefined)
  if (!isSaidForAll && silent.length === scopes.length) {
    for (const name of FIELD_NAMES.filter((field) => global.defaults[field] === undefined))
      tell(
        'POLICY_FIELD_MISSING',
        ['global', 'defaults', name],
        `Write \`${name}:\` with ${CELL_FIELDS[name].shape}.`,
      )
    return false
  }
  let isWhole = true
  for (const scope of scopes) {
    const patch: Partial<Cell> = patchOf(global, scope)
    const missing = FIELD_NAMES.filter((name) => patch[name] === undefined)
    if (missing.length === 0) continue
    isWhole = false
    const code = silent.includes(scope) ? 'POLICY_SCOPE_MISSING' : 'POLICY_FIELD_MISSING'
    tell(
      code,
      ['global', 'scopes', scope],
      `Give ${scope} there, or all scopes in defaults: ${missing.join(', ')}.`,
    )
  }
  return isWhole
}
