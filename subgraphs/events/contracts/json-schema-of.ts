import type { EventContract, FieldSchema } from './contract.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** The shape of `data` as a JSON Schema 2020-12, which is also what data are checked by. */
export function jsonSchemaOf({ fields }: EventContract): JsonSchema {
  return fieldSchemaOf(fields)
}

/** The same as a document of its own, for other tools. */
export function jsonSchemaDocument(contract: EventContract): JsonSchema {
  const { type, version, description } = contract
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:assent:event:${type}:${version}`,
    title: `${type} ${version}`,
    ...jsonSchemaOf(contract),
    description,
  }
}

/** The shape of one field. */
export function fieldSchemaOf(field: FieldSchema): JsonSchema {
  const { type, nullable, meaning, bounds, choices, pattern, format, examples, items, properties, required } =
    field
  return {
    type: nullable ? [type, 'null'] : type,
    ...(meaning === '' ? {} : { description: meaning }),
    ...(type === 'integer' ? SAFE_INTEGERS : {}),
    ...bounds,
    ...(choices === null ? {} : { enum: nullable ? [...choices, null] : choices }),
    ...(pattern === null ? {} : { pattern }),
    ...(format === null ? {} : { format }),
    ...(examples.length === 0 ? {} : { examples }),
    ...(items === null ? {} : { items: fieldSchemaOf(items) }),
    ...(type !== 'object'
      ? {}
      : {
          properties: Object.fromEntries(
            [...properties].map(([name, property]) => [name, fieldSchemaOf(property)]),
          ),
          required: [...required],
          additionalProperties: false,
        }),
  }
}

/** Beyond these a number of JSON is not the number that was written (RFC 8259 section 6). */
const SAFE_INTEGERS = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
