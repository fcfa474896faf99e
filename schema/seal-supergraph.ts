import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
} from 'graphql'
import { DATA_CONTRACT } from '../directives/data-contract.ts'
import { DATA_SUBJECT } from '../directives/data-subject.ts'
import { textArgument } from '../directives/read-links.ts'
import { CONSENT_IDENTITY } from '../directives/specified.ts'

/**
 * Finishes what composition made. The consent link is marked `for: SECURITY`, so that a router which does not know the
 * specification refuses to start instead of serving everything (link specification, "Purpose"). What may stand only
 * once is kept once: composition repeats it where subgraphs differ, and the supergraph would not be valid.
 */
export const sealSupergraph = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map(sealed),
})

const sealed = (node: DefinitionNode): DefinitionNode => {
  if (node.kind === Kind.SCHEMA_DEFINITION)
    return { ...node, directives: (node.directives ?? []).map(withPurpose) }
  if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION)
    return keptOnce(node.fields === undefined ? node : { ...node, fields: node.fields.map(keptOnce) })
  const isNamed = node.kind === Kind.SCALAR_TYPE_DEFINITION || node.kind === Kind.ENUM_TYPE_DEFINITION
  return isNamed ? keptOnce(node) : node
}

const withPurpose = (node: ConstDirectiveNode): ConstDirectiveNode => {
  const isConsent =
    node.name.value === 'link' && (textArgument(node, 'url') ?? '').startsWith(`${CONSENT_IDENTITY}/`)
  if (!isConsent) return node
  const purpose = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: 'for' },
    value: { kind: Kind.ENUM, value: 'SECURITY' },
  } as const
  return {
    ...node,
    arguments: [...(node.arguments ?? []).filter(({ name }) => name.value !== 'for'), purpose],
  }
}

const ONCE = new Set<string>([DATA_SUBJECT, DATA_CONTRACT])

const keptOnce = <Node extends { readonly directives?: readonly DirectiveNode[] | undefined }>(
  node: Node,
): Node => {
  const seen = new Set<string>()
  const kept = (node.directives ?? []).filter(({ name }) => {
    const isRepeat = ONCE.has(name.value) && seen.has(name.value)
    seen.add(name.value)
    return !isRepeat
  })
  return kept.length === (node.directives ?? []).length ? node : { ...node, directives: kept }
}
