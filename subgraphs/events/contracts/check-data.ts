import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { type EventContract, type FieldSchema, FORMATS } from './contract.ts'
import { fieldSchemaOf, jsonSchemaOf } from './json-schema-of.ts'
import { looksLikeAPerson } from './raw-identifier.ts'

/** Why data do not fit. Neither a value nor a name that the contract does not have stands in it. */
export interface Violation {
  /** `data.items[3].sku`. */
  readonly path: string
  readonly rule: ViolationRule
  readonly message: string
}

export type ViolationRule =
  'type' | 'required' | 'unknown_field' | 'choice' | 'bound' | 'pattern' | 'format' | 'raw_identifier'

/** All that does not fit, the first twenty of it; none when the data fit. The data are not changed. */
export type CheckData = (data: unknown) => readonly Violation[]

const MOST_TOLD = 20
const NONE: readonly Violation[] = Object.freeze([])

/**
 * The check of a contract. Nothing is coerced, filled in or fetched; a check that fails to run is not a check that
 * passed, so what it throws is not caught.
 */
export function compileCheck(contract: EventContract): CheckData {
  const isFit: ValidateFunction = createAjv().compile(withPersons(jsonSchemaOf(contract)))
  return (data) => {
    if (isFit(data)) return NONE
    const told = (isFit.errors ?? []).slice(0, MOST_TOLD).map(violationOf)
    isFit.errors = null
    return Object.freeze(told)
  }
}

/** Where in a contract an example stands that its own field would refuse: `fields.properties.sku.examples`. */
export function unfitExamples({ fields }: EventContract): readonly (readonly string[])[] {
  const ajv = createAjv()
  const unfitOf = (field: FieldSchema, path: readonly string[]): (readonly string[])[] => {
    const isFit = field.examples.length === 0 ? null : ajv.compile(withPersons(fieldSchemaOf(field)))
    const inner = [...field.properties].flatMap(([name, one]) => unfitOf(one, [...path, 'properties', name]))
    const items = field.items === null ? [] : unfitOf(field.items, [...path, 'items'])
    const isUnfit = isFit !== null && !field.examples.every((example) => isFit(example))
    return [...(isUnfit ? [[...path, 'examples']] : []), ...inner, ...items]
  }
  return unfitOf(fields, ['fields'])
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    coerceTypes: false,
    useDefaults: false,
    removeAdditional: false,
    $data: false,
    allowUnionTypes: false,
    ownProperties: true,
    unicodeRegExp: true,
    // The schemas are written by `json-schema-of.ts`, and to prove them again takes longer than to compile them.
    validateSchema: false,
    meta: false,
    addUsedSchema: false,
    logger: false,
  })
  addFormats.default(ajv, { mode: 'full', formats: [...FORMATS] })
  ajv.addKeyword({
    keyword: PERSON,
    type: 'string',
    schemaType: 'boolean',
    validate: (_: unknown, text: string) => !looksLikeAPerson(text),
    errors: false,
  })
  return ajv
}

const PERSON = 'namesNobody'

/** A free text is looked at, whatever the contract says of it: an address may have slipped into a field for a SKU. */
function withPersons(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { type, enum: choices, format, items, properties } = schema
  const isText = [type].flat().includes('string') && choices === undefined && format === undefined
  return {
    ...schema,
    ...(isText ? { [PERSON]: true } : {}),
    ...(items === undefined ? {} : { items: withPersons(items as typeof schema) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties as Record<string, typeof schema>).map(([name, one]) => [
              name,
              withPersons(one),
            ]),
          ),
        }),
  }
}

const RULES: ReadonlyMap<string, readonly [ViolationRule, string]> = new Map([
  ['type', ['type', 'is not of the type the contract names']],
  ['required', ['required', 'is missing']],
  ['additionalProperties', ['unknown_field', 'holds a field the contract does not have']],
  ['enum', ['choice', 'is none of the values the contract lists']],
  ['pattern', ['pattern', 'has not the pattern the contract asks for']],
  ['format', ['format', 'has not the format the contract asks for']],
  [PERSON, ['raw_identifier', 'looks like something that names a person']],
])

function violationOf({ keyword, instancePath, params }: ErrorObject): Violation {
  const [rule, message] = RULES.get(keyword) ?? (['bound', 'is beyond the bounds of the contract'] as const)
  const place = instancePath.replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.')
  const missing = keyword === 'required' ? `.${String(params['missingProperty'])}` : ''
  return Object.freeze({ path: `data${place}${missing}`, rule, message })
}
