import type { Vocabulary } from '../../directives/vocabulary.ts'
import type { Path } from '../yaml-source.ts'
import { readMap, refuseUnknown, type TellFault } from './fault-list.ts'
import { elementReader } from './element-reader.ts'
import { readPrecedence } from './read-precedence.ts'
import { type Attribute, GROUPS, type Group, type Kind, KINDS } from './registry.ts'

export interface RegistryWords {
  readonly vocabulary: Vocabulary
  readonly systems: ReadonlySet<string>
  readonly tell: TellFault
}

const ELEMENTS = [
  'owner',
  'precedence',
  'meaning',
  'kind',
  'values',
  'classification',
  'purpose',
  'basis',
  'scope',
  'retention',
  'consumers',
]

const CLASSIFICATIONS = ['internal', 'pseudonymous', 'personal', 'contact', 'behavioural', 'inferred']

/** One attribute with its whole contract; null where it belongs to no group. What is wrong is told. */
export function readAttribute(name: string, written: unknown, words: RegistryWords): Attribute | null {
  const { tell } = words
  const path: Path = ['attributes', name]
  const entries = readMap(written, path, tell)
  refuseUnknown(entries, ELEMENTS, { path, tell })
  const group = /^([a-z]+)\.[a-z][a-z0-9_]{0,62}$/.exec(name)?.[1] ?? ''
  if (!isGroup(group)) {
    tell(
      'OWNERSHIP_GROUP_UNKNOWN',
      path,
      `Name it \`group.field\`; groups are ${Object.keys(GROUPS).join(', ')}.`,
    )
    return null
  }
  const element = elementReader(entries, path, tell)
  const kind = element.oneOf<Kind>('kind', KINDS)
  const values = kind === 'one of' ? element.names('values') : []
  if (kind !== 'one of' && entries.has('values'))
    tell('OWNERSHIP_SETTING_UNKNOWN', [...path, 'values'], 'Only an attribute of kind `one of` has values.')
  return {
    name,
    group,
    ...readDecider({ entries, path, group, isOrdered: values.length > 0 }, words),
    meaning: element.text('meaning'),
    kind,
    values,
    classification: element.oneOf('classification', CLASSIFICATIONS),
    purpose: element.known('purpose', new Set(words.vocabulary.purposes.keys())),
    scope: readScope(entries, path, words),
    retentionMs: element.duration('retention'),
    consumers: element.names('consumers'),
  }
}

const isGroup = (name: string): name is Group => Object.hasOwn(GROUPS, name)

interface Deciding {
  readonly entries: ReadonlyMap<string, unknown>
  readonly path: Path
  readonly group: Group
  readonly isOrdered: boolean
}

/** Exactly one owner, the one of the group; or, in the group that is shared, rules. */
function readDecider(
  { entries, path, group, isOrdered }: Deciding,
  { systems, tell }: RegistryWords,
): Pick<Attribute, 'owner' | 'precedence'> {
  const expected = GROUPS[group]
  if (entries.has('owner') && entries.has('precedence'))
    tell('OWNERSHIP_TWICE', [...path, 'owner'], 'Keep `owner` or `precedence`, not both.')
  if (entries.has('precedence')) {
    if (expected !== null)
      tell('OWNERSHIP_NOT_BY_THE_SPLIT', [...path, 'precedence'], `Write \`owner: ${expected}\`.`)
    const at = [...path, 'precedence']
    return {
      owner: null,
      precedence: readPrecedence(entries.get('precedence'), at, { systems, isOrdered, tell }),
    }
  }
  if (!entries.has('owner'))
    tell('OWNERSHIP_NOBODY', path, 'Add `owner:`, or `precedence:` where several systems write it.')
  const owner = readOwner(entries.get('owner'), { path: [...path, 'owner'], expected }, { systems, tell })
  return { owner, precedence: [{ name: 'system', order: [owner] }] }
}

interface Expecting {
  readonly path: Path
  readonly expected: string | null
}

/** Empty where it is none; that nobody is named is told already. */
function readOwner(
  written: unknown,
  { path, expected }: Expecting,
  { systems, tell }: Pick<RegistryWords, 'systems' | 'tell'>,
): string {
  if (written === undefined) return ''
  if (typeof written !== 'string' || !systems.has(written)) {
    tell('OWNERSHIP_SYSTEM_UNKNOWN', path, `Name one of ${[...systems].join(', ')}.`)
    return ''
  }
  const remedy =
    expected === null ? 'Write `precedence:`; this group is shared.' : `Write \`owner: ${expected}\`.`
  if (written !== expected) tell('OWNERSHIP_NOT_BY_THE_SPLIT', path, remedy)
  return written
}

/** What rests on consent names the scope; what rests on a contract has none. */
function readScope(
  entries: ReadonlyMap<string, unknown>,
  path: Path,
  { vocabulary, tell }: RegistryWords,
): string | null {
  const basis = entries.get('basis')
  const scope = entries.get('scope')
  if (basis === undefined)
    tell('OWNERSHIP_ELEMENT_MISSING', [...path, 'basis'], 'Write `basis: consent` or `basis: contract`.')
  else if (basis !== 'consent' && basis !== 'contract')
    tell('OWNERSHIP_VALUE_INVALID', [...path, 'basis'], 'Write `consent` or `contract`.')
  const at = [...path, 'scope']
  if (basis !== 'consent') {
    if (scope !== undefined)
      tell('OWNERSHIP_VALUE_INVALID', at, 'Take it out: a contract asks for no consent.')
    return null
  }
  if (scope === undefined) tell('OWNERSHIP_ELEMENT_MISSING', at, 'Write the scope that has to be granted.')
  else if (typeof scope !== 'string' || !vocabulary.scopes.has(scope))
    tell('OWNERSHIP_SCOPE_UNKNOWN', at, 'Use a scope of the vocabulary, or add it there.')
  return typeof scope === 'string' ? scope : null
}
