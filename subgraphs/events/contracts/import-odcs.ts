import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { readYaml } from '../../yaml-source.ts'
import { BOUNDS } from './contract.ts'
import { CONTRACT_FAULTS, type ContractFault } from './contract-fault-catalogue.ts'
import { TEXT_TYPES } from './export-odcs.ts'
import { durationOfSla, type OdcsRecord } from './odcs-terms.ts'
import { type ContractText, readContract } from './read-contract.ts'

export interface ImportedContract {
  /** The contract as plain values in the words of this house, whole or not; null when the document is none. */
  readonly draft: OdcsRecord | null
  /** What it lacks or says wrongly. Places are those of the draft. */
  readonly faults: readonly ContractFault[]
}

/**
 * What a document of the Open Data Contract Standard 3 says of an event type. What the standard has no word for, and
 * the document does not say in `customProperties`, is left out of the draft and told: it is for its owner to say.
 */
export function importOdcs(source: ContractText, vocabulary: Vocabulary): ImportedContract {
  const { value, broken } = readYaml(source.text)
  const document = plainOf(value)
  const schemas =
    isRecord(document) && document['kind'] === 'DataContract' ? recordsIn(document['schema']) : []
  const [schema] = schemas
  if (broken.length > 0 || !isRecord(document) || schema === undefined || schemas.length !== 1)
    return { draft: null, faults: [unreadable(source.file)] }
  const draft = draftOf(document, schema)
  const { faults } = readContract({ file: source.file, text: JSON.stringify(draft) }, vocabulary)
  return { draft, faults }
}

const unreadable = (file: string): ContractFault => ({
  code: 'EVENT_CONTRACT_UNREADABLE',
  file,
  line: 1,
  place: 'schema',
  message: CONTRACT_FAULTS.EVENT_CONTRACT_UNREADABLE.sentence,
  remedy: 'Name a document of the Open Data Contract Standard 3 with one object in `schema`.',
})

function draftOf(document: OdcsRecord, schema: OdcsRecord): OdcsRecord {
  const own = customOf(document)
  const slas = recordsIn(document['slaProperties'])
  const slaNamed = (name: string): OdcsRecord | undefined => slas.find(({ property }) => property === name)
  const description = isRecord(document['description']) ? document['description']['purpose'] : undefined
  const team = isRecord(document['team']) ? document['team']['name'] : undefined
  return withoutGaps({
    type: schema['name'],
    version: versionOf(document['version']),
    owner: team,
    purpose: own.get('purpose'),
    description,
    timestamp: own.get('timestamp'),
    optIn: own.get('optIn'),
    basis: own.get('legalBasis'),
    scope: own.get('consentScope'),
    retention: durationOfSla(slaNamed('retention')),
    consumers: recordsIn(document['roles']).map(({ role }) => role),
    disposition: own.get('disposition'),
    deprecation: withoutGaps({
      notice: own.get('deprecationNotice'),
      announced: own.get('deprecationAnnounced'),
      until: dayOf(slaNamed('endOfLife')?.['value']),
      successor: own.get('deprecationSuccessor'),
    }),
    quality: withoutGaps({
      freshness: durationOfSla(slaNamed('latency')),
      minimumValid: own.get('minimumValid'),
      alert: recordsIn(document['support'])[0]?.['channel'],
    }),
    fields: { type: 'object', ...withoutGaps({ meaning: schema['description'] }), ...objectOf(schema) },
  })
}

/** Of `2.0.0` and `2`, the 2; smaller steps than whole versions are not known here. */
const versionOf = (version: unknown): unknown =>
  typeof version === 'string' && /^[1-9]\d{0,3}(\.0){0,2}$/.test(version)
    ? Number.parseInt(version, 10)
    : version

const dayOf = (moment: unknown): unknown =>
  typeof moment === 'string' && /^\d{4}-\d\d-\d\d(T|$)/.test(moment) ? moment.slice(0, 10) : moment

function objectOf(record: OdcsRecord): OdcsRecord {
  const properties = recordsIn(record['properties'])
  return {
    additionalProperties: false,
    required: properties.filter((property) => isPresent(property)).map((property) => nameOf(property)),
    properties: Object.fromEntries(
      properties.map((property) => [String(property['name']), fieldOf(property)]),
    ),
  }
}

const nameOf = ({ name }: OdcsRecord): string => (typeof name === 'string' ? name : '')

const isPresent = (property: OdcsRecord): boolean =>
  property['required'] === true || customOf(property).get('present') === true

function fieldOf(property: OdcsRecord): OdcsRecord {
  const own = customOf(property)
  const { type, format } = typeOf(property)
  const options = isRecord(property['logicalTypeOptions']) ? property['logicalTypeOptions'] : {}
  const isNullable = own.get('nullable') === true
  return withoutGaps({
    type: isNullable ? [type, 'null'] : type,
    meaning: property['description'],
    classification: property['classification'],
    disposition: own.get('disposition'),
    ...Object.fromEntries(BOUNDS.map((name) => [name, options[name]])),
    pattern: options['pattern'],
    format,
    enum: choicesOf(property),
    examples: property['examples'],
    ...(isRecord(property['items']) ? { items: fieldOf(property['items']) } : {}),
    ...(type === 'object' ? objectOf(property) : {}),
  })
}

function typeOf({ logicalType, logicalTypeOptions }: OdcsRecord): { type: unknown; format: unknown } {
  const [format] = [...TEXT_TYPES].find(([, moment]) => moment === logicalType) ?? []
  if (format !== undefined) return { type: 'string', format }
  const isText = logicalType === 'string' && isRecord(logicalTypeOptions)
  return { type: logicalType, format: isText ? logicalTypeOptions['format'] : undefined }
}

function choicesOf(property: OdcsRecord): unknown {
  const checks = recordsIn(property['quality'])
  const check = checks.find(({ metric, mustBe }) => metric === 'invalidValues' && mustBe === 0)
  return isRecord(check?.['arguments']) ? check['arguments']['validValues'] : undefined
}

const customOf = (record: OdcsRecord): ReadonlyMap<unknown, unknown> =>
  new Map(recordsIn(record['customProperties']).map(({ property, value }) => [property, value]))

const isRecord = (value: unknown): value is OdcsRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const recordsIn = (value: unknown): readonly OdcsRecord[] =>
  Array.isArray(value) ? value.filter((entry) => isRecord(entry)) : []

const withoutGaps = (record: OdcsRecord): OdcsRecord =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null))

/** Mappings by outside names as records without a prototype. */
function plainOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainOf)
  if (!(value instanceof Map)) return value
  const record: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [key, item] of value) record[String(key)] = plainOf(item)
  return record
}
