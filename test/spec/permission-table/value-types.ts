import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import type { Row } from './row.ts'

export const valueTypeRows: readonly Row[] = [
  {
    title: 'a protected leaf of a value moves with the value, and the value’s open leaves stay',
    graph,
    query: '{ people(ids: ["ada", "bo"]) { name address { city street } } }',
    data: {
      people: [
        { name: 'Ada', address: { city: 'city of ada', street: canary('ada', 'street') } },
        { name: 'Bo', address: { city: 'city of bo', street: null } },
      ],
    },
    withheld: ['Address.street at people.1.address.street: REFUSED contact'],
    sent: [
      'people: people{name id}',
      'people: _entities(Person ada){id address{city street}} + _entities(Person bo){id address{city}}',
    ],
    asked: [['ada', 'bo']],
  },
  {
    title: 'a value of which everything is withheld is still a value',
    graph,
    query: '{ person(id: "bo") { address { street } } }',
    data: { person: { address: { street: null } } },
    withheld: ['Address.street at person.address.street: REFUSED contact'],
    sent: ['people: person{id}', 'people: _entities(Person bo){id address{__typename}}'],
    asked: [['bo']],
  },
  {
    title: 'a value nobody protects is asked for where it stands',
    graph,
    query: '{ person(id: "bo") { address { city } } }',
    data: { person: { address: { city: 'city of bo' } } },
    sent: ['people: person{address{city}}'],
    asked: [],
  },
  {
    title: 'a rule on an interface of values binds every type behind it',
    graph,
    query: '{ people(ids: ["ada", "bo"]) { channels { value verified } } }',
    data: {
      people: [
        {
          channels: [
            { value: canary('ada', 'mailbox'), verified: true },
            { value: 'https://ada.example', verified: false },
          ],
        },
        {
          channels: [
            { value: null, verified: true },
            { value: null, verified: false },
          ],
        },
      ],
    },
    withheld: [
      'Mailbox.value at people.1.channels.0.value: REFUSED contact',
      'Website.value at people.1.channels.1.value: REFUSED contact',
    ],
    sent: [
      'people: people{id}',
      'people: _entities(Person ada){id channels{... Mailbox{value verified} ... Website{value verified}}} + _entities(Person bo){id channels{... Mailbox{verified} ... Website{verified}}}',
    ],
    asked: [['ada', 'bo']],
  },
  {
    title: 'a person inside a value of a person is asked for their own',
    graph,
    query: '{ people(ids: ["ada", "bo"]) { address { street landlord { name email address { street } } } } }',
    data: {
      people: [
        {
          address: {
            street: canary('ada', 'street'),
            landlord: { name: 'Bo', email: null, address: { street: null } },
          },
        },
        {
          address: {
            street: null,
            landlord: {
              name: 'Ada',
              email: canary('ada', 'email'),
              address: { street: canary('ada', 'street') },
            },
          },
        },
      ],
    },
    withheld: [
      'Person.email at people.0.address.landlord.email: REFUSED contact',
      'Address.street at people.0.address.landlord.address.street: REFUSED contact',
      'Address.street at people.1.address.street: REFUSED contact',
    ],
    sent: [
      'people: people{id}',
      'people: _entities(Person ada){id address{street landlord{name id}}} + _entities(Person bo){id address{landlord{name id}}}',
      'people: _entities(Person bo){id address{__typename}} + _entities(Person ada){id email address{street}}',
    ],
    asked: [['ada', 'bo']],
  },
  {
    title: 'a person behind a value that is open needs no second look at the value',
    graph,
    query: '{ person(id: "bo") { address { city landlord { email } } } }',
    data: { person: { address: { city: 'city of bo', landlord: { email: canary('ada', 'email') } } } },
    sent: ['people: person{address{city landlord{id}}}', 'people: _entities(Person ada){id email}'],
    asked: [['ada']],
  },
  {
    title: 'a list of values is read once, also where part of it is asked under a condition',
    graph,
    query: `query ($on: Boolean!) {
      person(id: "ada") { channels { verified } ... @include(if: $on) { channels { value } } }
    }`,
    variables: { on: true },
    data: {
      person: {
        channels: [
          { verified: true, value: canary('ada', 'mailbox') },
          { verified: false, value: 'https://ada.example' },
        ],
      },
    },
    sent: [
      'people: person{id}',
      'people: _entities(Person ada){id channels{... Mailbox{verified value} ... Website{verified value}}}',
    ],
    asked: [['ada']],
  },
  {
    title: 'two pieces of one list of values are one list',
    graph,
    query:
      '{ person(id: "ada") { channels { verified } channels { value } address { city } address { street } } }',
    data: {
      person: {
        channels: [
          { verified: true, value: canary('ada', 'mailbox') },
          { verified: false, value: 'https://ada.example' },
        ],
        address: { city: 'city of ada', street: canary('ada', 'street') },
      },
    },
    sent: [
      'people: person{id}',
      'people: _entities(Person ada){id channels{... Mailbox{verified value} ... Website{verified value}} address{city street}}',
    ],
    asked: [['ada']],
  },
  {
    title: 'aliases inside a list of values are decided type by type',
    graph,
    query: '{ person(id: "bo") { channels { v: value ... on Mailbox { w: value verified } } } }',
    data: { person: { channels: [{ v: null, w: null, verified: true }, { v: null }] } },
    withheld: [
      'Mailbox.value at person.channels.0.v: REFUSED contact',
      'Mailbox.value at person.channels.0.w: REFUSED contact',
      'Website.value at person.channels.1.v: REFUSED contact',
    ],
    sent: [
      'people: person{id}',
      'people: _entities(Person bo){id channels{... Mailbox{verified} ... Website{__typename}}}',
    ],
    asked: [['bo']],
  },
  {
    title: 'a protected leaf of a value that is switched off asks nobody',
    graph,
    query: 'query ($on: Boolean!) { person(id: "ada") { channels { verified value @include(if: $on) } } }',
    variables: { on: false },
    data: { person: { channels: [{ verified: true }, { verified: false }] } },
    sent: ['people: person{channels{verified}}'],
    asked: [],
  },
]
