import type { DocumentNode } from 'graphql'
import { type Link, readLinks, spellingOf } from './read-links.ts'
import {
  CONSENT_IDENTITY,
  CONSENT_URL,
  CONSENT_VERSION,
  consentLink,
  specifiedDirectives,
  specifiedTypes,
} from './specified.ts'

/** How one document spells the consent directives and their types: spelled name → canonical name. */
export interface Spelling {
  readonly link: Link
  readonly directives: ReadonlyMap<string, string>
  readonly types: ReadonlyMap<string, string>
}

/** Something in a `@link`, or something that lacks one, that keeps a document from being understood. */
export interface LinkFault {
  readonly code:
    | 'CONSENT_VERSION_UNKNOWN'
    | 'CONSENT_LINKED_TWICE'
    | 'CONSENT_IMPORT_UNKNOWN'
    | 'CONSENT_NAME_TAKEN'
    | 'CONSENT_NOT_LINKED'
  readonly coordinate: string | null
  readonly line: number | null
  readonly message: string
  readonly remedy: string
}

/** Finds the consent link of a document. The spelling is null when there is none, or none that can be relied on. */
export const inspectLinks = (document: DocumentNode): { spelling: Spelling | null; faults: LinkFault[] } => {
  const links = readLinks(document)
  const [link, ...others] = links.filter(({ identity }) => identity.toLowerCase() === CONSENT_IDENTITY)
  if (link === undefined) return { spelling: null, faults: [] }
  const spelling = readSpelling(link)
  const faults = [
    ...versionFaults(link),
    ...importFaults(link),
    ...others.map((other) =>
      faultAt(
        other,
        'CONSENT_LINKED_TWICE',
        'the consent specification is linked twice',
        'Keep one of the two links.',
      ),
    ),
    ...takenFaults(spelling, links),
  ]
  return { spelling, faults }
}

/** The spellings of a document, for a remedy. */
export const spelledHere = (spelling: Spelling): string =>
  [...spelling.directives.keys()].map((name) => `@${name}`).join(', ')

/** A name that a reader would take for one of ours, whatever prefix, case or link it has. */
export const looksLikeConsent = (name: string, spelling: Spelling | null): boolean => {
  if (spelling !== null && name.startsWith(`${spelling.link.namespace}__`)) return true
  if (name.startsWith('consent__')) return true
  const bare = name
    .slice(name.lastIndexOf('__') + 1)
    .replaceAll('_', '')
    .toLowerCase()
  return specifiedDirectives.some((directive) => directive.name.toLowerCase() === bare)
}

const readSpelling = (link: Link): Spelling => ({
  link,
  directives: new Map(specifiedDirectives.map(({ name }) => [spellingOf(link, name), name])),
  types: new Map(
    specifiedTypes.map((canonical) => {
      const bare = canonical.slice(canonical.indexOf('__') + 2)
      return [link.imports.get(bare) ?? `${link.namespace}__${bare}`, canonical]
    }),
  ),
})

/** A newer minor may mean something we do not know by words we do know, so it is refused like a newer major. */
const versionFaults = (link: Link): LinkFault[] => {
  const { version } = link
  if (version?.major === CONSENT_VERSION.major && version.minor <= CONSENT_VERSION.minor) return []
  const found = version === null ? 'no version' : `v${version.major}.${version.minor}`
  return [
    faultAt(
      link,
      'CONSENT_VERSION_UNKNOWN',
      `${found} of the consent specification is not known here`,
      `Link ${CONSENT_URL}.`,
    ),
  ]
}

const importFaults = (link: Link): LinkFault[] => {
  const known = new Set([
    ...specifiedDirectives.map(({ name }) => `@${name}`),
    ...specifiedTypes.map((name) => name.slice(name.indexOf('__') + 2)),
  ])
  const unknown = [...link.imports.keys()].filter((name) => !known.has(name))
  return [...unknown, ...link.malformed].map((name) =>
    faultAt(
      link,
      'CONSENT_IMPORT_UNKNOWN',
      `the import ${JSON.stringify(name)} is not an element of the consent specification, or is not written as "@name" or {name, as}`,
      `Import from: ${[...known].join(', ')}.`,
    ),
  )
}

const BUILT_IN = ['skip', 'include', 'deprecated', 'specifiedBy', 'oneOf', 'link', 'defer', 'stream']

/** Two meanings under one name would turn one directive into the other when the document is rewritten. */
const takenFaults = (spelling: Spelling, links: readonly Link[]): LinkFault[] => {
  const others = links.filter((link) => link !== spelling.link)
  const taken = new Set([
    ...BUILT_IN,
    ...others.flatMap((link) => [...link.imports.values()].map((name) => name.replace(/^@/, ''))),
  ])
  const clashes = [...spelling.directives.keys()].filter((name) => taken.has(name))
  const namespaceTaken = others.some(
    (link) => link.namespace === spelling.link.namespace && link.identity !== spelling.link.identity,
  )
  const doubled = spelling.directives.size < specifiedDirectives.length
  if (clashes.length === 0 && !namespaceTaken && !doubled) return []
  const what = namespaceTaken
    ? `the namespace ${spelling.link.namespace}`
    : clashes.map((name) => `@${name}`).join(', ') || 'one name'
  return [
    faultAt(
      spelling.link,
      'CONSENT_NAME_TAKEN',
      `${what} would stand for two different directives`,
      `Import them under their own names: ${consentLink}`,
    ),
  ]
}

const faultAt = (link: Link, code: LinkFault['code'], message: string, remedy: string): LinkFault => ({
  code,
  coordinate: null,
  line: link.node.loc?.startToken.line ?? null,
  message,
  remedy,
})
