import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import type { Row } from './row.ts'

const CONDITIONS = `query ($yes: Boolean!, $no: Boolean!) {
  people(ids: ["ada", "bo"]) { name email @include(if: $yes) ssn @skip(if: $no) }
}`

export const documentRows: readonly Row[] = [
  {
    scenario: 'A9',
    title: 'one fragment spread at two people keeps both keys, in order, and names both places',
    graph,
    query: `query { a: person(id: "bo") { ...F } b: person(id: "ada") { ...F } c: person(id: "bo") { ...F } }
      fragment F on Person { email name }`,
    data: {
      a: { email: null, name: 'Bo' },
      b: { email: canary('ada', 'email'), name: 'Ada' },
      c: { email: null, name: 'Bo' },
    },
    withheld: ['Person.email at a.email: REFUSED contact', 'Person.email at c.email: REFUSED contact'],
    sent: [
      'people: a:person{name id} + b:person{name id} + c:person{name id}',
      'people: _entities(Person ada){id email}',
    ],
    asked: [['bo', 'ada']],
  },
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
    sent: ['people: people{name id}'],
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
    sent: ['people: people{name ... @include(if: $on){id} id}'],
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
    sent: ['people: people{id}', 'people: _entities(Person ada){id ...{email}}'],
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
    title: 'an alias is a place in the answer, not another coordinate',
    graph,
    query: '{ person(id: "ada") { mail: email again: email } other: person(id: "bo") { mail: email } }',
    data: {
      person: { mail: canary('ada', 'email'), again: canary('ada', 'email') },
      other: { mail: null },
    },
    withheld: ['Person.email at other.mail: REFUSED contact'],
    sent: [
      'people: person{id} + other:person{id}',
      'people: _entities(Person ada){id mail:email again:email}',
    ],
    asked: [['ada', 'bo']],
  },
  {
    title: 'an alias that looks like the key does not change who is asked',
    graph,
    query: '{ people(ids: ["bo", "ada"]) { id: name email } }',
    data: {
      people: [
        { id: 'Bo', email: null },
        { id: 'Ada', email: canary('ada', 'email') },
      ],
    },
    withheld: ['Person.email at people.0.email: REFUSED contact'],
    sent: ['people: people{_assent_as_id:name id}', 'people: _entities(Person ada){id email}'],
    asked: [['bo', 'ada']],
  },
  {
    title: 'an alias that looks like an open field does not open a protected one',
    graph,
    query: '{ person(id: "bo") { name: email email: name } }',
    data: { person: { name: null, email: 'Bo' } },
    withheld: ['Person.email at person.name: REFUSED contact'],
    sent: ['people: person{_assent_as_email:name id}'],
    asked: [['bo']],
  },
  {
    title: 'aliases named after what every object inherits are plain keys',
    graph,
    query: `{
      __proto__: person(id: "ada") { constructor: email toString: name hasOwnProperty: ssn }
      constructor: person(id: "bo") { __proto__: email valueOf: name }
    }`,
    data: JSON.parse(`{
      "__proto__": { "constructor": "${canary('ada', 'email')}", "toString": "Ada", "hasOwnProperty": "${canary('ada', 'ssn')}" },
      "constructor": { "__proto__": null, "valueOf": "Bo" }
    }`),
    withheld: ['Person.email at constructor.__proto__: REFUSED contact'],
    sent: [
      'people: _assent_as___proto__:person{_assent_as_toString:name id} + _assent_as_constructor:person{_assent_as_valueOf:name id}',
      'people: _entities(Person ada){id _assent_as_constructor:email _assent_as_hasOwnProperty:ssn}',
    ],
    asked: [['ada', 'bo']],
  },
  {
    title: 'the same field twice is asked for once',
    graph,
    query:
      '{ person(id: "ada") { email email ...F ... on Person { email } } } fragment F on Person { email }',
    data: { person: { email: canary('ada', 'email') } },
    sent: ['people: person{id}', 'people: _entities(Person ada){id email}'],
    asked: [['ada']],
  },
  {
    title: 'one list written in two pieces is one list',
    graph,
    query: '{ people(ids: ["ada", "bo"]) { name } ... on Query { people(ids: ["ada", "bo"]) { email } } }',
    data: {
      people: [
        { name: 'Ada', email: canary('ada', 'email') },
        { name: 'Bo', email: null },
      ],
    },
    withheld: ['Person.email at people.1.email: REFUSED contact'],
    sent: ['people: people{name id}', 'people: _entities(Person ada){id email}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'arguments from variables reach the subgraph as they were sent',
    graph,
    query: 'query ($ids: [ID!]! = ["ada"]) { people(ids: $ids) { name email } }',
    variables: { ids: ['cyd', 'bo'] },
    data: {
      people: [
        { name: 'Cyd', email: canary('cyd', 'email') },
        { name: 'Bo', email: null },
      ],
    },
    withheld: ['Person.email at people.1.email: REFUSED contact'],
    sent: ['people: people{name id}', 'people: _entities(Person cyd){id email}'],
    asked: [['cyd', 'bo']],
  },
  {
    title: 'the key and a protected field are given in the order in which they were asked for',
    graph,
    query: '{ person(id: "ada") { vector email id ssn name } }',
    data: {
      person: {
        vector: canary('ada', 'vector'),
        email: canary('ada', 'email'),
        id: 'ada',
        ssn: canary('ada', 'ssn'),
        name: 'Ada',
      },
    },
    sent: [
      'people: person{id name}',
      'people: _entities(Person ada){id email ssn}',
      'insights: _entities(Person ada){id vector}',
    ],
    asked: [['ada']],
  },
]
