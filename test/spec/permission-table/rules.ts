import { canary } from '../../support/people-graph.ts'
import { alternatives, ruledTypes, ruleOnInterface, sharedField, spellings } from './rule-graphs.ts'
import type { Row } from './row.ts'

export const ruleRows: readonly Row[] = [
  {
    scenario: 'A4',
    title: 'a rule is a rule in whatever way the subgraph spells it',
    graph: spellings,
    query: '{ crowd { one two three } }',
    data: {
      crowd: [
        { one: canary('ada', 'one'), two: canary('ada', 'two'), three: canary('ada', 'three') },
        { one: null, two: null, three: null },
        { one: canary('cyd', 'one'), two: canary('cyd', 'two'), three: canary('cyd', 'three') },
      ],
    },
    withheld: [
      'Person.one at crowd.1.one: REFUSED contact',
      'Person.two at crowd.1.two: REFUSED contact',
      'Person.three at crowd.1.three: REFUSED contact',
    ],
    sent: [
      'plain: crowd{id}',
      'plain: _entities(Person ada, cyd){id one}',
      'namespaced: _entities(Person ada, cyd){id three}',
      'renamed: _entities(Person ada, cyd){id two}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    scenario: 'A14',
    title: 'a rule on a scalar protects every field that returns it, in lists of lists, too',
    graph: ruledTypes,
    query: '{ crowd { name ssn oldSsns } }',
    data: {
      crowd: [
        {
          name: 'name of ada',
          ssn: canary('ada', 'ssn'),
          oldSsns: [[canary('ada', 'ssn1')], [canary('ada', 'ssn2')]],
        },
        { name: 'name of bo', ssn: null, oldSsns: null },
        { name: 'name of cyd', ssn: null, oldSsns: null },
      ],
    },
    withheld: [
      'Person.ssn at crowd.1.ssn: REFUSED identity_strong',
      'Person.oldSsns at crowd.1.oldSsns: REFUSED identity_strong',
      'Person.ssn at crowd.2.ssn: NOT_GIVEN identity_strong',
      'Person.oldSsns at crowd.2.oldSsns: NOT_GIVEN identity_strong',
    ],
    sent: ['ruled: crowd{name id}', 'ruled: _entities(Person ada){id ssn oldSsns}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    scenario: 'A14',
    title: 'a rule on an enum protects every field that returns it',
    graph: ruledTypes,
    query: '{ crowd { tier } }',
    data: { crowd: [{ tier: 'GOLD' }, { tier: null }, { tier: null }] },
    withheld: [
      'Person.tier at crowd.1.tier: REFUSED profiling',
      'Person.tier at crowd.2.tier: NOT_GIVEN profiling',
    ],
    sent: ['ruled: crowd{id}', 'ruled: _entities(Person ada){id tier}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'a rule on a value type protects the field that leads to it',
    graph: ruledTypes,
    query: '{ crowd { health { blood } } }',
    data: { crowd: [{ health: { blood: canary('ada', 'blood') } }, { health: null }, { health: null }] },
    withheld: [
      'Person.health at crowd.1.health: REFUSED identity_strong',
      'Person.health at crowd.2.health: NOT_GIVEN identity_strong',
    ],
    sent: ['ruled: crowd{id}', 'ruled: _entities(Person ada){id health{blood}}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'a rule on a person’s whole type protects every field but the key',
    graph: ruledTypes,
    query: '{ accounts { id balance owner { name ssn } } }',
    data: {
      accounts: [
        {
          id: 'ada',
          balance: canary('ada', 'balance'),
          owner: { name: 'name of ada', ssn: canary('ada', 'ssn') },
        },
        { id: 'bo', balance: null, owner: null },
        { id: 'cyd', balance: canary('cyd', 'balance'), owner: { name: 'name of cyd', ssn: null } },
      ],
    },
    withheld: [
      'Account.balance at accounts.1.balance: REFUSED contact',
      'Account.owner at accounts.1.owner: REFUSED contact',
      'Person.ssn at accounts.2.owner.ssn: NOT_GIVEN identity_strong',
    ],
    sent: [
      'ruled: accounts{id}',
      'ruled: _entities(Account ada, cyd){id balance owner{name id}}',
      'ruled: _entities(Person ada){id ssn}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'two subgraphs with a rule each on one field must both be satisfied',
    graph: sharedField,
    query: '{ crowd { email } }',
    data: { crowd: [{ email: canary('ada', 'email') }, { email: null }, { email: null }] },
    withheld: [
      'Person.email at crowd.1.email: REFUSED contact',
      'Person.email at crowd.2.email: NOT_GIVEN profiling',
    ],
    sent: ['first: crowd{id}', 'first: _entities(Person ada){id email}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'a caller with one of the two scopes of a shared field asks nobody',
    graph: sharedField,
    scopes: ['contact'],
    query: '{ crowd { email plain } }',
    data: {
      crowd: [
        { email: null, plain: 'plain' },
        { email: null, plain: 'plain' },
        { email: null, plain: 'plain' },
      ],
    },
    withheld: ['Person.email at crowd.0.email crowd.1.email crowd.2.email: CALLER_SCOPE profiling'],
    sent: ['first: crowd{id}', 'second: _entities(Person ada, bo, cyd){id plain}'],
    asked: [],
  },
  {
    title: 'of alternatives one must be granted whole',
    graph: alternatives,
    consents: {
      ada: { contact: 'given', profiling: 'given' },
      bo: { identity_strong: 'given' },
      cyd: { contact: 'given' },
    },
    query: '{ crowd { either } }',
    data: {
      crowd: [{ either: canary('ada', 'either') }, { either: canary('bo', 'either') }, { either: null }],
    },
    withheld: ['Person.either at crowd.2.either: NOT_GIVEN profiling'],
    sent: ['only: crowd{id}', 'only: _entities(Person ada){id either} + _entities(Person bo){id either}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'a half of each alternative is none of them',
    graph: alternatives,
    consents: {
      ada: { profiling: 'given' },
      bo: {},
      cyd: { contact: 'given', identity_strong: 'withdrawn' },
    },
    query: '{ crowd { either } }',
    data: { crowd: [{ either: null }, { either: null }, { either: null }] },
    withheld: [
      'Person.either at crowd.0.either: NOT_GIVEN contact',
      'Person.either at crowd.1.either: NOT_GIVEN identity_strong',
      'Person.either at crowd.2.either: NOT_GIVEN profiling',
    ],
    sent: ['only: crowd{id}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'a rule written twice on one field asks for both',
    graph: alternatives,
    query: '{ crowd { both any } }',
    data: {
      crowd: [
        { both: canary('ada', 'both'), any: canary('ada', 'any') },
        { both: null, any: null },
        { both: null, any: canary('cyd', 'any') },
      ],
    },
    withheld: [
      'Person.both at crowd.1.both: REFUSED contact',
      'Person.any at crowd.1.any: REFUSED contact',
      'Person.both at crowd.2.both: NOT_GIVEN profiling',
    ],
    sent: ['only: crowd{id}', 'only: _entities(Person ada){id both any} + _entities(Person cyd){id any}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    scenario: 'A2',
    title: 'a rule on the interface alone binds the people behind it, through the object, too',
    graph: ruleOnInterface,
    query: '{ crowd { email } contacts { ... on Person { email } ... on Company { email } } }',
    data: {
      crowd: [{ email: canary('ada', 'email') }, { email: null }, { email: canary('cyd', 'email') }],
      contacts: [
        { email: canary('ada', 'email') },
        { email: null },
        { email: canary('cyd', 'email') },
        { email: 'office@acme.example' },
      ],
    },
    withheld: [
      'Person.email at crowd.1.email: REFUSED contact',
      'Person.email at contacts.1.email: REFUSED contact',
    ],
    sent: [
      'only: crowd{id} + contacts{... Person{_assent_Person_id:id} ... Company{email}}',
      'only: _entities(Person ada, cyd){id email} + _entities(Person ada, cyd){id email}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
]
