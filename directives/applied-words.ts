import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  valueFromASTUntyped,
} from 'graphql'

/** Something of a schema that directives can stand on: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
export interface Element {
  readonly coordinate: string
  readonly directives: readonly ConstDirectiveNode[] | undefined
}

/** Types, their fields and the arguments of those; an extension of a type speaks of the type. */
export function* elements(document: DocumentNode): Generator<Element> {
  for (const node of document.definitions) {
    if (!/Type(Definition|Extension)$/.test(node.kind) || !('name' in node) || node.name === undefined)
      continue
    const type = node.name.value
    yield { coordinate: type, directives: node.directives as readonly ConstDirectiveNode[] }
    for (const field of 'fields' in node ? (node.fields ?? []) : []) {
      const coordinate = `${type}.${field.name.value}`
      yield { coordinate, directives: field.directives }
      if (field.kind !== Kind.FIELD_DEFINITION) continue
      for (const { name, directives } of field.arguments ?? [])
        yield { coordinate: `${coordinate}(${name.value}:)`, directives }
    }
  }
}

export interface AppliedWord {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly line: number | null
}

/** A word applied directly, or carried by `@join__directive` (join specification v0.4). */
export const appliedWord = (directive: ConstDirectiveNode): AppliedWord[] => {
  const values = valuesOf(directive.arguments)
  const line = directive.loc?.startToken.line ?? null
  if (directive.name.value !== 'join__directive')
    return [{ name: directive.name.value, arguments: values, line }]
  const { name, args } = values
  return typeof name === 'string' && isRecord(args) ? [{ name, arguments: args, line }] : []
}

const valuesOf = (nodes: readonly ConstArgumentNode[] = []): Record<string, unknown> =>
  Object.fromEntries(nodes.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]))

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
