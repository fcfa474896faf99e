import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import type { Row } from './row.ts'

const scopes = ['contact', 'identity_strong', 'profiling']

/** One coordinate, one person, every state a consent can be in. */
const BO_EMAIL = { graph, scopes, query: '{ person(id: "bo") { name email } }', asked: [['bo']] }
const BO_WITHHELD = {
  ...BO_EMAIL,
  data: { person: { name: 'Bo', email: null } },
  sent: ['people: person{name id}'],
}
const BO_GRANTED = {
  ...BO_EMAIL,
  data: { person: { name: 'Bo', email: canary('bo', 'email') } },
  sent: ['people: person{name id}', 'people: _entities(Person bo){id email}'],
}
const EVERYBODY = '["ada", "bo", "cyd", "dee"]'

export const consentStateRows: readonly Row[] = [
  { title: 'who gave is asked for', ...BO_GRANTED, consents: { bo: { contact: 'given' } } },
  { title: 'who renewed is asked for', ...BO_GRANTED, consents: { bo: { contact: 'renewed' } } },
  ...(
    [
      ['requested', 'NOT_GIVEN'],
      ['request_deferred', 'NOT_GIVEN'],
      ['unknown', 'NOT_GIVEN'],
      ['refused', 'REFUSED'],
      ['withdrawn', 'WITHDRAWN'],
      ['revoked', 'WITHDRAWN'],
      ['invalidated', 'WITHDRAWN'],
      ['expired', 'EXPIRED'],
      ['other_region', 'REGION'],
    ] as const
  ).map(([status, reason]): Row => ({
    title: `a consent that is ${status.replace('_', ' ')} grants nothing`,
    ...BO_WITHHELD,
    consents: { bo: { contact: status } },
    withheld: [`Person.email at person.email: ${reason} contact`],
  })),
  {
    title: 'who is suppressed is not asked for, whatever was given',
    ...BO_WITHHELD,
    consents: { bo: 'SUPPRESSED' },
    withheld: ['Person.email at person.email: SUPPRESSED contact'],
  },
  {
    title: 'who is erased is not asked for',
    ...BO_WITHHELD,
    consents: { bo: 'ERASED' },
    withheld: ['Person.email at person.email: ERASED contact'],
  },
  {
    title: 'who gave another scope is not asked for this one',
    ...BO_WITHHELD,
    consents: { bo: { profiling: 'given', identity_strong: 'given' } },
    withheld: ['Person.email at person.email: NOT_GIVEN contact'],
  },
  {
    title: 'a scope is compared to the letter',
    ...BO_WITHHELD,
    consents: {
      bo: { Contact: 'given', 'contact ': 'given', contac: 'given', 'contact,profiling': 'given' },
    },
    withheld: ['Person.email at person.email: NOT_GIVEN contact'],
  },
  {
    title: 'four people in one list get four answers in one request and one consent question',
    graph,
    scopes,
    query: `{ people(ids: ${EVERYBODY}) { name email ssn } }`,
    data: {
      people: [
        { name: 'Ada', email: canary('ada', 'email'), ssn: canary('ada', 'ssn') },
        { name: 'Bo', email: null, ssn: null },
        { name: 'Cyd', email: canary('cyd', 'email'), ssn: null },
        { name: 'Dee', email: null, ssn: null },
      ],
    },
    withheld: [
      'Person.email at people.1.email: REFUSED contact',
      'Person.ssn at people.1.ssn: REFUSED identity_strong',
      'Person.ssn at people.2.ssn: EXPIRED identity_strong',
      'Person.email at people.3.email: NOT_GIVEN contact',
      'Person.ssn at people.3.ssn: NOT_GIVEN identity_strong',
    ],
    sent: [
      'people: people{name id}',
      'people: _entities(Person ada){id email ssn} + _entities(Person cyd){id email}',
    ],
    asked: [['ada', 'bo', 'cyd', 'dee']],
  },
  {
    title: 'people who said the same travel together',
    graph,
    scopes,
    consents: { ada: { contact: 'given' }, cyd: { contact: 'renewed' }, dee: { contact: 'given' } },
    query: `{ people(ids: ${EVERYBODY}) { email } }`,
    data: {
      people: [
        { email: canary('ada', 'email') },
        { email: null },
        { email: canary('cyd', 'email') },
        { email: canary('dee', 'email') },
      ],
    },
    withheld: ['Person.email at people.1.email: NOT_GIVEN contact'],
    sent: ['people: people{id}', 'people: _entities(Person ada, cyd, dee){id email}'],
    asked: [['ada', 'bo', 'cyd', 'dee']],
  },
  {
    scenario: 'A16',
    title: 'when nobody gave, nothing protected is sent for',
    graph,
    scopes,
    query: '{ people(ids: ["bo", "dee"]) { name email vector } }',
    data: {
      people: [
        { name: 'Bo', email: null, vector: null },
        { name: 'Dee', email: null, vector: null },
      ],
    },
    withheld: [
      'Person.email at people.0.email: REFUSED contact',
      'Person.vector at people.0.vector: REFUSED profiling',
      'Person.email at people.1.email: NOT_GIVEN contact',
      'Person.vector at people.1.vector: NOT_GIVEN profiling',
    ],
    sent: ['people: people{name id}'],
    asked: [['bo', 'dee']],
  },
  {
    scenario: 'A17',
    title: 'everything denied is a person with nulls, not an error',
    graph,
    scopes,
    query: '{ person(id: "bo") { ssn } }',
    data: { person: { ssn: null } },
    withheld: ['Person.ssn at person.ssn: REFUSED identity_strong'],
    sent: ['people: person{id}'],
    asked: [['bo']],
  },
  {
    scenario: 'A18',
    title: 'a withheld value that may not be null takes its list item along, and says so where it stood',
    graph,
    scopes,
    query: '{ maybePeople(ids: ["bo", "ada", "cyd"]) { name phone } }',
    data: {
      maybePeople: [
        null,
        { name: 'Ada', phone: canary('ada', 'phone') },
        { name: 'Cyd', phone: canary('cyd', 'phone') },
      ],
    },
    withheld: ['Person.phone at maybePeople.0.phone: REFUSED contact'],
    errors: ['WITHHELD maybePeople.0.phone'],
    sent: ['people: maybePeople{name id}', 'people: _entities(Person ada, cyd){id phone}'],
    asked: [['bo', 'ada', 'cyd']],
  },
  {
    scenario: 'A18',
    title:
      'in a list whose items may not be null, one withheld value that may not be null empties the answer',
    graph,
    scopes,
    query: '{ people(ids: ["bo", "ada", "cyd"]) { name phone } }',
    data: null,
    withheld: ['Person.phone at people.0.phone: REFUSED contact'],
    errors: ['WITHHELD people.0.phone'],
    sent: ['people: people{name id}', 'people: _entities(Person ada, cyd){id phone}'],
    travels: ['ada:phone', 'cyd:phone'],
    asked: [['bo', 'ada', 'cyd']],
  },
  {
    title: 'a person who is not there is null, and nobody is asked',
    graph,
    scopes,
    query: '{ person(id: "eve") { name email } maybePeople(ids: ["eve"]) { email } }',
    data: { person: null, maybePeople: [null] },
    sent: ['people: person{name id} + maybePeople{id}'],
    asked: [],
  },
  {
    title: 'who is found twice is asked once and fetched once',
    graph,
    scopes,
    query: '{ people(ids: ["ada", "ada", "bo", "bo"]) { email } }',
    data: {
      people: [
        { email: canary('ada', 'email') },
        { email: canary('ada', 'email') },
        { email: null },
        { email: null },
      ],
    },
    withheld: ['Person.email at people.2.email people.3.email: REFUSED contact'],
    sent: ['people: people{id}', 'people: _entities(Person ada){id email}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'two subgraphs are asked about one person after one consent question',
    graph,
    scopes,
    query: '{ person(id: "ada") { name email vector score } }',
    data: {
      person: { name: 'Ada', email: canary('ada', 'email'), vector: canary('ada', 'vector'), score: 3 },
    },
    sent: [
      'people: person{name id}',
      'people: _entities(Person ada){id email}',
      'insights: _entities(Person ada){id vector score}',
    ],
    asked: [['ada']],
  },
  {
    title: 'what is open is served although everything protected is withheld',
    graph,
    scopes,
    query: '{ person(id: "bo") { vector score } }',
    data: { person: { vector: null, score: 2 } },
    withheld: ['Person.vector at person.vector: REFUSED profiling'],
    sent: ['people: person{id}', 'insights: _entities(Person bo){id score}'],
    asked: [['bo']],
  },
  {
    title: 'what is open needs nobody’s consent',
    graph,
    scopes,
    query: '{ people(ids: ["bo"]) { id name score address { city } household { name } } }',
    data: {
      people: [
        { id: 'bo', name: 'Bo', score: 2, address: { city: 'city of bo' }, household: [{ name: 'Ada' }] },
      ],
    },
    sent: [
      'people: people{id name address{city} household{name}}',
      'insights: _entities(Person bo){id score}',
    ],
    asked: [],
  },
  {
    title: 'six people without the grant are counted, not listed',
    graph,
    scopes,
    query: '{ people(ids: ["bo", "bo", "bo", "bo", "bo", "bo"]) { email } }',
    data: { people: Array.from({ length: 6 }, () => ({ email: null })) },
    withheld: ['Person.email at people.@.email ×6: REFUSED contact'],
    sent: ['people: people{id}'],
    asked: [['bo']],
  },
]
