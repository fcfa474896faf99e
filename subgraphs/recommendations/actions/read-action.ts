import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { namesIn, readYamlText, refuseOthers, type TellFault, type YamlText } from '../../yaml-faults.ts'
import { type Action, type Channel, CHANNELS, type Condition, type FactValue } from './action.ts'
import { ACTION_FAULTS, type ActionFault, type ActionFaultCode } from './action-fault-catalogue.ts'
import { BASES, basisOf, type BasisName } from './bases.ts'

const KEYS = ['name', 'channels', 'scopes', 'when', 'cooldown', 'priority', 'explanation', 'default']

type Tell = TellFault<ActionFaultCode>

interface Reading {
  readonly entries: ReadonlyMap<string, unknown>
  readonly tell: Tell
}

/** One file; null where anything in it is wrong, and then every fault is told. */
export function readAction(
  source: YamlText,
  vocabulary: Vocabulary,
): { readonly action: Action | null; readonly faults: readonly ActionFault[] } {
  const { value, tell, faults } = readYamlText(source, ACTION_FAULTS, 'ACTION_UNREADABLE')
  if (value === undefined) return { action: null, faults: faults() }
  const entries = namesIn(value, { path: [], tell, code: 'ACTION_VALUE_INVALID' })
  refuseOthers(entries, KEYS, { path: [], tell, code: 'ACTION_SETTING_UNKNOWN' })
  const reading = { entries, tell }
  const when = readWhen(reading)
  const action: Action = {
    name: readName(reading),
    basis: readBasis(when, tell),
    channels: readChannels(reading),
    scopes: readScopes(reading, when, vocabulary),
    when,
    cooldownMs: readCooldown(reading),
    priority: readPriority(reading),
    explanation: readExplanation(reading, when),
    isDefault: readDefault(reading, when),
  }
  return { action: faults().length === 0 ? action : null, faults: faults() }
}

function readName({ entries, tell }: Reading): string {
  const name = entries.get('name')
  if (typeof name === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(name)) return name
  tell(
    name === undefined ? 'ACTION_SETTING_MISSING' : 'ACTION_VALUE_INVALID',
    ['name'],
    'Write `name: show_offer`.',
  )
  return ''
}

function readBasis(when: ReadonlyMap<string, Condition>, tell: Tell): BasisName | null {
  const bases = new Set([...when.keys()].flatMap((feature) => basisOf(feature) ?? []))
  if (bases.size > 1)
    tell('ACTION_BASIS_MIXED', ['when'], `Write one action for each of ${[...bases].join(', ')}.`)
  return [...bases][0] ?? null
}

function readChannels({ entries, tell }: Reading): readonly Channel[] {
  const listed = listOf(entries.get('channels'))
  const known = listed?.filter((one): one is Channel => CHANNELS.some((channel) => channel === one)) ?? []
  if (known.length === 0 || known.length !== listed?.length)
    tell(
      listed === null ? 'ACTION_SETTING_MISSING' : 'ACTION_VALUE_INVALID',
      ['channels'],
      `Write a list of ${CHANNELS.join(', ')}.`,
    )
  return known
}

function readScopes(
  { entries, tell }: Reading,
  when: ReadonlyMap<string, Condition>,
  { scopes: known }: Vocabulary,
): readonly string[] {
  const listed = (listOf(entries.get('scopes') ?? []) ?? []).map(String)
  for (const [place, scope] of listed.entries())
    if (!known.has(scope))
      tell('ACTION_SCOPE_UNKNOWN', ['scopes', String(place)], 'Use the scopes of docs/vocabulary.md.')
  for (const feature of when.keys()) {
    const basis = basisOf(feature)
    if (basis !== undefined && !listed.includes(BASES[basis].scope))
      tell('ACTION_SCOPE_MISSING', ['when', feature], `Add ${BASES[basis].scope} to \`scopes\`.`)
  }
  return listed
}

