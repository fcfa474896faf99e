import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql'

/** What one subgraph's SDL says about its types, as far as answering depends on it. */
export interface Declared {
  readonly document: DocumentNode
  /** By type: its resolvable keys, each as the paths of its leaves. */
  readonly keys: ReadonlyMap<string, readonly (readonly (readonly string[])[])[]>
  /** By type: every field of a key, resolvable or not. */
  readonly keyFields: ReadonlyMap<string, readonly string[]>
  /** By type, interfaces too: the names of its fields. */
  readonly allFields: ReadonlyMap<string, readonly string[]>
  /** By object type: the names of its fields. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly abstract: readonly string[]
  readonly interfaces: ReadonlyMap<string, readonly string[]>
  isExternal(type: string, field: string): boolean
  /** External, but part of a key or of a `@provides`: the subgraph has it all the same. */
  isPromised(type: string, field: string): boolean
}

export const readDeclared = (sdl: string): Declared => {
  const document = parse(sdl, { noLocation: true })
  const types = document.definitions.filter(isType)
  const fieldsOf = new Map<string, string[]>()
  const keys = new Map<string, string[][][]>()
  const external = new Set<string>()
  const promised = new Set<string>()
  const interfaces = new Map<string, string[]>()
  const keyFields = new Map<string, string[]>()
  for (const node of types) {
    const type = node.name.value
    for (const [set, resolvable] of applied(node.directives, 'key').map(readKey)) {
      const paths = leafPaths(parseSet(set))
      for (const name of paths.flat()) promised.add(name)
      keyFields.set(type, [...(keyFields.get(type) ?? []), ...paths.map(([first = '']) => first)])
      if (resolvable) keys.set(type, [...(keys.get(type) ?? []), paths])
    }
    if (!hasFields(node)) continue
    interfaces.set(type, [
      ...(interfaces.get(type) ?? []),
      ...(node.interfaces ?? []).map((one) => one.name.value),
    ])
    for (const field of node.fields ?? []) {
      fieldsOf.set(type, [...(fieldsOf.get(type) ?? []), field.name.value])
      if (applied([...(node.directives ?? []), ...(field.directives ?? [])], 'external').length > 0)
        external.add(`${type}.${field.name.value}`)
      for (const provides of applied(field.directives, 'provides'))
        for (const name of leafPaths(parseSet(textOf(provides, 'fields'))).flat()) promised.add(name)
    }
  }
  return {
    document,
    keys,
    keyFields,
    allFields: fieldsOf,
    fields: new Map(
      [...fieldsOf].filter(([name]) => types.some((node) => node.name.value === name && isObject(node))),
    ),
    abstract: types.flatMap((node) => (isObject(node) || !isAbstract(node) ? [] : [node.name.value])),
    interfaces,
    isExternal: (type, field) => external.has(`${type}.${field}`),
    isPromised: (_, field) => promised.has(field),
  }
}

type TypeNode = TypeDefinitionNode | TypeExtensionNode
type WithFields = TypeNode & { readonly fields?: readonly FieldDefinitionNode[] } & {
  readonly interfaces?: readonly { readonly name: { readonly value: string } }[]
}

const isType = (node: DocumentNode['definitions'][number]): node is TypeNode =>
  node.kind.endsWith('TypeDefinition') || node.kind.endsWith('TypeExtension')

const isObject = ({ kind }: TypeNode): boolean =>
  kind === Kind.OBJECT_TYPE_DEFINITION || kind === Kind.OBJECT_TYPE_EXTENSION

const isAbstract = ({ kind }: TypeNode): boolean => /^(Interface|Union)/.test(kind)

const hasFields = (node: TypeNode): node is WithFields => isObject(node) || node.kind.startsWith('Interface')

const applied = (
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): readonly ConstDirectiveNode[] =>
  (directives ?? []).filter(({ name: { value } }) => value === name || value === `federation__${name}`)

const textOf = (directive: ConstDirectiveNode, argument: string): string => {
  const value = directive.arguments?.find(({ name }) => name.value === argument)?.value
  return value?.kind === Kind.STRING ? value.value : ''
}

const readKey = (directive: ConstDirectiveNode): readonly [string, boolean] => {
  const resolvable = directive.arguments?.find(({ name }) => name.value === 'resolvable')?.value
  return [textOf(directive, 'fields'), !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value)]
}

const parseSet = (text: string): SelectionSetNode => {
  const [definition] = parse(`{ ${text} }`, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`not a field set: ${text}`)
  return definition.selectionSet
}

const leafPaths = (set: SelectionSetNode): string[][] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return leafPaths(selection.selectionSet)
    if (selection.kind === Kind.FRAGMENT_SPREAD || selection.name.value === '__typename') return []
    const name = selection.name.value
    return selection.selectionSet === undefined
      ? [[name]]
      : leafPaths(selection.selectionSet).map((rest) => [name, ...rest])
  })
