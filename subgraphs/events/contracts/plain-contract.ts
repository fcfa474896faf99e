import type { EventContract, FieldSchema } from './contract.ts'

/** A contract as its file says it: what is written from it as YAML reads as the same contract again. */
export function plainContract({ fields, ...terms }: EventContract): Readonly<Record<string, unknown>> {
  return { ...terms, fields: plainField(fields) }
}

function plainField(field: FieldSchema): Readonly<Record<string, unknown>> {
  const { type, nullable, bounds, choices, items, properties, required, examples } = field
  const words = {
    meaning: field.meaning || null,
    classification: field.classification,
    disposition: field.disposition,
  }
  const rules = { pattern: field.pattern, format: field.format, enum: choices }
  return {
    type: nullable ? [type, 'null'] : type,
    ...withoutNulls(words),
    ...bounds,
    ...withoutNulls(rules),
    ...(examples.length === 0 ? {} : { examples }),
    ...(items === null ? {} : { items: plainField(items) }),
    ...(type !== 'object'
      ? {}
      : {
          additionalProperties: false,
          required: [...required],
          properties: Object.fromEntries([...properties].map(([name, one]) => [name, plainField(one)])),
        }),
  }
}

const withoutNulls = (record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null))
