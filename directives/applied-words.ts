import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  valueFromASTUntyped,
} from 'graphql'

/** Something of a schema that directives can stand on: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`. */
export interface Element {
  readonly coordinate: string
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}

/** Types, their fields, the arguments of those, and enum values; an extension of a type speaks of the type. */
export const elements = (document: DocumentNode): Element[] =>
  document.definitions.flatMap((node) => (isType(node) ? elementsOf(node) : []))

/** Those on which one of these directives stands: of a large schema few. */
export const elementsWith = (
  document: DocumentNode,
  isWanted: (directive: ConstDirectiveNode) => boolean,
): Element[] => {
  const has = ({ directives }: Pick<Element, 'directives'>): boolean => directives?.some(isWanted) ?? false
  const isOn = (part: Part): boolean =>
    has(part) || ('arguments' in part && (part.arguments?.some(has) ?? false))
  return document.definitions.flatMap((node) => {
    if (!isType(node)) return []
    const parts: readonly Part[] = [
      ...('fields' in node ? (node.fields ?? []) : []),
      ...('values' in node ? (node.values ?? []) : []),
    ]
    return has(node) || parts.some(isOn) ? elementsOf(node).filter(has) : []
  })
}

const isType = (node: DocumentNode['definitions'][number]): node is TypeDefinitionNode | TypeExtensionNode =>
  /Type(Definition|Extension)$/.test(node.kind)

const elementsOf = (node: TypeDefinitionNode | TypeExtensionNode): Element[] => {
  const type = node.name.value
  const part = ({ name, directives }: Part): Element => ({ coordinate: `${type}.${name.value}`, directives })
  const fields: readonly (FieldDefinitionNode | InputValueDefinitionNode)[] =
    'fields' in node ? (node.fields ?? []) : []
  return [
    { coordinate: type, directives: node.directives },
    ...('values' in node ? (node.values ?? []) : []).map(part),
    ...fields.map(part),
    ...fields.flatMap((field) =>
      ('arguments' in field ? (field.arguments ?? []) : []).map(({ name, directives }) => ({
        coordinate: `${type}.${field.name.value}(${name.value}:)`,
        directives,
      })),
    ),
  ]
}

type Part = FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode

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
