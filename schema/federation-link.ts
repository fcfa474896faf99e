import { type ConstDirectiveNode, type DocumentNode, Kind, parse } from 'graphql'
import { federationLink, type Link } from '../directives/read-links.ts'

/** What a document must have of federation: the version from which it has it, and a name for each directive. */
export interface NeededOfFederation {
  /** Of version 2. */
  readonly minor: number
  /** Specification name (`@key`) → name in the document. */
  readonly imports: ReadonlyMap<string, string>
}

/** The document with a federation link that has what is needed; the same when it has it already. */
export const linkFederation = (document: DocumentNode, needed: NeededOfFederation): DocumentNode => {
  const link = federationLink(document)
  return link === null ? addLink(document, needed) : raiseLink(document, link, needed)
}

/** Federation 1 documents use these by their bare names; the link keeps the names. */
const BARE = [
  'key',
  'requires',
  'provides',
  'external',
  'extends',
  'shareable',
  'override',
  'tag',
  'inaccessible',
]

const addLink = (document: DocumentNode, { minor, imports }: NeededOfFederation): DocumentNode => {
  const defined = new Set(
    document.definitions.flatMap((node) =>
      node.kind === Kind.DIRECTIVE_DEFINITION ? [node.name.value] : [],
    ),
  )
  const bare = BARE.filter((name) => !defined.has(name)).map((name) => `"@${name}"`)
  const all = [...bare, ...[...imports].map(written)]
  return extendSchema(document, `@link(url: "${urlOf(Math.max(minor, 7))}", import: [${all.join(', ')}])`)
}

const raiseLink = (
  document: DocumentNode,
  link: Link,
  { minor, imports }: NeededOfFederation,
): DocumentNode => {
  const isOld = link.version?.major === 2 && link.version.minor < minor
  const missing = [...imports].filter(([name]) => !link.imports.has(name))
  if (!isOld && missing.length === 0) return document
  const raise = (node: ConstDirectiveNode): ConstDirectiveNode =>
    node === link.node ? raised(node, missing.map(written), isOld ? urlOf(minor) : null) : node
  // Links stand on the schema alone: no other node of a large graph has to be looked at.
  return {
    ...document,
    definitions: document.definitions.map((node) =>
      (node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION) &&
      node.directives?.includes(link.node)
        ? { ...node, directives: node.directives.map(raise) }
        : node,
    ),
  }
}

const raised = (
  node: ConstDirectiveNode,
  imports: readonly string[],
  url: string | null,
): ConstDirectiveNode => {
  const [added, newUrl] = argumentsOf(`@link(import: [${imports.join(', ')}], url: "${url ?? ''}")`)
  const before = node.arguments?.find(({ name }) => name.value === 'import')?.value
  if (added?.value.kind !== Kind.LIST || newUrl === undefined) return node
  const values = [...(before?.kind === Kind.LIST ? before.values : []), ...added.value.values]
  const kept = (node.arguments ?? []).filter(
    ({ name }) => name.value !== 'import' && !(url !== null && name.value === 'url'),
  )
  return {
    ...node,
    arguments: [...(url === null ? [] : [newUrl]), ...kept, { ...added, value: { kind: Kind.LIST, values } }],
  }
}

const urlOf = (minor: number): string => `https://specs.apollo.dev/federation/v2.${minor}`

const written = ([name, spelled]: readonly [string, string]): string =>
  name === spelled ? `"${name}"` : `{ name: "${name}", as: "${spelled}" }`

export const extendSchema = (document: DocumentNode, directives: string): DocumentNode =>
  directives === ''
    ? document
    : {
        ...document,
        definitions: [
          ...document.definitions,
          ...parse(`extend schema ${directives}`, { noLocation: true }).definitions,
        ],
      }

const argumentsOf = (directive: string): NonNullable<ConstDirectiveNode['arguments']> => {
  const [node] = parse(`extend schema ${directive}`, { noLocation: true }).definitions
  return node?.kind === Kind.SCHEMA_EXTENSION ? (node.directives?.[0]?.arguments ?? []) : []
}
