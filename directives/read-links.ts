import { type ConstDirectiveNode, type ConstValueNode, type DocumentNode, Kind } from 'graphql'

/** One `@link` of a document: which specification, which version, and how its elements are spelled here. */
export interface Link {
  /** The url without its version. */
  readonly identity: string
  /** Null when the url ends in no `vX.Y`. */
  readonly version: { readonly major: number; readonly minor: number } | null
  /** The prefix of what is not imported: `as:`, or the last part of the identity. */
  readonly namespace: string
  /** Specification name (`@key`, `FieldSet`) → name in this document, both with their `@`. */
  readonly imports: ReadonlyMap<string, string>
  /** Imports that are neither a text nor `{ name, as }`, or that rename a directive to a type. */
  readonly malformed: readonly string[]
  readonly node: ConstDirectiveNode
}

/** Every `@link` on the schema definition and its extensions, in document order (link specification v1.0). */
export const readLinks = (document: DocumentNode): Link[] =>
  document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
      ? (node.directives ?? []).flatMap((directive) => readLink(directive) ?? [])
      : [],
  )

/** How a directive of the linked specification is spelled in this document, without its `@`. */
export const spellingOf = (link: Link, directive: string): string => {
  const imported = link.imports.get(`@${directive}`)
  return imported === undefined ? `${link.namespace}__${directive}` : imported.slice(1)
}

const FEDERATION = 'https://specs.apollo.dev/federation'

export const federationLink = (document: DocumentNode): Link | null =>
  readLinks(document).find((link) => link.identity === FEDERATION) ?? null

/** How a federation directive is spelled in this document; a document without the link is Federation 1. */
export const federationSpelling = (document: DocumentNode, directive: string): string => {
  const link = federationLink(document)
  return link === null ? directive : spellingOf(link, directive)
}

export const textArgument = (directive: ConstDirectiveNode, name: string): string | null => {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : null
}

const readLink = (node: ConstDirectiveNode): Link | null => {
  const url = node.name.value === 'link' ? textArgument(node, 'url')?.replace(/\/+$/, '') : undefined
  if (url === undefined) return null
  const [, before, major, minor] = /^(.*)\/v(\d+)\.(\d+)$/.exec(url) ?? []
  const identity = before ?? url
  const imports = readImports(node.arguments?.find((argument) => argument.name.value === 'import')?.value)
  return {
    identity,
    version: before === undefined ? null : { major: Number(major), minor: Number(minor) },
    namespace: textArgument(node, 'as') ?? identity.slice(identity.lastIndexOf('/') + 1),
    ...imports,
    node,
  }
}

const readImports = (value: ConstValueNode | undefined): Pick<Link, 'imports' | 'malformed'> => {
  const imports = new Map<string, string>()
  const malformed: string[] = []
  for (const item of value?.kind === Kind.LIST ? value.values : value === undefined ? [] : [value]) {
    const [name, as] = readImport(item)
    const valid = name !== null && as !== null && name.startsWith('@') === as.startsWith('@')
    if (valid && !imports.has(name)) imports.set(name, as)
    else malformed.push(name ?? '?')
  }
  return { imports, malformed }
}

const readImport = (item: ConstValueNode): readonly [name: string | null, as: string | null] => {
  if (item.kind === Kind.STRING) return [item.value, item.value]
  if (item.kind !== Kind.OBJECT) return [null, null]
  const field = (key: string): ConstValueNode | undefined =>
    item.fields.find((candidate) => candidate.name.value === key)?.value
  const name = field('name')
  const as = field('as') ?? name
  return [name?.kind === Kind.STRING ? name.value : null, as?.kind === Kind.STRING ? as.value : null]
}
