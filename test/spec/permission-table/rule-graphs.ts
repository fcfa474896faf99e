import { canary } from '../../support/people-graph.ts'
import { byId, CONSENT, crowd, graphOf, PERSON, secret, subgraph } from './graph-of.ts'

/** Three subgraphs that write the same word in three ways. */
export const spellings = graphOf(
  subgraph(
    'plain',
    `type Query { crowd: [Person!]! }\n${PERSON} { id: ID! one: String @requiresScope(scope: "contact") }`,
    { Query: { crowd }, Person: { __resolveReference: byId, one: secret('one') } },
  ),
  subgraph(
    'renamed',
    'type Person @key(fields: "id") @whose(key: "id") { id: ID! two: String @consent(scope: "contact") }',
    { Person: { __resolveReference: byId, two: secret('two') } },
    `@link(url: "${CONSENT}", import: [{ name: "@requiresScope", as: "@consent" }, { name: "@dataSubject", as: "@whose" }])`,
  ),
  subgraph(
    'namespaced',
    'type Person @key(fields: "id") @c__dataSubject(key: "id") { id: ID! three: String @c__requiresScope(scope: "contact") }',
    { Person: { __resolveReference: byId, three: secret('three') } },
    `@link(url: "${CONSENT}", as: "c")`,
  ),
)

/** Rules on everything but the field. */
export const ruledTypes = graphOf(
  subgraph(
    'ruled',
    `type Query { crowd: [Person!]! accounts: [Account!]! }
scalar Ssn @requiresScope(scope: "identity_strong")
enum Tier @requiresScope(scope: "profiling") { GOLD TIN }
type Health @requiresScope(scope: "identity_strong") { blood: String }
${PERSON} { id: ID! name: String ssn: Ssn oldSsns: [[Ssn!]!] tier: Tier health: Health }
type Account @key(fields: "id") @dataSubject(key: "id") @requiresScope(scope: "contact") { id: ID! balance: String owner: Person }`,
    {
      Query: { crowd, accounts: crowd },
      Person: {
        __resolveReference: byId,
        name: ({ id }: { id: string }) => `name of ${id}`,
        ssn: secret('ssn'),
        oldSsns: ({ id }: { id: string }) => [[canary(id, 'ssn1')], [canary(id, 'ssn2')]],
        tier: ({ id }: { id: string }) => (id === 'ada' ? 'GOLD' : 'TIN'),
        health: ({ id }: { id: string }) => ({ blood: canary(id, 'blood') }),
      },
      Account: { __resolveReference: byId, balance: secret('balance'), owner: byId },
    },
  ),
)

/** One field of two subgraphs, each with a rule of its own. */
export const sharedField = graphOf(
  subgraph(
    'first',
    `type Query { crowd: [Person!]! }\n${PERSON} { id: ID! email: String @shareable @requiresScope(scope: "contact") }`,
    { Query: { crowd }, Person: { __resolveReference: byId, email: secret('email') } },
  ),
  subgraph(
    'second',
    `${PERSON} { id: ID! email: String @shareable @requiresScope(scope: "profiling") plain: String @shareable }`,
    {
      Person: {
        __resolveReference: byId,
        email: secret('email'),
        plain: () => 'plain',
      },
    },
  ),
)

export const alternatives = graphOf(
  subgraph(
    'only',
    `type Query { crowd: [Person!]! }
${PERSON} { id: ID! either: String @requiresScope(scope: [["contact", "profiling"], ["identity_strong"]]) both: String @requiresScope(scope: "contact") @requiresScope(scope: "profiling") any: String @requiresScope(scope: ["contact", "profiling"]) }`,
    {
      Query: { crowd },
      Person: {
        __resolveReference: byId,
        either: secret('either'),
        both: secret('both'),
        any: secret('any'),
      },
    },
  ),
)

/** The rule stands on the interface alone; companies share the interface and are nobody. */
export const ruleOnInterface = graphOf(
  subgraph(
    'only',
    `type Query { contacts: [Contactable!]! crowd: [Person!]! }
interface Contactable { email: String @requiresScope(scope: "contact") }
type Person implements Contactable @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String }
type Company implements Contactable { email: String }`,
    {
      Query: {
        crowd,
        contacts: () => [
          ...crowd().map((one) => ({ ...one, __typename: 'Person' })),
          { __typename: 'Company', email: 'office@acme.example' },
        ],
      },
      Contactable: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
      Person: { __resolveReference: byId, email: secret('email') },
    },
  ),
)
