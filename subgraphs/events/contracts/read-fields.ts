import {
  CLASSIFICATIONS,
  DISPOSITIONS,
  FIELD_TYPES,
  type FieldSchema,
  type FieldType,
  FORMATS,
} from './contract.ts'
import {
  type ContractPlace,
  elementOf,
  optionalOf,
  type Path,
  placeAt,
  type TellFault,
} from './contract-place.ts'
import { NUMBER_BOUNDS, readBounds, tellUnbounded } from './field-bounds.ts'
import { oneOf, SENTENCE } from './contract-shapes.ts'
import { tellPerson } from './tell-person.ts'

const DEEPEST = 4
const MOST_FIELDS = 200
const FIELD_NAME = /^[a-z][A-Za-z0-9_]{0,63}$/

/** What is read of one `fields:`, so that it stays as small as a person can review. */
interface Reading {
  readonly tell: TellFault
  count: number
}

interface Spot {
  readonly path: Path
  readonly depth: number
}

/**
 * The part of JSON Schema 2020-12 that a contract is written in: what a change of it breaks can be told exactly, and
 * whether data fit is told in one walk over them. So there are no references, alternatives or conditions.
 */
export function readDataFields(place: ContractPlace): FieldSchema | undefined {
  const value = elementOf(place, 'fields', {
    sentence: 'a JSON Schema of type object',
    read: (written) => (written instanceof Map ? (written as ReadonlyMap<string, unknown>) : undefined),
  })
  if (value === undefined) return undefined
  const path = [...place.path, 'fields']
  const isObject = value.get('type') === 'object'
  if (!isObject) place.tell('EVENT_CONTRACT_VALUE_INVALID', [...path, 'type'], 'Write `type: object`.')
  const fields = readField(value, { path, depth: 0 }, { tell: place.tell, count: 0 })
  return isObject ? fields : undefined
}

const COMMON = ['type', 'meaning', 'classification', 'disposition', 'examples']
const KEYWORDS: Readonly<Record<FieldType, readonly string[]>> = {
  string: [...COMMON, 'enum', 'minLength', 'maxLength', 'pattern', 'format'],
  integer: [...COMMON, 'enum', ...NUMBER_BOUNDS],
  number: [...COMMON, 'enum', ...NUMBER_BOUNDS],
  boolean: COMMON,
  array: [...COMMON, 'items', 'minItems', 'maxItems'],
  object: [...COMMON, 'properties', 'required', 'additionalProperties'],
}

const TYPE = {
  sentence: `one of ${FIELD_TYPES.join(', ')}, or a list of one of them and 'null'`,
  read: (value: unknown): { type: FieldType; nullable: boolean } | undefined => {
    const [first, second, ...more] = Array.isArray(value) ? (value as unknown[]) : [value]
    const type = FIELD_TYPES.find((word) => word === first)
    const isFit = more.length === 0 && (second === undefined || second === 'null')
    return type !== undefined && isFit ? { type, nullable: second === 'null' } : undefined
  },
}

function readField(value: unknown, { path, depth }: Spot, reading: Reading): FieldSchema | undefined {
  const { tell } = reading
  reading.count += 1
  if (depth > DEEPEST || reading.count > MOST_FIELDS) {
    if (depth > DEEPEST || reading.count === MOST_FIELDS + 1)
      tell('EVENT_CONTRACT_TOO_LARGE', path, `Write at most ${MOST_FIELDS} fields, at most ${DEEPEST} deep.`)
    return undefined
  }
  const typed = placeAt(value ?? new Map(), path, tell, null)
  const types = elementOf(typed, 'type', TYPE)
  if (types === undefined) return undefined
  const place = keywordsAt(typed, KEYWORDS[types.type])
  const field = {
    ...types,
    ...readWords(place, { isLeaf: types.type !== 'object' && types.type !== 'array', isWhole: depth === 0 }),
    ...readBounds(place, types.type),
    format: optionalOf(place, 'format', oneOf(FORMATS)),
    items:
      types.type === 'array'
        ? (readField(place.entries.get('items'), { path: [...path, 'items'], depth: depth + 1 }, reading) ??
          null)
        : null,
    ...readProperties(place, types.type, (name, property) =>
      readField(property, { path: [...path, 'properties', name], depth: depth + 1 }, reading),
    ),
  }
  tellUnbounded(field, place)
  tellPerson(field, place)
  return Object.freeze(field)
}

