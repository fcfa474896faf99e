import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import type { Row } from './row.ts'

const POPULAR = 'popular with everybody'

export const anonymousRows: readonly Row[] = [
  {
    title: 'people without the grant are replaced by one representation of nobody',
    graph,
    query: '{ people(ids: ["bo", "ada", "cyd", "dee"]) { name hint } }',
    data: {
      people: [
        { name: 'Bo', hint: POPULAR },
        { name: 'Ada', hint: canary('ada', 'hint') },
        { name: 'Cyd', hint: POPULAR },
        { name: 'Dee', hint: POPULAR },
      ],
    },
    withheld: [
      'Person.hint at people.0.hint: REFUSED profiling, ANONYMOUS instead',
      'Person.hint at people.2.hint: WITHDRAWN profiling, ANONYMOUS instead',
      'Person.hint at people.3.hint: NOT_GIVEN profiling, ANONYMOUS instead',
    ],
    sent: [
      'people: people{name id}',
      'insights: _entities(Person ada){id hint} + _entities(Person anonymous){id hint}',
    ],
    asked: [['bo', 'ada', 'cyd', 'dee']],
  },
  {
    title: 'a caller without the scope gets the default for everybody, and nobody is asked',
    graph,
    scopes: [],
    query: '{ people(ids: ["ada", "bo"]) { hint } }',
    data: { people: [{ hint: POPULAR }, { hint: POPULAR }] },
    withheld: ['Person.hint at people.0.hint people.1.hint: CALLER_SCOPE profiling, ANONYMOUS instead'],
    sent: ['people: people{id}', 'insights: _entities(Person anonymous){id hint}'],
    asked: [],
  },
  {
    title: 'the default replaces what has one; the rest of the person is null',
    graph,
    query: '{ person(id: "bo") { hint vector score } }',
    data: { person: { hint: POPULAR, vector: null, score: 2 } },
    withheld: [
      'Person.hint at person.hint: REFUSED profiling, ANONYMOUS instead',
      'Person.vector at person.vector: REFUSED profiling',
    ],
    sent: [
      'people: person{id}',
      'insights: _entities(Person bo){id score} + _entities(Person anonymous){id hint}',
    ],
    asked: [['bo']],
  },
  {
    title: 'a contract that rejects does not take the default either',
    graph,
    contract: { onWithheld: 'reject' },
    query: '{ person(id: "bo") { hint } }',
    data: null,
    errors: ['WITHHELD_REJECTED '],
    sent: ['people: person{id}', 'insights: _entities(Person anonymous){id hint}'],
    asked: [['bo']],
  },
  {
    title: 'a contract that wants errors gets the default without an error',
    graph,
    contract: { report: 'errors' },
    query: '{ person(id: "bo") { hint } }',
    data: { person: { hint: POPULAR } },
    sent: ['people: person{id}', 'insights: _entities(Person anonymous){id hint}'],
    asked: [['bo']],
  },
  {
    title: 'suppressed, erased and unknown people are replaced alike',
    graph,
    consents: { ada: 'SUPPRESSED', bo: 'ERASED' },
    query: '{ people(ids: ["ada", "bo", "dee"]) { hint } }',
    data: { people: [{ hint: POPULAR }, { hint: POPULAR }, { hint: POPULAR }] },
    withheld: [
      'Person.hint at people.0.hint: SUPPRESSED profiling, ANONYMOUS instead',
      'Person.hint at people.1.hint: ERASED profiling, ANONYMOUS instead',
      'Person.hint at people.2.hint: NOT_GIVEN profiling, ANONYMOUS instead',
    ],
    sent: ['people: people{id}', 'insights: _entities(Person anonymous){id hint}'],
    asked: [['ada', 'bo', 'dee']],
  },
]
