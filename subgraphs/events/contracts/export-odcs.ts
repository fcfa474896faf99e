import type { EventContract, FieldFormat, FieldSchema } from './contract.ts'
import { custom, ODCS_VERSION, type OdcsRecord, slaOf } from './odcs-terms.ts'

/** A contract as a document of the Open Data Contract Standard 3.1, to be written as YAML or JSON. */
export function exportOdcs(contract: EventContract): OdcsRecord {
  const { type, version, owner, description, retention, consumers, deprecation, quality, fields } = contract
  return {
    apiVersion: ODCS_VERSION,
    kind: 'DataContract',
    id: `event:${type}:${version}`,
    name: type,
    version: String(version),
    status: deprecation.until === null ? 'active' : 'deprecated',
    description: { purpose: description },
    schema: [
      {
        name: type,
        logicalType: 'object',
        physicalType: 'event',
        ...(fields.meaning === '' ? {} : { description: fields.meaning }),
        properties: propertiesOf(fields),
      },
    ],
    team: { name: owner },
    roles: consumers.map((role) => ({ role, access: 'read' })),
    support: [{ channel: quality.alert, scope: 'issues' }],
    slaProperties: [
      slaOf('retention', retention),
      slaOf('latency', quality.freshness),
      ...(deprecation.until === null ? [] : [{ property: 'endOfLife', value: deprecation.until }]),
    ],
    customProperties: custom({
      purpose: contract.purpose,
      legalBasis: contract.basis,
      consentScope: contract.scope,
      optIn: contract.optIn,
      timestamp: contract.timestamp,
      disposition: contract.disposition,
      deprecationNotice: deprecation.notice,
      deprecationAnnounced: deprecation.announced,
      deprecationSuccessor: deprecation.successor,
      minimumValid: quality.minimumValid,
    }),
  }
}

const propertiesOf = ({ properties, required }: FieldSchema): readonly OdcsRecord[] =>
  [...properties].map(([name, field]) => ({ name, ...propertyOf(field, required.has(name)) }))

/** `required` says there that a value is neither missing nor null, so what is only one of them is said apart. */
function propertyOf(field: FieldSchema, isPresent: boolean): OdcsRecord {
  const { type, nullable, meaning, classification, disposition, choices, items, examples } = field
  const { logicalType, options } = logicalTypeOf(field)
  const extra = custom({ nullable: nullable || null, present: nullable ? isPresent : null, disposition })
  return {
    logicalType,
    ...(Object.keys(options).length === 0 ? {} : { logicalTypeOptions: options }),
    required: isPresent && !nullable,
    ...(meaning === '' ? {} : { description: meaning }),
    ...(classification === null ? {} : { classification }),
    ...(examples.length === 0 ? {} : { examples }),
    ...(choices === null ? {} : { quality: [validValues(choices)] }),
    ...(items === null ? {} : { items: propertyOf(items, true) }),
    ...(type === 'object' ? { properties: propertiesOf(field) } : {}),
    ...(extra.length === 0 ? {} : { customProperties: extra }),
  }
}

/** The standard has no list of choices; it has a check that no other values are there. */
const validValues = (choices: NonNullable<FieldSchema['choices']>): OdcsRecord => ({
  type: 'library',
  metric: 'invalidValues',
  arguments: { validValues: choices },
  mustBe: 0,
})

/** Types of the standard that are texts in JSON. */
export const TEXT_TYPES: ReadonlyMap<FieldFormat, string> = new Map([
  ['date', 'date'],
  ['date-time', 'timestamp'],
  ['time', 'time'],
])

/** A moment with bounds of its text stays a text with a format: there its options are days, not lengths. */
function logicalTypeOf({ type, bounds, pattern, format }: FieldSchema): {
  logicalType: string
  options: OdcsRecord
} {
  const own = { ...bounds, ...(pattern === null ? {} : { pattern }) }
  const moment = format === null ? undefined : TEXT_TYPES.get(format)
  if (moment !== undefined && Object.keys(own).length === 0) return { logicalType: moment, options: {} }
  return { logicalType: type, options: { ...own, ...(format === null ? {} : { format }) } }
}
