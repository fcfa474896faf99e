import { definitionFields, type DefinitionFields, type TellFault } from './definition-fields.ts'
import {
  type EventFeature,
  type FeatureSource,
  type FeatureScalar,
  type FeatureType,
  type FeatureValue,
  OCCURRED_AT,
  type Take,
  TAKES,
} from './feature-definition.ts'

/** `source: { event }` with an aggregation, or `source: { profile }` without one. */
export function readSource(fields: DefinitionFields, type: FeatureType, tell: TellFault): FeatureSource {
  const given = fields.raw('source')
  if (given === undefined) {
    tell('FEATURE_SETTING_MISSING', ['source'], 'Write `source:` with `event:` or `profile:`.')
    return { kind: 'profile', attribute: '' }
  }
  const isProfile = given instanceof Map && given.has('profile')
  const source = definitionFields(given, ['source'], {
    known: isProfile ? ['profile'] : ['event', 'where'],
    tell,
  })
  if (!isProfile) {
    const event = source.text('event', /^[a-z][a-z0-9_.]{0,63}$/, 'the type of the events')
    const where = readWhere(source.raw('where'), tell)
    return readAggregation(fields.raw('aggregation'), { event, where, type, tell })
  }
  if (fields.raw('aggregation') !== undefined)
    tell('FEATURE_SETTING_UNKNOWN', ['aggregation'], 'Take it out: what a person told is served as it is.')
  return Object.freeze({
    kind: 'profile',
    attribute: source.text('profile', /^[a-z][A-Za-z0-9_.]{0,63}$/, 'the name of an attribute'),
  })
}

/** What a take is computed from, and what it is then. */
const TAKEN: Readonly<
  Record<Take, { readonly needsValue: boolean; readonly types: readonly FeatureType[] }>
> = {
  count: { needsValue: false, types: ['Int'] },
  exists: { needsValue: false, types: ['Boolean'] },
  distinct: { needsValue: true, types: ['Int'] },
  values: { needsValue: true, types: ['[String!]'] },
  sum: { needsValue: true, types: ['Float'] },
  mean: { needsValue: true, types: ['Float'] },
  min: { needsValue: true, types: ['Float'] },
  max: { needsValue: true, types: ['Float'] },
  last: { needsValue: true, types: ['String', 'Float', 'Boolean'] },
}

function readWhere(given: unknown, tell: TellFault): EventFeature['where'] {
  const where: Record<string, FeatureScalar> = Object.create(null)
  if (given === undefined) return where
  const isPlain = (value: unknown): value is FeatureScalar =>
    typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
  for (const [name, value] of given instanceof Map ? given : [['', null]])
    if (/^[a-z][A-Za-z0-9_]{0,63}$/.test(String(name)) && isPlain(value)) where[String(name)] = value
    else
      tell(
        'FEATURE_VALUE_INVALID',
        ['source', 'where'],
        'Write names of values of the event, each with one constant.',
      )
  return Object.freeze(where)
}

interface Aggregation extends Pick<EventFeature, 'event' | 'where'> {
  readonly type: FeatureType
  readonly tell: TellFault
}

function readAggregation(value: unknown, { event, where, type, tell }: Aggregation): EventFeature {
  const path = ['aggregation']
  if (value === undefined)
    tell('FEATURE_SETTING_MISSING', path, 'Write `aggregation:` with `take:`, `of:` and `window:`.')
  const fields = definitionFields(value ?? new Map(), path, {
    known: ['take', 'of', 'window'],
    tell: value === undefined ? () => {} : tell,
  })
  const take = fields.choice('take', TAKES)
  const { needsValue, types } = TAKEN[take]
  const shape = `a value of the event, or ${OCCURRED_AT}`
  const of = needsValue ? fields.text('of', /^(\$occurredAt|[a-z][A-Za-z0-9_]{0,63})$/, shape) : null
  if (!needsValue && fields.raw('of') !== undefined)
    tell('FEATURE_SETTING_UNKNOWN', [...path, 'of'], `Take it out: ${take} looks at no value.`)
  const isTime = of === OCCURRED_AT
  if (isTime && take !== 'last')
    tell('FEATURE_VALUE_INVALID', [...path, 'of'], `Only last takes ${OCCURRED_AT}.`)
  const allowed: readonly FeatureType[] = isTime ? ['String'] : types
  if (value !== undefined && !allowed.includes(type))
    tell('FEATURE_TYPE_DIFFERS', ['type'], `Write ${allowed.join(' or ')}: that is what ${take} gives.`)
  return Object.freeze({ kind: 'event', event, where, take, of, window: fields.duration('window') })
}

/** NaN and the infinities are of no type. */
export function fitsType(value: unknown, type: FeatureType): value is FeatureValue {
  if (type === 'String') return typeof value === 'string'
  if (type === 'Boolean') return typeof value === 'boolean'
  // What is a list is somebody’s: nobody has one.
  if (type === '[String!]') return false
  if (type === 'Int') return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31
  return Number.isFinite(value)
}
