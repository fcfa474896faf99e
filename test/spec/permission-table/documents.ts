import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import type { Row } from './row.ts'

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
  {
    title: 'arguments of a protected field go with it, and only for those who gave',
    graph,
    query: `query ($last: Int!, $about: String) {
      people(ids: ["ada", "bo"]) { a: note(last: $last) b: note(last: 2, about: $about) note(about: "\\"quoted\\" \\u0041") }
    }`,
    variables: { last: 7, about: 'x"} { email' },
    data: {
      people: [
        {
          a: `${canary('ada', 'note')} 7 all`,
          b: `${canary('ada', 'note')} 2 x"} { email`,
          note: `${canary('ada', 'note')} 1 "quoted" A`,
        },
        { a: null, b: null, note: null },
      ],
    },
    withheld: [
      'Person.note at people.1.a: REFUSED contact',
      'Person.note at people.1.b: REFUSED contact',
      'Person.note at people.1.note: REFUSED contact',
    ],
    sent: ['people: people{id}', 'people: _entities(Person ada){id a:note b:note note}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'the key under another name and a protected field under the key’s name',
    graph,
    query: '{ people(ids: ["ada", "bo"]) { key: id id: email } }',
    data: {
      people: [
        { key: 'ada', id: canary('ada', 'email') },
        { key: 'bo', id: null },
      ],
    },
    withheld: ['Person.email at people.1.id: REFUSED contact'],
    sent: ['people: people{key:id id}', 'people: _entities(Person ada){id _assent_as_id:email}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'places without a person keep their place among the others',
    graph,
    query: '{ maybePeople(ids: ["eve", "ada", "eve", "bo"]) { email } }',
    data: { maybePeople: [null, { email: canary('ada', 'email') }, null, { email: null }] },
    withheld: ['Person.email at maybePeople.3.email: REFUSED contact'],
    sent: ['people: maybePeople{id}', 'people: _entities(Person ada){id email}'],
    asked: [['ada', 'bo']],
  },
]
