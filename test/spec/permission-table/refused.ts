import { peopleGraph } from '../../support/people-graph.ts'

const FEDERATION =
  '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])'
const CONSENT = 'https://assent.example/consent/v1.0'

/** A graph that must not come into being: one subgraph that owners wrote, and what composition says of it. */
export interface RefusedGraph {
  readonly title: string
  readonly scenario: string
  readonly subgraphs: readonly string[]
  /** `CODE coordinate`, errors only. */
  readonly says: readonly string[]
}

const written = (
  body: string,
  link = `@link(url: "${CONSENT}", import: ["@requiresScope", "@dataSubject"])`,
) => `extend schema ${FEDERATION} ${link}\n${body}`

const scoped = (scope: string): string =>
  written(
    `type Query { ada: Person } type Person @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @requiresScope(scope: ${scope}) }`,
  )

export const refusedGraphs: readonly RefusedGraph[] = [
  ...['[]', '[[]]', '[["crm_contact"], []]', '" "'].map((scope) => ({
    scenario: 'A13',
    title: `the scope list ${scope}`,
    subgraphs: [scoped(scope)],
    says: ['SCOPE_LIST_EMPTY Person.email'],
  })),
  {
    scenario: 'A13',
    title: 'a scope with a blank too many',
    subgraphs: [scoped('"crm_contact "')],
    says: ['SCOPE_UNKNOWN Person.email'],
  },
  {
    scenario: 'A13',
    title: 'a thousand alternatives',
    subgraphs: [scoped(JSON.stringify(Array.from({ length: 1000 }, () => 'crm_contact')))],
    says: ['SCOPE_LIST_TOO_LONG Person.email'],
  },
  {
    scenario: 'A3',
    title: 'a field computed from a protected field that asks for less',
    subgraphs: [
      scoped('"crm_contact"'),
      written(
        'type Person @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @external churn: String @requires(fields: "email") }',
      ),
    ],
    says: ['INPUT_SCOPES_MISSING Person.churn'],
  },
  {
    scenario: 'A4',
    title: 'a rule in a spelling that nothing links',
    subgraphs: [
      written(
        'type Query { ada: Person } type Person @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @requireScope(scope: "crm_contact") }',
      ),
    ],
    says: ['INVALID_GRAPHQL Person.email'],
  },
  {
    scenario: 'A5',
    title: 'a newer consent specification',
    subgraphs: [
      written(
        'type Query { ada: Person } type Person @key(fields: "id") @dataSubject(key: "id") { id: ID! }',
        '@link(url: "https://assent.example/consent/v9.0", import: ["@requiresScope", "@dataSubject"])',
      ),
    ],
    says: ['CONSENT_VERSION_UNKNOWN null'],
  },
  {
    scenario: 'A6',
    title: 'a rule on the object that its interface does not tell',
    subgraphs: [
      written(`type Query { contacts: [Contactable] }
interface Contactable { email: String }
type Person implements Contactable @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @requiresScope(scope: "crm_contact") }`),
    ],
    says: ['INTERFACE_SAYS_LESS Contactable.email'],
  },
  {
    scenario: 'A14',
    title: 'a protected scalar on a field of nobody',
    subgraphs: [written('scalar Ssn @requiresScope(scope: "crm_contact") type Query { ssn: Ssn }')],
    says: ['PROTECTED_WITHOUT_SUBJECT Query.ssn'],
  },
  {
    scenario: 'A21',
    title: 'a root field that filters by a protected value',
    subgraphs: [
      written(`scalar Ssn @requiresScope(scope: "crm_contact")
type Query { find(ssn: Ssn): Person }
type Person @key(fields: "id") @dataSubject(key: "id") { id: ID! ssn: Ssn }`),
    ],
    says: ['PROTECTED_ROOT_INPUT Query.find'],
  },
  {
    scenario: 'A21',
    title: 'a protected field in a key',
    subgraphs: [
      written(
        'type Query { ada: Person } type Person @key(fields: "id") @key(fields: "email") @dataSubject(key: "id") { id: ID! email: String @requiresScope(scope: "crm_contact") }',
      ),
    ],
    says: ['PROTECTED_KEY Person.email'],
  },
]

/** A supergraph that came from somewhere else, and why the gateway does not start with it. */
export interface RefusedSupergraph {
  readonly title: string
  readonly scenario: string
  readonly change: (supergraph: string) => string
  readonly code: string
  /** Faults named in the message. */
  readonly names: readonly string[]
}

export const servedGraph = peopleGraph

export const refusedSupergraphs: readonly RefusedSupergraph[] = [
  {
    scenario: 'A5',
    title: 'security of a specification the gateway does not know',
    change: (supergraph) =>
      supergraph.replace('schema', 'schema @link(url: "https://other.example/guard/v1.0", for: SECURITY)'),
    code: 'SUPERGRAPH_UNSUPPORTED',
    names: ['https://other.example/guard/v1.0'],
  },
  {
    scenario: 'A5',
    title: 'a consent specification newer than the gateway',
    change: (supergraph) => supergraph.replace('assent.example/consent/v1.0', 'assent.example/consent/v9.0'),
    code: 'SUPERGRAPH_UNSUPPORTED',
    names: ['https://assent.example/consent/v9.0'],
  },
  {
    scenario: 'A13',
    title: 'an empty scope list written in by hand',
    change: (supergraph) =>
      supergraph.replace('@requiresScope(scope: "contact")', '@requiresScope(scope: [])'),
    code: 'SUPERGRAPH_UNFENCED',
    names: ['SCOPE_LIST_EMPTY'],
  },
  {
    scenario: 'A15',
    title: 'rules about nobody',
    change: (supergraph) => supergraph.replaceAll('@dataSubject(key: "id")', ''),
    code: 'SUPERGRAPH_UNFENCED',
    names: ['PROTECTED_WITHOUT_SUBJECT', 'Person.email', 'Address.street'],
  },
  {
    scenario: 'A15',
    title: 'rules without the link that says what they mean',
    change: (supergraph) => supergraph.replace(/@link\(url: "https:\/\/assent[^)]*\)/, ''),
    code: 'SUPERGRAPH_UNFENCED',
    names: ['CONSENT_NOT_LINKED', 'Person.email'],
  },
  {
    scenario: 'A15',
    title: 'no supergraph at all',
    change: () => 'type Query { a: Int }',
    code: 'SUPERGRAPH_INVALID',
    names: [],
  },
]
