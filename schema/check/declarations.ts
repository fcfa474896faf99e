import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type Location,
  type StringValueNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  type TypeNode,
} from 'graphql'
import { type DataContract, readDataContract } from '../../directives/data-contract.ts'
import type { Place } from './finding.ts'

/** A coordinate where one subgraph writes it. */
export interface Declared {
  readonly coordinate: string
  readonly subgraph: string
  readonly place: Place
  readonly kind: 'type' | 'field' | 'argument' | 'input' | 'value'
  readonly description: string
  /** Null for types and values. */
  readonly type: TypeNode | null
  readonly directives: readonly ConstDirectiveNode[]
  readonly contract: DataContract | null
}

export type Declarations = ReadonlyMap<string, readonly Declared[]>

interface Read {
  readonly name: string
  readonly file: string
  readonly document: DocumentNode
}

/** Types, fields, arguments, input fields and enum values of all documents, by coordinate. */
export const readDeclarations = (documents: readonly Read[]): Declarations => {
  const all = new Map<string, Declared[]>()
  for (const read of documents)
    for (const one of read.document.definitions.flatMap((node) => declaredBy(node, read)))
      all.set(one.coordinate, [...(all.get(one.coordinate) ?? []), one])
  return all
}

const isType = (node: DocumentNode['definitions'][number]): node is TypeDefinitionNode | TypeExtensionNode =>
  node.kind.endsWith('TypeDefinition') || node.kind.endsWith('TypeExtension')

interface Node {
  readonly loc?: Location | undefined
  readonly name: { readonly value: string; readonly loc?: Location | undefined }
  readonly description?: StringValueNode | undefined
  readonly directives?: readonly ConstDirectiveNode[] | undefined
  readonly type?: TypeNode
}

const declaredBy = (node: DocumentNode['definitions'][number], read: Read): Declared[] => {
  if (!isType(node) || /^(join|link|consent|core|federation)__/.test(node.name.value)) return []
  const owner = node.name.value
  const one = (part: Node, coordinate: string, kind: Declared['kind']): Declared => ({
    coordinate,
    kind,
    subgraph: read.name,
    place: placeOf(part, read.file),
    description: part.description?.value ?? '',
    type: part.type ?? null,
    directives: part.directives ?? [],
    contract: readDataContract(part),
  })
  const fields = 'fields' in node ? (node.fields ?? []) : []
  return [
    one(node, owner, 'type'),
    ...('values' in node ? (node.values ?? []) : []).map((value) =>
      one(value, `${owner}.${value.name.value}`, 'value'),
    ),
    ...fields.flatMap((field) => [
      one(field, `${owner}.${field.name.value}`, field.kind === Kind.FIELD_DEFINITION ? 'field' : 'input'),
      ...('arguments' in field ? (field.arguments ?? []) : []).map((argument) =>
        one(argument, `${owner}.${field.name.value}(${argument.name.value}:)`, 'argument'),
      ),
    ]),
  ]
}

/** Where the name stands: a description above it is not the place. */
const placeOf = ({ name: { loc } }: Node, file: string): Place => ({
  file,
  line: loc?.startToken.line ?? 1,
  column: loc?.startToken.column ?? 1,
})