function readWhen({ entries, tell }: Reading): ReadonlyMap<string, Condition> {
  const written = entries.get('when')
  if (written === undefined) return new Map()
  const when = new Map<string, Condition>()
  for (const [feature, value] of namesIn(written, { path: ['when'], tell, code: 'ACTION_VALUE_INVALID' })) {
    if (basisOf(feature) === undefined) {
      const known = Object.values(BASES).flatMap(({ features }) => [...features])
      tell('ACTION_FEATURE_UNKNOWN', ['when', feature], `Use one of ${known.join(', ')}.`)
      continue
    }
    const condition = conditionOf(value)
    if (condition === null) tell('ACTION_VALUE_INVALID', ['when', feature], CONDITION_REMEDY)
    else when.set(feature, condition)
  }
  return when
}

const CONDITION_REMEDY =
  'Write one of `{ is: value }`, `{ in: [values] }`, `{ atLeast: number }`, `{ atMost: number }`, `{ present: true }`.'

function conditionOf(value: unknown): Condition | null {
  if (!(value instanceof Map) || value.size !== 1) return null
  const [[kind, asked]] = [...(value as Map<unknown, unknown>)] as [[unknown, unknown]]
  switch (kind) {
    case 'is':
      return isFact(asked) ? { kind, value: asked } : null
    case 'in':
      return isFacts(asked) ? { kind, values: asked } : null
    case 'present':
      return asked === true ? { kind } : null
    case 'atLeast':
    case 'atMost':
      return isNumber(asked) ? { kind, value: asked } : null
    default:
      return null
  }
}

const isFacts = (value: unknown): value is readonly FactValue[] =>
  Array.isArray(value) && value.length > 0 && value.every(isFact)

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

function isFact(value: unknown): value is FactValue {
  return typeof value === 'string' || typeof value === 'boolean' || isNumber(value)
}

const DURATION = /^P(?:(\d{1,4})D|T(\d{1,5})([HM]))$/

function readCooldown({ entries, tell }: Reading): number {
  const written = entries.get('cooldown') ?? 'PT0M'
  const found = typeof written === 'string' ? DURATION.exec(written) : null
  if (found === null) {
    tell('ACTION_VALUE_INVALID', ['cooldown'], 'Write days, hours or minutes: `P7D`, `PT12H`, `PT30M`.')
    return 0
  }
  const [, days, amount, unit] = found
  if (days !== undefined) return Number(days) * 86_400_000
  return Number(amount) * (unit === 'H' ? 3_600_000 : 60_000)
}

function readPriority({ entries, tell }: Reading): number {
  const priority = entries.get('priority')
  if (typeof priority === 'number' && Number.isInteger(priority) && priority >= 0 && priority <= 1_000)
    return priority
  const code = priority === undefined ? 'ACTION_SETTING_MISSING' : 'ACTION_VALUE_INVALID'
  tell(code, ['priority'], 'Write a whole number from 0 (first) to 1000.')
  return 1_000
}

function readExplanation({ entries, tell }: Reading, when: ReadonlyMap<string, Condition>): string {
  const text = entries.get('explanation')
  if (typeof text !== 'string' || text.trim() === '') {
    tell('ACTION_SETTING_MISSING', ['explanation'], 'Write a sentence for the person.')
    return ''
  }
  for (const [, place = ''] of text.matchAll(/\{([^}]*)\}/g))
    if (!when.has(place))
      tell(
        'ACTION_EXPLANATION_INVALID',
        ['explanation'],
        `Take \`{${place}}\` out, or look at it in \`when\`.`,
      )
  return text
}

function readDefault({ entries, tell }: Reading, when: ReadonlyMap<string, Condition>): boolean {
  const written = entries.get('default') ?? false
  if (typeof written !== 'boolean') tell('ACTION_VALUE_INVALID', ['default'], 'Write `default: true`.')
  if (written === true && when.size > 0)
    tell('ACTION_VALUE_INVALID', ['when'], 'The default looks at nothing: take it out.')
  return written === true
}

const listOf = (value: unknown): readonly unknown[] | null =>
  Array.isArray(value) ? (value as unknown[]) : null
