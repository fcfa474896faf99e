import { type ConstDirectiveNode, type DocumentNode, Kind } from 'graphql'
import { inspectLinks } from '../directives/consent-spelling.ts'
import { federationLink, spellingOf } from '../directives/read-links.ts'
import { specifiedDirectives } from '../directives/specified.ts'
import { extendSchema, linkFederation } from './federation-link.ts'

/**
 * Composition drops every directive that is not named by `@composeDirective` (Federation 2.1), so a subgraph that links
 * the consent directives is made to name them, whatever its author imported. Takes a normalised document.
 */
export const carryDirectives = (document: DocumentNode): DocumentNode => {
  if (inspectLinks(document).spelling === null) return document
  const linked = linkFederation(document, COMPOSE_DIRECTIVE)
  const link = federationLink(linked)
  if (link === null) return linked
  const name = spellingOf(link, 'composeDirective')
  const present = composed(linked, name)
  const missing = specifiedDirectives.filter((directive) => !present.has(`@${directive.name}`))
  return extendSchema(linked, missing.map((directive) => `@${name}(name: "@${directive.name}")`).join(' '))
}

/** 2.0 knows no `@composeDirective`; 2.1 adds nothing else. */
const COMPOSE_DIRECTIVE = { minor: 1, imports: new Map([['@composeDirective', '@composeDirective']]) }

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