/** Words of JSON Schema that a contract does not use are told as such: who knows them looks for them. */
function keywordsAt({ entries, path, tell }: ContractPlace, known: readonly string[]): ContractPlace {
  for (const key of entries.keys())
    if (!known.includes(key))
      tell(
        'EVENT_CONTRACT_KEYWORD_UNKNOWN',
        [...path, key.slice(0, 64)],
        `Take it out; known here are ${known.join(', ')}.`,
      )
  return { entries, path, tell }
}

/** The whole says in `description` what it means; what only holds others need not be classified. */
function readWords(
  place: ContractPlace,
  { isLeaf, isWhole }: { isLeaf: boolean; isWhole: boolean },
): Pick<FieldSchema, 'meaning' | 'classification' | 'disposition' | 'examples'> {
  const examples = place.entries.get('examples') ?? []
  if (!Array.isArray(examples) || examples.length > 20)
    place.tell('EVENT_CONTRACT_VALUE_INVALID', [...place.path, 'examples'], 'Write a list of at most 20.')
  const classification = oneOf(CLASSIFICATIONS)
  return {
    meaning: (isWhole ? optionalOf(place, 'meaning', SENTENCE) : elementOf(place, 'meaning', SENTENCE)) ?? '',
    classification:
      (isLeaf
        ? elementOf(place, 'classification', classification)
        : optionalOf(place, 'classification', classification)) ?? null,
    disposition: optionalOf(place, 'disposition', oneOf(DISPOSITIONS)),
    examples: Object.freeze(Array.isArray(examples) ? examples.slice(0, 20) : []),
  }
}

function readProperties(
  place: ContractPlace,
  type: FieldType,
  readOne: (name: string, value: unknown) => FieldSchema | undefined,
): Pick<FieldSchema, 'properties' | 'required'> {
  const properties = new Map<string, FieldSchema>()
  if (type !== 'object') return { properties, required: new Set() }
  const { entries, path, tell } = place
  if (entries.get('additionalProperties') !== false)
    tell(
      'EVENT_CONTRACT_FIELD_UNBOUNDED',
      [...path, 'additionalProperties'],
      'Write `additionalProperties: false`: what is not named is not taken.',
    )
  const written = placeAt(entries.get('properties') ?? new Map(), [...path, 'properties'], tell, null)
  for (const [name, value] of written.entries) {
    const spot = [...written.path, name.slice(0, 64)]
    // What every object inherits would be read as if it had been sent.
    if (!FIELD_NAME.test(name) || name in Object.prototype)
      tell(
        'EVENT_CONTRACT_VALUE_INVALID',
        spot,
        'Name a field by letters, digits and _, at most 64, beginning with a small letter, and not as what every object has.',
      )
    const field = readOne(name, value)
    if (field !== undefined) properties.set(name, field)
  }
  return { properties, required: readRequired(place, written.entries) }
}

function readRequired(
  { entries, path, tell }: ContractPlace,
  properties: ReadonlyMap<string, unknown>,
): ReadonlySet<string> {
  const written = entries.get('required') ?? []
  const names = Array.isArray(written) ? (written as unknown[]) : [undefined]
  const isFit =
    names.every((name) => typeof name === 'string' && properties.has(name)) &&
    new Set(names).size === names.length
  if (isFit) return new Set(names as string[])
  tell(
    'EVENT_CONTRACT_VALUE_INVALID',
    [...path, 'required'],
    'Write a list of names that stand in properties, each once.',
  )
  return new Set()
}
