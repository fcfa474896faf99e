import {
  type ConstDirectiveNode,
  type DocumentNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  valueFromASTUntyped,
} from 'graphql'

export type TypeKind = 'object' | 'interface' | 'union' | 'other'

/** The types of a document by name. */
export type Definitions = ReadonlyMap<string, TypeDefinitionNode>

export const readDefinitions = (document: DocumentNode): Definitions =>
  new Map(
    document.definitions.flatMap((node) =>
      'name' in node && isTypeDefinition(node) ? [[node.name.value, node] as const] : [],
    ),
  )

const isTypeDefinition = (node: DocumentNode['definitions'][number]): node is TypeDefinitionNode =>
  node.kind.endsWith('TypeDefinition')

export const hasFields = (
  node: TypeDefinitionNode,
): node is ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION

export type Arguments = Readonly<Record<string, unknown>>

/** Applications of one directive, each as its arguments. */
export const applications = (
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): Arguments[] => (directives ?? []).filter((directive) => directive.name.value === name).map(readArguments)

const readArguments = (directive: ConstDirectiveNode): Arguments =>
  Object.fromEntries(
    (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
  )

/** Members of a union, implementers of an interface, or the object itself; `has` limits it to what one subgraph says. */
export const possibleTypes = (
  node: TypeDefinitionNode,
  definitions: Definitions,
  has: (member: TypeDefinitionNode, abstract: TypeDefinitionNode) => boolean,
): string[] => {
  if (node.kind === Kind.OBJECT_TYPE_DEFINITION) return [node.name.value]
  if (node.kind !== Kind.UNION_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return []
  const members =
    node.kind === Kind.UNION_TYPE_DEFINITION
      ? (node.types ?? []).map((member) => member.name.value)
      : [...definitions.values()].flatMap((other) =>
          implementsInterface(other, node) ? [other.name.value] : [],
        )
  return members.filter((name) => {
    const member = definitions.get(name)
    return member?.kind === Kind.OBJECT_TYPE_DEFINITION && has(member, node)
  })
}

const implementsInterface = (node: TypeDefinitionNode, abstract: TypeDefinitionNode): boolean =>
  hasFields(node) && (node.interfaces ?? []).some((name) => name.name.value === abstract.name.value)
