import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import { createWorld } from '../../support/world.ts'
import type { Row } from './row.ts'

/** Made by a composition that did not insist on it: the rule stands on the person's own field alone. */
const ruleOnTypeOnly = {
  ...graph,
  supergraph: createWorld(graph).supergraph.replace(
    /(interface Contactable[^{]*\{\s*email: String[^\n]*?) @requiresScope\(scope: "contact"\)/,
    '$1',
  ),
}

const OFFICE = 'office@acme.example'

export const polymorphismRows: readonly Row[] = [
  {
    scenario: 'A1',
    title: 'through an interface each implementing type is decided for itself',
    graph,
    query: '{ contacts { email } }',
    data: { contacts: [{ email: null }, { email: OFFICE }, { email: canary('ada', 'email') }] },
    withheld: ['Person.email at contacts.0.email: REFUSED contact'],
    sent: [
      'people: contacts{... Person{_assent_Person_id:id} ... Company{email}}',
      'people: _entities(Person ada){id email}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    scenario: 'A1',
    title: 'one interface inside another does not change who is asked',
    graph,
    query: '{ node(id: "bo") { id ... on Contactable { email } } }',
    data: { node: { id: 'bo', email: null } },
    withheld: ['Person.email at node.email: REFUSED contact'],
    sent: ['people: node{... Person{id _assent_Person_id:id} ... Company{id email}}'],
    asked: [['bo']],
  },
  {
    title: 'a company behind the same interface is nobody and is asked for at once',
    graph,
    query: '{ node(id: "acme") { id ... on Contactable { email } } }',
    data: { node: { id: 'acme', email: OFFICE } },
    sent: ['people: node{... Person{id _assent_Person_id:id} ... Company{id email}}'],
    asked: [],
  },
  {
    scenario: 'A2',
    title: 'a fragment on the object does not go round the rule on the interface',
    graph,
    query: '{ contacts { ... on Person { email } ... on Company { email } } }',
    data: { contacts: [{ email: null }, { email: OFFICE }, { email: canary('ada', 'email') }] },
    withheld: ['Person.email at contacts.0.email: REFUSED contact'],
    sent: [
      'people: contacts{... Person{_assent_Person_id:id} ... Company{email}}',
      'people: _entities(Person ada){id email}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    scenario: 'A6',
    title: 'key and type name of a person are open, and asking for them asks nobody',
    graph,
    query: '{ node(id: "bo") { id __typename } }',
    data: { node: { id: 'bo', __typename: 'Person' } },
    sent: ['people: node{id}'],
    asked: [],
  },
  {
    scenario: 'A6',
    title: 'a rule on the type alone reaches who selects through the interface',
    graph: ruleOnTypeOnly,
    query: '{ contacts { email } node(id: "bo") { ... on Contactable { email } } }',
    data: {
      contacts: [{ email: null }, { email: OFFICE }, { email: canary('ada', 'email') }],
      node: { email: null },
    },
    withheld: [
      'Person.email at contacts.0.email: REFUSED contact',
      'Person.email at node.email: REFUSED contact',
    ],
    sent: [
      'people: contacts{... Person{_assent_Person_id:id} ... Company{email}} + node{... Person{_assent_Person_id:id} ... Company{email}}',
      'people: _entities(Person ada){id email}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    scenario: 'A7',
    title: 'of a union each member is decided for itself',
    graph,
    query: '{ search(q: "x") { __typename ... on Person { email } ... on Company { email } } }',
    data: {
      search: [
        { __typename: 'Person', email: null },
        { __typename: 'Company', email: OFFICE },
        { __typename: 'Person', email: canary('ada', 'email') },
      ],
    },
    withheld: ['Person.email at search.0.email: REFUSED contact'],
    sent: [
      'people: search{... Person{_assent_Person_id:id} ... Company{email}}',
      'people: _entities(Person ada){id email}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    scenario: 'A8',
    title: 'one response key for two fields of two types: one withheld, the other kept',
    graph,
    query: '{ search(q: "x") { ... on Person { v: ssn } ... on Company { v: email } } }',
    data: { search: [{ v: null }, { v: OFFICE }, { v: canary('ada', 'ssn') }] },
    withheld: ['Person.ssn at search.0.v: REFUSED identity_strong'],
    sent: [
      'people: search{... Person{_assent_Person_id:id} ... Company{v:email}}',
      'people: _entities(Person ada){id v:ssn}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    scenario: 'A10',
    title: 'a global node is no side door to a person',
    graph,
    query: '{ a: node(id: "bo") { ... on Person { ssn } } b: node(id: "ada") { ... on Person { ssn } } }',
    data: { a: { ssn: null }, b: { ssn: canary('ada', 'ssn') } },
    withheld: ['Person.ssn at a.ssn: REFUSED identity_strong'],
    sent: [
      'people: a:node{... Person{_assent_Person_id:id} ... Company{__typename}} + b:node{... Person{_assent_Person_id:id} ... Company{__typename}}',
      'people: _entities(Person ada){id ssn}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    title: 'an interface and a union that lead to one person are one consent question and one request',
    graph,
    query: `{
      contacts { ...C }
      search(q: "x") { ...C }
    }
    fragment C on Contactable { email ... on Person { name vector } }`,
    data: {
      contacts: [
        { email: null, name: 'Bo', vector: null },
        { email: OFFICE },
        { email: canary('ada', 'email'), name: 'Ada', vector: canary('ada', 'vector') },
      ],
      search: [
        { email: null, name: 'Bo', vector: null },
        { email: OFFICE },
        { email: canary('ada', 'email'), name: 'Ada', vector: canary('ada', 'vector') },
      ],
    },
    withheld: [
      'Person.email at contacts.0.email: REFUSED contact',
      'Person.vector at contacts.0.vector: REFUSED profiling',
      'Person.email at search.0.email: REFUSED contact',
      'Person.vector at search.0.vector: REFUSED profiling',
    ],
    sent: [
      'people: contacts{... Person{name id _assent_Person_id:id} ... Company{email}} + search{... Person{name id _assent_Person_id:id} ... Company{email}}',
      'people: _entities(Person ada){id email}',
      'insights: _entities(Person ada){id vector}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    title: 'people behind an interface lead to people',
    graph,
    query: '{ contacts { ... on Person { bestFriend { name email } } } }',
    data: {
      contacts: [
        { bestFriend: { name: 'Ada', email: canary('ada', 'email') } },
        {},
        { bestFriend: { name: 'Bo', email: null } },
      ],
    },
    withheld: ['Person.email at contacts.2.bestFriend.email: REFUSED contact'],
    sent: ['people: contacts{... Person{bestFriend{name id}}}', 'people: _entities(Person ada){id email}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'interfaces inside a union inside an interface',
    graph,
    query:
      '{ search(q: "x") { ... on Node { id } ... on Contactable { email ... on Node { nodeId: id } } } }',
    data: {
      search: [
        { id: 'bo', email: null, nodeId: 'bo' },
        { id: 'acme', email: OFFICE, nodeId: 'acme' },
        { id: 'ada', email: canary('ada', 'email'), nodeId: 'ada' },
      ],
    },
    withheld: ['Person.email at search.0.email: REFUSED contact'],
    sent: [
      'people: search{... Person{id nodeId:id _assent_Person_id:id} ... Company{id email nodeId:id}}',
      'people: _entities(Person ada){id email}',
    ],
    asked: [['bo', 'ada']],
  },
]
