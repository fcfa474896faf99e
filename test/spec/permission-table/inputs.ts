import { canary, peopleGraph as graph } from '../../support/people-graph.ts'
import { chain, kin, readObject } from './entity-graphs.ts'
import type { Row } from './row.ts'

const churn = (person: string): string => `${canary(person, 'churn')} from ${canary(person, 'email')}`

const kinOf = () => ['ada', 'bo', 'cyd'].map((one) => ({ churn: one === 'bo' ? null : churn(one) }))

export const inputRows: readonly Row[] = [
  {
    scenario: 'A3',
    title: 'what a dependent field reads is fetched only for people who gave both',
    graph,
    query: '{ people(ids: ["ada", "bo", "cyd"]) { name churn } }',
    data: {
      people: [
        { name: 'Ada', churn: churn('ada') },
        { name: 'Bo', churn: null },
        { name: 'Cyd', churn: null },
      ],
    },
    withheld: [
      'Person.churn at people.1.churn: REFUSED contact, profiling',
      'Person.churn at people.2.churn: WITHDRAWN profiling',
    ],
    sent: [
      'people: people{name id}',
      'people: _entities(Person ada){id email}',
      'insights: _entities(Person ada +email){id churn}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'an input that is shown goes no further where the dependent field is withheld',
    graph,
    query: '{ person(id: "cyd") { email churn score } }',
    data: { person: { email: canary('cyd', 'email'), churn: null, score: 3 } },
    withheld: ['Person.churn at person.churn: WITHDRAWN profiling'],
    sent: [
      'people: person{id}',
      'people: _entities(Person cyd){id email}',
      'insights: _entities(Person cyd){id score}',
    ],
    asked: [['cyd']],
  },
  {
    scenario: 'A3',
    title: 'a chain of inputs is followed only for people who gave all of it',
    graph: chain,
    query: '{ crowd { offer } }',
    data: {
      crowd: [
        {
          offer: `${canary('ada', 'offer')} from ${canary('ada', 'churn')} from ${canary('ada', 'email')}`,
        },
        { offer: null },
        { offer: null },
      ],
    },
    withheld: [
      'Person.offer at crowd.1.offer: REFUSED contact, profiling',
      'Person.offer at crowd.2.offer: NOT_GIVEN profiling',
    ],
    sent: [
      'people: crowd{id}',
      'people: _entities(Person ada){id email}',
      'middle: _entities(Person ada +email){id churn open} + _entities(Person bo, cyd){id open}',
      'last: _entities(Person ada +churn +open){id offer}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'an open field that reads an open field asks nobody, beside one that reads a protected field',
    graph: chain,
    query: '{ crowd { churn slogan } }',
    data: {
      crowd: [
        { churn: churn('ada'), slogan: 'slogan from open' },
        { churn: null, slogan: 'slogan from open' },
        { churn: churn('cyd'), slogan: 'slogan from open' },
      ],
    },
    withheld: ['Person.churn at crowd.1.churn: REFUSED contact'],
    sent: [
      'people: crowd{id}',
      'people: _entities(Person ada, cyd){id email}',
      'middle: _entities(Person ada +email, cyd +email){id churn open} + _entities(Person bo){id open}',
      'last: _entities(Person ada +open, bo +open, cyd +open){id slogan}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'a caller who may have the result’s scope but not the input’s gets neither',
    graph: chain,
    scopes: ['profiling'],
    query: '{ crowd { offer slogan } }',
    data: {
      crowd: Array.from({ length: 3 }, () => ({ offer: null, slogan: 'slogan from open' })),
    },
    withheld: ['Person.offer at crowd.0.offer crowd.1.offer crowd.2.offer: CALLER_SCOPE contact'],
    sent: [
      'people: crowd{id}',
      'middle: _entities(Person ada, bo, cyd){id open}',
      'last: _entities(Person ada +open, bo +open, cyd +open){id slogan}',
    ],
    asked: [],
  },
  {
    title: 'what a field reads of people behind people is fetched only for those who gave both',
    graph: kin,
    query: '{ one { kin { churn kin { churn } } } }',
    data: {
      one: {
        kin: ['ada', 'bo', 'cyd'].map((one) => ({ churn: one === 'bo' ? null : churn(one), kin: kinOf() })),
      },
    },
    withheld: [
      'Person.churn at one.kin.0.kin.1.churn one.kin.1.kin.1.churn one.kin.2.kin.1.churn: REFUSED contact',
      'Person.churn at one.kin.1.churn: REFUSED contact',
    ],
    sent: [
      'people: one{id}',
      'family: _entities(Person cyd){id kin{kin{id} id}}',
      'people: _entities(Person ada, cyd){id email}',
      'family: _entities(Person ada +email, cyd +email){id churn}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'what an interface object reads travels for those who gave it, and for nobody else',
    graph: readObject,
    query: '{ profiles { churn open } }',
    data: {
      profiles: [
        { churn: churn('ada'), open: 'open' },
        { churn: null, open: 'open' },
        { churn: churn('cyd'), open: 'open' },
      ],
    },
    withheld: ['Adult.churn at profiles.1.churn: REFUSED contact'],
    sent: [
      'profiles: profiles{... Adult{id _assent_Adult_id:id} ... Child{id _assent_Child_id:id}}',
      'profiles: _entities(Adult ada){id email} + _entities(Child cyd){id email}',
      'letters: _entities(Profile ada +email){id churn open} + _entities(Profile bo){id open} + _entities(Profile cyd +email){id churn open}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
]
