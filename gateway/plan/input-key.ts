import { createHash } from 'node:crypto'
import { type ConstValueNode, type FieldNode, Kind, print, type ValueNode } from 'graphql'

/**
 * The response key of a field that keys or `@requires` read: one for each list of arguments, and the name alone without any.
 * Two inputs with different arguments are never under one key, and the same input is under the same key everywhere.
 */
export const inputKey = ({ name, arguments: given = [] }: Pick<FieldNode, 'name' | 'arguments'>): string => {
  if (given.length === 0) return name.value
  const text = given
    .map((argument) => `${argument.name.value}:${valueText(argument.value)}`)
    .toSorted()
    .join()
  return `_assent_in_${name.value}_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

/** The same for the same value, however it was written. */
const valueText = (value: ValueNode | ConstValueNode): string => {
  if (value.kind === Kind.LIST) return `[${value.values.map(valueText).join()}]`
  if (value.kind === Kind.FLOAT) return String(Number(value.value))
  if (value.kind === Kind.STRING) return JSON.stringify(value.value)
  if (value.kind !== Kind.OBJECT) return print(value)
  const fields = value.fields.map((field) => `${field.name.value}:${valueText(field.value)}`)
  return `{${fields.toSorted().join()}}`
}
