import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import type { Row } from './row.ts'

const CONDITIONS = `query ($yes: Boolean!, $no: Boolean!) {
  people(ids: ["ada", "bo"]) { name email @include(if: $yes) ssn @skip(if: $no) }
}`

export const conditionRows: readonly Row[] = [
  {
    title: 'a protected field that is switched on is decided about',
    graph,
    query: CONDITIONS,
    variables: { yes: true, no: false },
    data: {
      people: [
        { name: 'Ada', email: canary('ada', 'email'), ssn: canary('ada', 'ssn') },
        { name: 'Bo', email: null, ssn: null },
      ],
    },
    withheld: [
      'Person.email at people.1.email: REFUSED contact',
      'Person.ssn at people.1.ssn: REFUSED identity_strong',
    ],
    sent: ['people: people{name id}', 'people: _entities(Person ada){id email ssn}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'a protected field that is switched off is neither decided about, reported nor sent',
    graph,
    query: CONDITIONS,
    variables: { yes: false, no: true },
    data: { people: [{ name: 'Ada' }, { name: 'Bo' }] },
    sent: ['people: people{name}'],
    asked: [],
  },
  {
    title: 'of two protected fields one is switched off',
    graph,
    query: CONDITIONS,
    variables: { yes: false, no: false },
    data: {
      people: [
        { name: 'Ada', ssn: canary('ada', 'ssn') },
        { name: 'Bo', ssn: null },
      ],
    },
    withheld: ['Person.ssn at people.1.ssn: REFUSED identity_strong'],
    sent: ['people: people{name id}', 'people: _entities(Person ada){id ssn}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'a condition on a fragment switches everything in it',
    graph,
    query: `query ($on: Boolean!) { people(ids: ["ada"]) { name ...P @include(if: $on) } }
      fragment P on Person { email address { street } vector }`,
    variables: { on: false },
    data: { people: [{ name: 'Ada' }] },
    sent: ['people: people{name}'],
    asked: [],
  },
  {
    title: 'the same field switched on in one place and off in another is there once',
    graph,
    query: `query ($on: Boolean!, $off: Boolean!) {
      people(ids: ["ada", "bo"]) { ... @include(if: $off) { email } ... @include(if: $on) { email } }
    }`,
    variables: { on: true, off: false },
    data: { people: [{ email: canary('ada', 'email') }, { email: null }] },
    withheld: ['Person.email at people.1.email: REFUSED contact'],
    sent: ['people: people{id}', 'people: _entities(Person ada){id email}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'a literal condition switches off like a variable',
    graph,
    query: '{ person(id: "ada") { name email @skip(if: true) ssn @include(if: false) } }',
    data: { person: { name: 'Ada' } },
    sent: ['people: person{name}'],
    asked: [],
  },
  {
    title: 'conditions around people switch the people',
    graph,
    query: `query ($on: Boolean!) {
      people(ids: ["ada", "bo"]) @include(if: $on) { email } shops { sku owner @skip(if: $on) { email } }
    }`,
    variables: { on: true },
    data: {
      people: [{ email: canary('ada', 'email') }, { email: null }],
      shops: [{ sku: 's1' }, { sku: 's2' }],
    },
    withheld: ['Person.email at people.1.email: REFUSED contact'],
    sent: ['people: people{id} + shops{sku}', 'people: _entities(Person ada){id email}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'one fragment for two opposite conditions',
    graph,
    query: `query ($on: Boolean!) {
      contacts { ... on Person @include(if: $on) { email } ... on Person @skip(if: $on) { ssn } }
    }`,
    variables: { on: true },
    data: { contacts: [{ email: null }, {}, { email: canary('ada', 'email') }] },
    withheld: ['Person.email at contacts.0.email: REFUSED contact'],
    sent: [
      'people: contacts{... Person{_assent_Person_id:id} ... Company{__typename}}',
      'people: _entities(Person ada){id email}',
    ],
    asked: [['bo', 'ada']],
  },
]
