import { createHash } from 'node:crypto'
import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { readYamlText, type YamlText } from '../../yaml-faults.ts'
import { DEFINITION_FAULTS, type DefinitionFault } from './definition-fault-catalogue.ts'
import { definitionFields, type DefinitionFields, type TellFault } from './definition-fields.ts'
import { placesOf, PLACES } from './explain.ts'
import {
  DISPOSITIONS,
  FEATURE_TYPES,
  type FeatureDefinition,
  type FeatureValue,
} from './feature-definition.ts'
import { fitsType, readSource } from './read-source.ts'

export type DefinitionText = YamlText

/** A definition, or every fault of it: code, file, line, place, remedy. */
export type ReadDefinition =
  | { readonly definition: FeatureDefinition; readonly faults: readonly [] }
  | { readonly definition: null; readonly faults: readonly DefinitionFault[] }

/** Reads one feature from YAML. One with a fault is none: it could not be said what it needs. */
export function readDefinition(given: DefinitionText, vocabulary: Vocabulary): ReadDefinition {
  const { value, tell, faults } = readYamlText(given, DEFINITION_FAULTS, 'FEATURE_UNREADABLE')
  const definition = faults().length === 0 ? read(value, vocabulary, tell) : null
  if (definition !== null && faults().length === 0) return { definition, faults: [] }
  return { definition: null, faults: faults() }
}

const KEYS = [
  'name',
  'field',
  'type',
  'description',
  'entity',
  'source',
  'aggregation',
  'scope',
  'purpose',
  'ttl',
  'freshness',
  'retention',
  'disposition',
  'owner',
  'consumers',
  'explanation',
  'anonymous',
]

function read(value: unknown, vocabulary: Vocabulary, tell: TellFault): FeatureDefinition {
  const fields = definitionFields(value, [], { known: KEYS, tell })
  const type = fields.choice('type', FEATURE_TYPES)
  const scope = readScope(fields, vocabulary, tell)
  fields.choice('entity', ['customer'])
  const source = readSource(fields, type, tell)
  return Object.freeze({
    name: fields.text('name', /^[a-z][a-z0-9_]{0,63}$/, 'lower case letters, digits and _, at most 64'),
    field: readField(fields, tell),
    type,
    description: fields.text('description', /^[^\n"]{3,300}\.$/, 'one sentence, without quotation marks'),
    source,
    scope,
    purpose: readPurpose(fields, { vocabulary, scope, tell }),
    ...readTimes(fields, tell),
    disposition: fields.choice('disposition', DISPOSITIONS),
    owner: fields.text('owner', /^[\w.@-]{2,64}$/, 'the team that answers for it, a plain word'),
    consumers: Object.freeze(fields.words('consumers')),
    explanation: readExplanation(fields, tell),
    anonymous: readDefault(fields, type, tell),
    digest: createHash('sha256')
      .update(JSON.stringify([type, scope, source]))
      .digest('hex')
      .slice(0, 16),
  })
}

function readField(fields: DefinitionFields, tell: TellFault): string {
  const field = fields.text('field', /^[a-z][A-Za-z0-9]{0,63}$/, 'a GraphQL name in camel case')
  if (field === 'lineage')
    tell('FEATURE_NAME_TAKEN', ['field'], 'Choose another: `lineage` tells where values come from.')
  return field
}

/** What cannot be refused cannot be agreed to either (GDPR Art. 4(11), 6(1)(a)). */
function readScope(fields: DefinitionFields, vocabulary: Vocabulary, tell: TellFault): string {
  const scope = fields.raw('scope')
  const known = [...vocabulary.scopes.keys()].join(', ')
  if (scope === undefined || scope === '')
    tell('FEATURE_SCOPE_MISSING', ['scope'], `Write \`scope:\` with one of ${known}.`)
  else if (typeof scope !== 'string' || !vocabulary.scopes.has(scope))
    tell('FEATURE_SCOPE_UNKNOWN', ['scope'], `Write one of ${known}.`)
  return String(scope)
}

interface Purposes {
  readonly vocabulary: Vocabulary
  readonly scope: string
  readonly tell: TellFault
}

function readPurpose(fields: DefinitionFields, { vocabulary, scope, tell }: Purposes): readonly string[] {
  const purposes = fields.words('purpose')
  for (const name of purposes) {
    const purpose = vocabulary.purposes.get(name)
    if (purpose === undefined)
      tell(
        'FEATURE_PURPOSE_UNKNOWN',
        ['purpose'],
        `Write some of ${[...vocabulary.purposes.keys()].join(', ')}.`,
      )
    else if (vocabulary.scopes.has(scope) && !purpose.scopes.has(scope))
      tell(
        'FEATURE_PURPOSE_WITHOUT_SCOPE',
        ['purpose'],
        `Take ${name} out; it may use ${[...purpose.scopes].join(', ') || 'nothing'}.`,
      )
  }
  return Object.freeze(purposes)
}

function readTimes(
  fields: DefinitionFields,
  tell: TellFault,
): Pick<FeatureDefinition, 'ttl' | 'freshness' | 'retention'> {
  const [ttl, freshness, retention] = [
    fields.duration('ttl'),
    fields.duration('freshness'),
    fields.duration('retention'),
  ]
  if (ttl.ms > retention.ms) tell('FEATURE_TTL_TOO_LONG', ['ttl'], `Write at most ${retention.iso}.`)
  if (freshness.ms > ttl.ms) tell('FEATURE_FRESHNESS_TOO_LONG', ['freshness'], `Write at most ${ttl.iso}.`)
  return { ttl, freshness, retention }
}

function readExplanation(fields: DefinitionFields, tell: TellFault): string {
  const explanation = fields.text(
    'explanation',
    /^[^\n]{3,300}$/,
    'one line that tells a person where it comes from',
  )
  const unknown = placesOf(explanation).filter((place) => !PLACES.some((known) => known === place))
  if (unknown.length > 0)
    tell(
      'FEATURE_EXPLANATION_INVALID',
      ['explanation'],
      `Known places are ${PLACES.map((place) => `{${place}}`).join(', ')}.`,
    )
  return explanation
}

/**
 * The same for whoever refused, was never asked or does not exist, so it is a constant that is written down; one that looks
 * like what people are known by was written down of somebody.
 */
function readDefault(
  fields: DefinitionFields,
  type: FeatureDefinition['type'],
  tell: TellFault,
): FeatureValue | null {
  const given = fields.raw('anonymous')
  if (given === undefined) return null
  const isPlain =
    typeof given !== 'string' || (given.length <= 40 && !/[@\d]{4}|@|\d[\d\s().-]{5}/.test(given))
  if (fitsType(given, type) && isPlain) return given
  tell(
    'FEATURE_DEFAULT_INVALID',
    ['anonymous'],
    `Write a constant of type ${type} that is nobody’s, or leave it out.`,
  )
  return null
}
