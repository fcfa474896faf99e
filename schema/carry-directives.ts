import { type ConstDirectiveNode, type DirectiveNode, type DocumentNode, Kind, parse, visit } from 'graphql'
import { inspectLinks } from '../directives/consent-spelling.ts'
import { federationLink, type Link, spellingOf } from '../directives/read-links.ts'
import { specifiedDirectives } from '../directives/specified.ts'

/**
 * Composition drops every directive that is not named by `@composeDirective` (Federation 2.1), so a subgraph that links
 * the consent directives is made to name them, whatever its author imported. Takes a normalised document.
 */
export const carryDirectives = (document: DocumentNode): DocumentNode => {
  if (inspectLinks(document).spelling === null) return document
  const linked =
    federationLink(document) === null ? addFederationLink(document) : raiseFederationLink(document)
  const link = federationLink(linked)
  if (link === null) return linked
  const name = spellingOf(link, 'composeDirective')
  const present = composed(linked, name)
  const missing = specifiedDirectives.filter((directive) => !present.has(`@${directive.name}`))
  return extendSchema(linked, missing.map((directive) => `@${name}(name: "@${directive.name}")`).join(' '))
}

/** Federation 1 documents use these by their bare names; the link keeps the names and adds what composition needs. */
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
  'composeDirective',
]

const addFederationLink = (document: DocumentNode): DocumentNode => {
  const defined = new Set(
    document.definitions.flatMap((node) =>
      node.kind === Kind.DIRECTIVE_DEFINITION ? [node.name.value] : [],
    ),
  )
  const imports = BARE.filter((name) => !defined.has(name)).map((name) => `"@${name}"`)
  return extendSchema(
    document,
    `@link(url: "https://specs.apollo.dev/federation/v2.7", import: [${imports.join(', ')}])`,
  )
}

/** 2.0 knows no `@composeDirective`; 2.1 adds nothing else. The import is made where it is missing. */
const raiseFederationLink = (document: DocumentNode): DocumentNode => {
  const link = federationLink(document)
  if (link === null) return document
  const isOld = link.version?.major === 2 && link.version.minor === 0
  if (!isOld && link.imports.has('@composeDirective')) return document
  return visit(document, {
    Directive: (node) => (node === link.node ? withImport(node, link, isOld) : undefined),
  })
}

const withImport = (node: DirectiveNode, link: Link, isOld: boolean): DirectiveNode => {
  const [argument] = argumentsOf('@link(import: ["@composeDirective"])')
  const added = argument?.value.kind === Kind.LIST ? argument.value.values : []
  const before = node.arguments?.find(({ name }) => name.value === 'import')?.value
  const values = before?.kind === Kind.LIST ? before.values : []
  const imports = link.imports.has('@composeDirective') ? values : [...values, ...added]
  const [url] = argumentsOf(`@link(url: "${link.identity}/v2.1")`)
  const kept = (node.arguments ?? []).filter(
    ({ name }) => name.value !== 'import' && !(isOld && name.value === 'url'),
  )
  if (argument === undefined) return node
  return {
    ...node,
    arguments: [
      ...(isOld && url !== undefined ? [url] : []),
      ...kept,
      { ...argument, value: { kind: Kind.LIST, values: imports } },
    ],
  }
}

const composed = (document: DocumentNode, directive: string): Set<string> => {
  const names = schemaDirectives(document)
    .filter((node) => node.name.value === directive)
    .map((node) => node.arguments?.find(({ name }) => name.value === 'name')?.value)
  return new Set(names.flatMap((value) => (value?.kind === Kind.STRING ? [value.value] : [])))
}

const schemaDirectives = (document: DocumentNode): readonly ConstDirectiveNode[] =>
  document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
      ? (node.directives ?? [])
      : [],
  )

const extendSchema = (document: DocumentNode, directives: string): DocumentNode =>
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
