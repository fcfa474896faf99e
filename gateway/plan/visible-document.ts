import {
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  specifiedScalarTypes,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql'

/** What is taken out of a schema document, by coordinate. */
export type IsHidden = (coordinate: string) => boolean

export interface VisibleDocument {
  readonly document: DocumentNode
  /** Coordinates of what must be given and cannot be asked for any more. */
  readonly missing: readonly string[]
}

/**
 * A schema document without what is hidden and without what cannot stand without it: fields, arguments and members of
 * types that are gone, types of which nothing is left, and types that nothing leads to.
 */
export const visibleDocument = (document: DocumentNode, isHidden: IsHidden): VisibleDocument => {
  const missing = new Set<string>()
  let definitions: readonly DefinitionNode[] = document.definitions.flatMap((node): DefinitionNode[] => {
    if (!isType(node)) return [node]
    return isHidden(node.name.value) ? [] : [without(node, isHidden, missing)]
  })
  for (let before = -1; before !== sizeOf(definitions);) {
    before = sizeOf(definitions)
    definitions = withoutUnknown(definitions, missing)
  }
  return { document: { ...document, definitions: reachable(definitions) }, missing: [...missing] }
}

const isType = (node: DefinitionNode): node is TypeDefinitionNode => node.kind.endsWith('TypeDefinition')

const without = (type: TypeDefinitionNode, isHidden: IsHidden, missing: Set<string>): TypeDefinitionNode => {
  const owner = type.name.value
  if (type.kind === Kind.ENUM_TYPE_DEFINITION)
    return { ...type, values: (type.values ?? []).filter(({ name }) => !isHidden(`${owner}.${name.value}`)) }
  if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return {
      ...type,
      fields: keptInputs(type.fields, ({ name }) => isHidden(`${owner}.${name.value}`), {
        missing,
        place: (name) => `${owner}.${name}`,
      }),
    }
  if (!hasFields(type)) return type
  return {
    ...type,
    fields: (type.fields ?? [])
      .filter(({ name }) => !isHidden(`${owner}.${name.value}`))
      .map((field) => {
        const place = (name: string) => `${owner}.${field.name.value}(${name}:)`
        const isGone = ({ name }: InputValueDefinitionNode) => isHidden(place(name.value))
        return { ...field, arguments: keptInputs(field.arguments, isGone, { missing, place }) }
      }),
  }
}

type WithFields = Extract<TypeDefinitionNode, { readonly fields?: readonly FieldDefinitionNode[] }>

const hasFields = (type: TypeDefinitionNode): type is WithFields =>
  type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION

interface Losing {
  readonly missing: Set<string>
  readonly place: (name: string) => string
}

const keptInputs = (
  inputs: readonly InputValueDefinitionNode[] | undefined,
  isGone: (input: InputValueDefinitionNode) => boolean,
  { missing, place }: Losing,
): InputValueDefinitionNode[] =>
  (inputs ?? []).filter((input) => {
    const gone = isGone(input)
    if (gone && input.type.kind === Kind.NON_NULL_TYPE && input.defaultValue === undefined)
      missing.add(place(input.name.value))
    return !gone
  })

/** What is said of types that are not there, taken out once; then others may have gone. */
const withoutUnknown = (definitions: readonly DefinitionNode[], missing: Set<string>): DefinitionNode[] => {
  const known = new Set([...BUILT_IN, ...definitions.filter(isType).map(({ name }) => name.value)])
  const isKnown = (type: TypeNode): boolean => known.has(named(type))
  return definitions.flatMap((node): DefinitionNode[] => {
    if (node.kind === Kind.SCHEMA_DEFINITION)
      return [{ ...node, operationTypes: node.operationTypes.filter(({ type }) => isKnown(type)) }]
    if (!isType(node)) return [node]
    const kept = keptOf(node, isKnown, missing)
    return isEmpty(kept) ? [] : [kept]
  })
}

const BUILT_IN = specifiedScalarTypes.map(({ name }) => name)

const keptOf = (
  type: TypeDefinitionNode,
  isKnown: (type: TypeNode) => boolean,
  missing: Set<string>,
): TypeDefinitionNode => {
  const owner = type.name.value
  const isGone = (input: InputValueDefinitionNode) => !isKnown(input.type)
  if (type.kind === Kind.UNION_TYPE_DEFINITION) return { ...type, types: (type.types ?? []).filter(isKnown) }
  if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return {
      ...type,
      fields: keptInputs(type.fields, isGone, { missing, place: (name) => `${owner}.${name}` }),
    }
  if (!hasFields(type)) return type
  return {
    ...type,
    interfaces: (type.interfaces ?? []).filter(isKnown),
    fields: (type.fields ?? [])
      .filter(({ type: returned }) => isKnown(returned))
      .map((field) => {
        const place = (name: string) => `${owner}.${field.name.value}(${name}:)`
        return { ...field, arguments: keptInputs(field.arguments, isGone, { missing, place }) }
      }),
  }
}

const isEmpty = (type: TypeDefinitionNode): boolean =>
  type.kind !== Kind.SCALAR_TYPE_DEFINITION && partsOf(type).length === 0

const partsOf = (type: TypeDefinitionNode): readonly unknown[] => {
  if (type.kind === Kind.UNION_TYPE_DEFINITION) return type.types ?? []
  if (type.kind === Kind.ENUM_TYPE_DEFINITION) return type.values ?? []
  return 'fields' in type ? (type.fields ?? []) : []
}

const sizeOf = (definitions: readonly DefinitionNode[]): number =>
  definitions.reduce((sum, node) => sum + 1 + (isType(node) ? partsOf(node).length : 0), 0)

/** Types that lead somewhere from the roots: what fields return and take, and whatever may stand behind an interface. */
const reachable = (definitions: readonly DefinitionNode[]): DefinitionNode[] => {
  const types = new Map(definitions.filter(isType).map((type) => [type.name.value, type]))
  const schema = definitions.find((node) => node.kind === Kind.SCHEMA_DEFINITION)
  const found = new Set<string>()
  const visit = (name: string): void => {
    const type = types.get(name)
    if (type === undefined || found.has(name)) return
    found.add(name)
    for (const next of leadsTo(type)) visit(next)
    if (type.kind === Kind.INTERFACE_TYPE_DEFINITION)
      for (const other of types.values())
        if (hasFields(other) && (other.interfaces ?? []).some((one) => one.name.value === name))
          visit(other.name.value)
  }
  for (const root of schema?.operationTypes.map(({ type }) => type.name.value) ?? STANDARD_ROOTS) visit(root)
  for (const node of definitions)
    if (node.kind === Kind.DIRECTIVE_DEFINITION)
      for (const { type } of node.arguments ?? []) visit(named(type))
  return definitions.filter((node) => !isType(node) || found.has(node.name.value))
}

const STANDARD_ROOTS = ['Query', 'Mutation', 'Subscription']

const leadsTo = (type: TypeDefinitionNode): string[] => {
  if (type.kind === Kind.UNION_TYPE_DEFINITION) return (type.types ?? []).map(named)
  const fields: readonly (FieldDefinitionNode | InputValueDefinitionNode)[] =
    'fields' in type ? (type.fields ?? []) : []
  return [
    ...fields.flatMap((field) => [
      named(field.type),
      ...('arguments' in field ? (field.arguments ?? []).map((one) => named(one.type)) : []),
    ]),
    ...(hasFields(type) ? (type.interfaces ?? []).map(named) : []),
  ]
}

const named = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : named(type.type))
