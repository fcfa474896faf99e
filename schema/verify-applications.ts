import { type ConstDirectiveNode, type DirectiveNode, type DocumentNode, print } from 'graphql'
import { DATA_CONTRACT, readDataContract } from '../directives/data-contract.ts'
import { DATA_SUBJECT, readDataSubject } from '../directives/data-subject.ts'
import { REQUIRES_SCOPE, readRequiresScope } from '../directives/requires-scope.ts'
import { specifiedDirectives } from '../directives/specified.ts'
import type { RuleContext } from './rule-context.ts'
import { readKeyPath } from './rule-graph.ts'
import type { Violation } from './violation.ts'
import { graded } from './violation-catalogue.ts'

/**
 * Every protection that went in came out: composition is somebody else's code, and an application it drops
 * (moved fields, renamed directives, versions) protects nothing. Several applications on one coordinate must all be there,
 * since they are AND-ed.
 */
export const verifyApplications = (supergraph: DocumentNode, { subgraphs }: RuleContext): Violation[] => {
  const present = new Set(
    applicationsIn(supergraph).map(({ coordinate, meaning }) => `${coordinate} ${meaning}`),
  )
  return subgraphs.flatMap(({ name, document, roots }) =>
    applicationsIn(document)
      .filter(({ coordinate, meaning }) => !present.has(`${canonicalRoot(coordinate, roots)} ${meaning}`))
      .map((application) =>
        application.directive === DATA_CONTRACT
          ? contractLost(name, application)
          : protectionLost(name, application),
      ),
  )
}

interface Written {
  readonly coordinate: string
  readonly directive: string
  readonly meaning: string
  readonly node: DirectiveNode
}

const applicationsIn = (document: DocumentNode): Written[] =>
  document.definitions.flatMap((node) => {
    if (!('name' in node) || node.name === undefined || !('directives' in node)) return []
    const type = node.name.value
    const fields = 'fields' in node ? (node.fields ?? []) : []
    return [
      ...writtenOn(type, node.directives),
      ...fields.flatMap((field) => writtenOn(`${type}.${field.name.value}`, field.directives)),
    ]
  })

const OURS: ReadonlySet<string> = new Set(specifiedDirectives.map(({ name }) => name))

const writtenOn = (coordinate: string, directives: readonly DirectiveNode[] | undefined): Written[] =>
  (directives ?? []).flatMap((node) =>
    OURS.has(node.name.value)
      ? [
          {
            coordinate,
            directive: node.name.value,
            meaning: meaningOf(node as ConstDirectiveNode),
            node,
          },
        ]
      : [],
  )

/** Two spellings of one requirement mean the same. */
const meaningOf = (node: ConstDirectiveNode): string => {
  const alone = { directives: [node] }
  switch (node.name.value) {
    case REQUIRES_SCOPE:
      return JSON.stringify(readRequiresScope(node))
    case DATA_SUBJECT:
      return JSON.stringify(readKeyPath(readDataSubject(alone) ?? ''))
    default:
      return JSON.stringify(readDataContract(alone))
  }
}

/** Composition renames root types to `Query`, `Mutation` and `Subscription`. */
const canonicalRoot = (coordinate: string, roots: ReadonlyMap<string, string>): string => {
  const [type = '', ...field] = coordinate.split('.')
  return [roots.get(type) ?? type, ...field].join('.')
}

const protectionLost = (subgraph: string, { coordinate, node }: Written): Violation => ({
  ...graded('COMPOSITION_LOST_PROTECTION'),
  subgraph,
  coordinate,
  line: node.loc?.startToken.line ?? null,
  message: `${print(node)} is not in the composed supergraph`,
  remedy:
    'Write it where the value is resolved: in the subgraph that owns the field, or that took it over with @override.',
})

const contractLost = (subgraph: string, { coordinate, node }: Written): Violation => ({
  ...graded('DATA_CONTRACT_DIFFERS'),
  subgraph,
  coordinate,
  line: node.loc?.startToken.line ?? null,
  message: 'another subgraph has a different @dataContract here, and the supergraph keeps that one',
  remedy:
    'Write the contract on the fields this subgraph owns instead of on the shared type, or make the two equal.',
})
