import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import type { Row } from './row.ts'

export const nestedPeopleRows: readonly Row[] = [
  {
    scenario: 'A19',
    title: 'two people under two aliases are two decisions about one coordinate',
    graph,
    query: '{ a: person(id: "bo") { email } b: person(id: "ada") { email } }',
    data: { a: { email: null }, b: { email: canary('ada', 'email') } },
    withheld: ['Person.email at a.email: REFUSED contact'],
    sent: ['people: a:person{id} + b:person{id}', 'people: _entities(Person ada){id email}'],
    asked: [['bo', 'ada']],
  },
  {
    scenario: 'A20',
    title: 'inside a person who gave, another person’s own consent decides',
    graph,
    query: '{ person(id: "ada") { email household { name email } } }',
    data: {
      person: {
        email: canary('ada', 'email'),
        household: [
          { name: 'Bo', email: null },
          { name: 'Cyd', email: canary('cyd', 'email') },
        ],
      },
    },
    withheld: ['Person.email at person.household.0.email: REFUSED contact'],
    sent: ['people: person{household{name id} id}', 'people: _entities(Person cyd, ada){id email}'],
    asked: [['bo', 'cyd', 'ada']],
  },
  {
    scenario: 'A20',
    title: 'inside a person who refused, another person’s own consent decides',
    graph,
    query: '{ person(id: "bo") { email household { email } } }',
    data: { person: { email: null, household: [{ email: canary('ada', 'email') }] } },
    withheld: ['Person.email at person.email: REFUSED contact'],
    sent: ['people: person{household{id} id}', 'people: _entities(Person ada){id email}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'three levels of people are asked in one wave',
    graph,
    query: '{ person(id: "bo") { email household { email household { email } } } }',
    data: {
      person: {
        email: null,
        household: [
          {
            email: canary('ada', 'email'),
            household: [{ email: null }, { email: canary('cyd', 'email') }],
          },
        ],
      },
    },
    withheld: [
      'Person.email at person.email: REFUSED contact',
      'Person.email at person.household.0.household.0.email: REFUSED contact',
    ],
    sent: ['people: person{household{household{id} id} id}', 'people: _entities(Person cyd, ada){id email}'],
    asked: [['bo', 'cyd', 'ada']],
  },
  {
    title: 'a person may stand above themselves',
    graph,
    query: '{ person(id: "cyd") { household { name email } } }',
    data: {
      person: {
        household: [
          { name: 'Ada', email: canary('ada', 'email') },
          { name: 'Bo', email: null },
          { name: 'Cyd', email: canary('cyd', 'email') },
        ],
      },
    },
    withheld: ['Person.email at person.household.1.email: REFUSED contact'],
    sent: ['people: person{household{name id}}', 'people: _entities(Person ada, cyd){id email}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'people behind a protected field are found first and asked then',
    graph,
    query: '{ person(id: "ada") { neighbours { name email } } }',
    data: {
      person: {
        neighbours: [
          { name: 'Bo', email: null },
          { name: 'Cyd', email: canary('cyd', 'email') },
        ],
      },
    },
    withheld: ['Person.email at person.neighbours.0.email: REFUSED contact'],
    sent: [
      'people: person{id}',
      'people: _entities(Person ada){id neighbours{name id}}',
      'people: _entities(Person cyd){id email}',
    ],
    asked: [['ada'], ['bo', 'cyd']],
  },
  {
    title: 'people behind a protected field of a person who refused are never found',
    graph,
    query: '{ people(ids: ["bo", "cyd"]) { neighbours { email neighbours { name } } } }',
    data: {
      people: [
        { neighbours: null },
        {
          neighbours: [
            { email: canary('ada', 'email'), neighbours: [{ name: 'Bo' }, { name: 'Cyd' }] },
            { email: null, neighbours: null },
            {
              email: canary('cyd', 'email'),
              neighbours: [{ name: 'Ada' }, { name: 'Bo' }, { name: 'Cyd' }],
            },
          ],
        },
      ],
    },
    withheld: [
      'Person.neighbours at people.0.neighbours: REFUSED contact',
      'Person.email at people.1.neighbours.1.email: REFUSED contact',
      'Person.neighbours at people.1.neighbours.1.neighbours: REFUSED contact',
    ],
    sent: [
      'people: people{id}',
      'people: _entities(Person cyd){id neighbours{id}}',
      'people: _entities(Person ada, cyd){id email neighbours{name}}',
    ],
    asked: [['bo', 'cyd'], ['ada']],
  },
  {
    title: 'people nested in a protected field that others may see are asked about in a wave of their own',
    graph,
    query: '{ person(id: "ada") { neighbours { vector household { ssn } } } }',
    data: {
      person: {
        neighbours: [
          { vector: null, household: [{ ssn: canary('ada', 'ssn') }] },
          { vector: null, household: [{ ssn: canary('ada', 'ssn') }, { ssn: null }, { ssn: null }] },
        ],
      },
    },
    withheld: [
      'Person.vector at person.neighbours.0.vector: REFUSED profiling',
      'Person.vector at person.neighbours.1.vector: WITHDRAWN profiling',
      'Person.ssn at person.neighbours.1.household.1.ssn: REFUSED identity_strong',
      'Person.ssn at person.neighbours.1.household.2.ssn: EXPIRED identity_strong',
    ],
    sent: [
      'people: person{id}',
      'people: _entities(Person ada){id neighbours{id household{id}}}',
      'people: _entities(Person ada){id ssn}',
    ],
    asked: [['ada'], ['bo', 'cyd']],
  },
  {
    title: 'a shop is nobody; its owner is somebody',
    graph,
    query: '{ shops { sku owner { name email } } }',
    data: {
      shops: [
        { sku: 's1', owner: { name: 'Bo', email: null } },
        { sku: 's2', owner: { name: 'Ada', email: canary('ada', 'email') } },
      ],
    },
    withheld: ['Person.email at shops.0.owner.email: REFUSED contact'],
    sent: ['people: shops{sku owner{name id}}', 'people: _entities(Person ada){id email}'],
    asked: [['bo', 'ada']],
  },
  {
    title: 'people in lists of lists are people',
    graph,
    query: '{ rounds { name email } }',
    data: {
      rounds: [
        [
          { name: 'Ada', email: canary('ada', 'email') },
          { name: 'Bo', email: null },
        ],
        [{ name: 'Cyd', email: canary('cyd', 'email') }],
        [],
      ],
    },
    withheld: ['Person.email at rounds.0.1.email: REFUSED contact'],
    sent: ['people: rounds{name id}', 'people: _entities(Person ada, cyd){id email}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    scenario: 'A16',
    title: 'a mutation answers with people, and each of them is asked',
    graph,
    query: 'mutation { rename(id: "bo", name: "Beau") { name email household { email } } }',
    data: { rename: { name: 'Beau', email: null, household: [{ email: canary('ada', 'email') }] } },
    withheld: ['Person.email at rename.email: REFUSED contact'],
    sent: ['people: mutation rename{name household{id} id}', 'people: _entities(Person ada){id email}'],
    asked: [['ada', 'bo']],
  },
  {
    title: 'a person inside what a mutation answers with is asked',
    graph,
    query: 'mutation { invite(id: "ada") { note guest { name ssn bestFriend { ssn } } } }',
    data: {
      invite: {
        note: 'sent',
        guest: { name: 'Ada', ssn: canary('ada', 'ssn'), bestFriend: { ssn: null } },
      },
    },
    withheld: ['Person.ssn at invite.guest.bestFriend.ssn: REFUSED identity_strong'],
    sent: [
      'people: mutation invite{note guest{name bestFriend{id} id}}',
      'people: _entities(Person ada){id ssn}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    title: 'a mutation without the caller’s scope does what it does and shows nothing of it',
    graph,
    scopes: [],
    query: 'mutation { rename(id: "ada", name: "Adah") { name email } }',
    data: { rename: { name: 'Adah', email: null } },
    withheld: ['Person.email at rename.email: CALLER_SCOPE contact'],
    sent: ['people: mutation rename{name}'],
    asked: [],
  },
  {
    title: 'what follows one mutation is fetched before the next one runs',
    graph,
    query: `mutation {
      first: rename(id: "ada", name: "Adah") { email }
      second: rename(id: "cyd", name: "Cydney") { name email }
    }`,
    data: {
      first: { email: canary('ada', 'email') },
      second: { name: 'Cydney', email: canary('cyd', 'email') },
    },
    sent: [
      'people: mutation first:rename{id}',
      'people: _entities(Person ada){id email}',
      'people: mutation second:rename{name id}',
      'people: _entities(Person cyd){id email}',
    ],
    asked: [['ada'], ['cyd']],
  },
]
