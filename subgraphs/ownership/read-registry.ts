import type { Vocabulary } from '../../directives/vocabulary.ts'
import type { Path } from '../yaml-source.ts'
import { type OwnershipText, readMap, readText, refuseUnknown, type TellFault } from './fault-list.ts'
import type { OwnershipFault } from './ownership-fault-catalogue.ts'
import { readAttribute } from './read-attribute.ts'
import { type Attribute, GROUPS, type Registry } from './registry.ts'

/** A registry, or every fault of it: code, file, line, place, remedy. */
export type ReadRegistry =
  | { readonly registry: Registry; readonly faults: readonly [] }
  | { readonly registry: null; readonly faults: readonly OwnershipFault[] }

/** Reads who owns what. One with a fault is none: a write would be refused, or taken, by mistake. */
export function readRegistry(source: OwnershipText, vocabulary: Vocabulary): ReadRegistry {
  const { value, tell, faults } = readText(source)
  if (faults().length > 0) return { registry: null, faults: faults() }
  const root = readMap(value, [], tell)
  refuseUnknown(root, ['name', 'version', 'systems', 'attributes'], { path: [], tell })
  const systems = readSystems(root.get('systems'), tell)
  const words = { vocabulary, systems: new Set(systems.keys()), tell }
  const attributes = new Map<string, Attribute>()
  for (const [name, written] of readMap(root.get('attributes'), ['attributes'], tell)) {
    const attribute = readAttribute(name, written, words)
    if (attribute !== null) attributes.set(name, attribute)
  }
  tellEmptyGroups(attributes, tell)
  const registry = { ...readIdentity(root, tell), systems, attributes }
  return faults().length > 0 ? { registry: null, faults: faults() } : { registry, faults: [] }
}

/** The split is complete: what nobody owns, everybody would write. */
function tellEmptyGroups(attributes: ReadonlyMap<string, Attribute>, tell: TellFault): void {
  const groups = new Set([...attributes.values()].map(({ group }) => group))
  for (const [group, owner] of Object.entries(GROUPS))
    if (!groups.has(group as keyof typeof GROUPS))
      tell(
        'OWNERSHIP_GROUP_EMPTY',
        ['attributes'],
        `Add an attribute \`${group}.…\`${owner === null ? ' with rules of precedence' : ` of ${owner}`}.`,
      )
}

function readSystems(written: unknown, tell: TellFault): Registry['systems'] {
  const systems = new Map<string, { name: string; owner: string; sentence: string }>()
  for (const [name, terms] of readMap(written, ['systems'], tell)) {
    const path: Path = ['systems', name]
    const entries = readMap(terms, path, tell)
    refuseUnknown(entries, ['owner', 'sentence'], { path, tell })
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(name))
      tell('OWNERSHIP_VALUE_INVALID', path, 'Name a system in small letters, digits and `-`.')
    const text = (key: string): string => {
      const value = entries.get(key)
      if (typeof value === 'string' && value !== '') return value
      tell('OWNERSHIP_ELEMENT_MISSING', [...path, key], `Write \`${key}:\` as a line of text.`)
      return ''
    }
    systems.set(name, { name, owner: text('owner'), sentence: text('sentence') })
  }
  return systems
}

function readIdentity(
  root: ReadonlyMap<string, unknown>,
  tell: TellFault,
): Pick<Registry, 'name' | 'version'> {
  const name = root.get('name')
  const version = root.get('version')
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(name))
    tell('OWNERSHIP_VALUE_INVALID', ['name'], 'Write `name:` in small letters, digits and `-`.')
  if (typeof version !== 'string' || !/^(0|[1-9]\d{0,5})(\.(0|[1-9]\d{0,5})){2}$/.test(version))
    tell('OWNERSHIP_VALUE_INVALID', ['version'], 'Write `version:` as major.minor.patch, for example 1.2.0.')
  return { name: String(name), version: String(version) }
}
