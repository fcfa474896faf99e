import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  type TypeNode,
} from 'graphql'
import { readDataSubject } from '../directives/data-subject.ts'
import { federationSpelling, textArgument } from '../directives/read-links.ts'
import { type Requirement, requirementsOn } from '../directives/requires-scope.ts'

export interface SubgraphDocument {
  readonly name: string
  readonly document: DocumentNode
  readonly types: ReadonlyMap<string, TypeView>
  /** The root types by the name they have here; their names in the supergraph. */
  readonly roots: ReadonlyMap<string, string>
}

/** One type in one subgraph, its extensions merged in. */
export interface TypeView {
  readonly name: string
  readonly kind: 'object' | 'interface' | 'union' | 'scalar' | 'enum' | 'input'
  readonly line: number | null
  readonly fields: ReadonlyMap<string, FieldView>
  /** Named types of an input object's fields. */
  readonly inputs: readonly string[]
  readonly interfaces: readonly string[]
  readonly members: readonly string[]
  readonly keys: readonly KeyView[]
  readonly isInterfaceObject: boolean
  /** The `@dataSubject` key as written. */
  readonly subjectKey: string | null
  readonly requirements: readonly Application[]
}

export interface FieldView {
  readonly name: string
  readonly line: number | null
  readonly named: string
  readonly type: TypeNode
  readonly arguments: readonly { readonly name: string; readonly named: string }[]
  readonly requires: string | null
  readonly isExternal: boolean
  readonly usesContext: boolean
  readonly requirements: readonly Application[]
}

export interface KeyView {
  readonly fields: string
  readonly resolvable: boolean
}

export interface Application extends Requirement {
  readonly line: number | null
}

/** Reads a normalised subgraph document into maps. */
export const readSubgraphDocument = (name: string, document: DocumentNode): SubgraphDocument => {
  const parts = new Map<string, (TypeDefinitionNode | TypeExtensionNode)[]>()
  for (const node of document.definitions)
    if (isType(node) && !node.name.value.startsWith('consent__'))
      parts.set(node.name.value, [...(parts.get(node.name.value) ?? []), node])
  const spelled = new Map<string, string>()
  const spell = (directive: string): string => {
    const known = spelled.get(directive) ?? federationSpelling(document, directive)
    spelled.set(directive, known)
    return known
  }
  const types = new Map([...parts].map(([type, nodes]) => [type, readType(type, nodes, spell)]))
  return { name, document, types, roots: readRoots(document) }
}

/** The name in a type, its list and non-null wrappers taken off. */
const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)

type Spell = (directive: string) => string

const readType = (
  name: string,
  nodes: readonly (TypeDefinitionNode | TypeExtensionNode)[],
  spell: Spell,
): TypeView => {
  const directives = nodes.flatMap((node) => node.directives ?? [])
  const subject = nodes.map((node) => readDataSubject(node)).find((key) => key !== null)
  const fields = nodes.flatMap((node): readonly (FieldDefinitionNode | InputValueDefinitionNode)[] =>
    'fields' in node ? (node.fields ?? []) : [],
  )
  return {
    name,
    kind: KINDS.get(nodes[0]?.kind.replace(/Definition$|Extension$/, '') ?? '') ?? 'scalar',
    line: lineOf(nodes.find((node) => node.kind.endsWith('Definition')) ?? nodes[0]),
    fields: new Map(
      fields.flatMap((field) =>
        field.kind === Kind.FIELD_DEFINITION ? [[field.name.value, readField(field, spell)] as const] : [],
      ),
    ),
    inputs: fields.flatMap((field) =>
      field.kind === Kind.INPUT_VALUE_DEFINITION ? [namedType(field.type)] : [],
    ),
    interfaces: nodes
      .flatMap((node) => ('interfaces' in node ? (node.interfaces ?? []) : []))
      .map((node) => node.name.value),
    members: nodes
      .flatMap((node) => ('types' in node ? (node.types ?? []) : []))
      .map((node) => node.name.value),
    keys: directives.filter((node) => node.name.value === spell('key')).map(readKey),
    isInterfaceObject: directives.some((node) => node.name.value === spell('interfaceObject')),
    subjectKey: subject ?? null,
    requirements: nodes.flatMap(readApplications),
  }
}

const KINDS: ReadonlyMap<string, TypeView['kind']> = new Map([
  ['ObjectType', 'object'],
  ['InterfaceType', 'interface'],
  ['UnionType', 'union'],
  ['ScalarType', 'scalar'],
  ['EnumType', 'enum'],
  ['InputObjectType', 'input'],
])

const readField = (node: FieldDefinitionNode, spell: Spell): FieldView => {
  const named = (directive: string): ConstDirectiveNode | undefined =>
    node.directives?.find((candidate) => candidate.name.value === spell(directive))
  const requires = named('requires')
  return {
    name: node.name.value,
    line: lineOf(node),
    named: namedType(node.type),
    type: node.type,
    arguments: (node.arguments ?? []).map((argument) => ({
      name: argument.name.value,
      named: namedType(argument.type),
    })),
    requires: requires === undefined ? null : textArgument(requires, 'fields'),
    isExternal: named('external') !== undefined,
    usesContext: (node.arguments ?? []).some((argument) =>
      argument.directives?.some((use) => use.name.value === spell('fromContext')),
    ),
    requirements: readApplications(node),
  }
}

const readKey = (node: ConstDirectiveNode): KeyView => {
  const resolvable = node.arguments?.find((argument) => argument.name.value === 'resolvable')?.value
  return {
    fields: textArgument(node, 'fields') ?? '',
    resolvable: !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value),
  }
}

const readApplications = (node: {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}): Application[] => {
  const nodes = (node.directives ?? []).filter((directive) => directive.name.value === 'requiresScope')
  return requirementsOn(node).map((requirement, index) => ({ ...requirement, line: lineOf(nodes[index]) }))
}

const ROOTS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const

const readRoots = (document: DocumentNode): Map<string, string> => {
  const named = document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
      ? (node.operationTypes ?? [])
      : [],
  )
  return new Map([
    ...Object.values(ROOTS).map((name) => [name, name] as const),
    ...named.map(({ operation, type }) => [type.name.value, ROOTS[operation]] as const),
  ])
}

const lineOf = (
  node: { readonly loc?: { readonly startToken: { readonly line: number } } | undefined } | undefined,
): number | null => node?.loc?.startToken.line ?? null

const isType = (node: DocumentNode['definitions'][number]): node is TypeDefinitionNode | TypeExtensionNode =>
  node.kind.endsWith('TypeDefinition') || node.kind.endsWith('TypeExtension')
