import {
  type ASTNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  isTypeSystemDefinitionNode,
  isTypeSystemExtensionNode,
  Kind,
  parse,
  visit,
} from 'graphql'
import {
  inspectLinks,
  type LinkFault,
  looksLikeConsent,
  type Spelling,
  spelledHere,
} from './consent-spelling.ts'
import { consentDefinitions, consentLink } from './specified.ts'

/**
 * A directive renamed by its import must be enforced like any other (CVE-2025-64347), so every document is rewritten to
 * the canonical names before anything reads it: `@requiresScope`, `@dataSubject`, `@dataContract`. The document's own
 * definitions of them are replaced by ours. Works on subgraphs and on supergraphs; nodes keep their locations.
 * A document that does not use the directives comes back as it is.
 * Throws `ConsentLinkError` when something looks like ours but is not linked, or is linked in a version we do not know.
 */
export const normalizeConsent = (document: DocumentNode): DocumentNode => {
  const { document: normalized, faults } = inspectConsent(document)
  if (faults.length > 0) throw new ConsentLinkError(faults)
  return normalized
}

/** As `normalizeConsent`, with the faults returned. A document with faults must not be served. */
export const inspectConsent = (document: DocumentNode): { document: DocumentNode; faults: LinkFault[] } => {
  const { spelling, faults } = inspectLinks(document)
  const unlinked = findUnlinked(document, spelling)
  return {
    document: spelling === null ? document : rewrite(document, spelling),
    faults: [...faults, ...unlinked],
  }
}

/** Whether a document speaks of consent at all, in any version and spelling. */
export const linksConsent = (document: DocumentNode): boolean => {
  const { spelling, faults } = inspectLinks(document)
  return spelling !== null || faults.length > 0
}

export class ConsentLinkError extends Error {
  override readonly name = 'ConsentLinkError'
  readonly faults: readonly LinkFault[]

  constructor(faults: readonly LinkFault[]) {
    super(faults.map((fault) => `${fault.code}: ${fault.message}`).join('\n'))
    this.faults = faults
  }
}

const rewrite = (document: DocumentNode, spelling: Spelling): DocumentNode => {
  const renamed = isCanonical(spelling) ? relinked(document, spelling) : respelled(document, spelling)
  const kept = renamed.definitions.filter((definition) => !isOwnDefinition(definition, spelling))
  return {
    ...renamed,
    definitions: [...kept, ...parse(consentDefinitions, { noLocation: true }).definitions],
  }
}

const isCanonical = ({ directives, types }: Spelling): boolean =>
  [...directives, ...types].every(([spelled, canonical]) => spelled === canonical)

/** Nothing is renamed, so that there is no need to look at every node of a large graph. */
const relinked = (document: DocumentNode, { link }: Spelling): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? {
          ...definition,
          directives: (definition.directives ?? []).map((node) =>
            node === link.node ? canonicalLink(node) : node,
          ),
        }
      : definition,
  ),
})

const respelled = (document: DocumentNode, spelling: Spelling): DocumentNode =>
  visit(document, {
    Directive: (node) => {
      if (node === spelling.link.node) return canonicalLink(spelling.link.node)
      const canonical = spelling.directives.get(node.name.value)
      return canonical === undefined ? undefined : { ...node, name: { ...node.name, value: canonical } }
    },
    NamedType: (node) => {
      const canonical = spelling.types.get(node.name.value)
      return canonical === undefined ? undefined : { ...node, name: { ...node.name, value: canonical } }
    },
  })

const isOwnDefinition = (definition: DefinitionNode, { directives, types }: Spelling): boolean => {
  if (definition.kind === Kind.DIRECTIVE_DEFINITION)
    return directives.has(definition.name.value) || [...directives.values()].includes(definition.name.value)
  const isType =
    definition.kind === Kind.SCALAR_TYPE_DEFINITION || definition.kind === Kind.ENUM_TYPE_DEFINITION
  return isType && (types.has(definition.name.value) || [...types.values()].includes(definition.name.value))
}

const [canonicalSchema] = parse(`extend schema ${consentLink}`, { noLocation: true }).definitions

/** `for:` is kept: it says what a reader that does not know the specification must do. */
const canonicalLink = (node: ConstDirectiveNode): ConstDirectiveNode => {
  const canonical =
    canonicalSchema?.kind === Kind.SCHEMA_EXTENSION ? canonicalSchema.directives?.[0] : undefined
  const kept = (node.arguments ?? []).filter((argument) => argument.name.value === 'for')
  return { ...node, arguments: [...(canonical?.arguments ?? []), ...kept] }
}

/** What looks like a consent directive and is not linked would protect nothing, so it is refused instead of ignored. */
const findUnlinked = (document: DocumentNode, spelling: Spelling | null): LinkFault[] => {
  const faults: LinkFault[] = []
  if (!mayBeUnlinked(document, spelling)) return faults
  visit(document, {
    // Of what a visitor is handed, the node and, as the last, its ancestors.
    Directive: (node, ...[, , , ancestors]) => {
      const name = node.name.value
      if (spelling?.directives.has(name) === true || !looksLikeConsent(name, spelling)) return
      faults.push({
        code: 'CONSENT_NOT_LINKED',
        coordinate: coordinateOf(ancestors),
        line: node.loc?.startToken.line ?? null,
        message: `@${name} looks like a consent directive but is not linked under that name, so it would protect nothing`,
        remedy:
          spelling === null
            ? `Add to the schema: ${consentLink}`
            : `This document spells them ${spelledHere(spelling)}.`,
      })
    },
  })
  return faults
}

/** Looks where directives of a schema stand, which takes a large one far less than a visit; what is no schema is visited. */
const mayBeUnlinked = ({ definitions }: DocumentNode, spelling: Spelling | null): boolean => {
  const looks = new Map<string, boolean>()
  const isOne = ({ name: { value } }: DirectiveNode): boolean => {
    const known =
      looks.get(value) ?? (spelling?.directives.has(value) !== true && looksLikeConsent(value, spelling))
    looks.set(value, known)
    return known
  }
  const isOn = ({ directives }: Bearer): boolean => directives?.some(isOne) ?? false
  return definitions.some((node) => {
    const isSchema = isTypeSystemDefinitionNode(node) || isTypeSystemExtensionNode(node)
    return !isSchema || isOn(node) || partsOf(node).some((part) => isOn(part) || argumentsOf(part).some(isOn))
  })
}

interface Bearer {
  readonly directives?: readonly DirectiveNode[] | undefined
  readonly fields?: readonly (FieldDefinitionNode | InputValueDefinitionNode)[] | undefined
  readonly values?: readonly EnumValueDefinitionNode[] | undefined
  readonly arguments?: readonly InputValueDefinitionNode[] | undefined
}

const partsOf = ({ fields, values, arguments: taken }: Bearer): readonly Bearer[] =>
  fields ?? values ?? taken ?? []

const argumentsOf = ({ arguments: taken }: Bearer): readonly Bearer[] => taken ?? []

const coordinateOf = (ancestors: readonly (ASTNode | readonly ASTNode[])[]): string | null => {
  const named = ancestors.flatMap((node) =>
    'kind' in node && 'name' in node && node.name?.kind === Kind.NAME ? [node.name.value] : [],
  )
  return named.length === 0 ? null : named.slice(0, 2).join('.')
}
