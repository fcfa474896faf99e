import { describe, expect, test } from 'vitest'
import { AssentError } from '../../gateway/errors.ts'
import type { ConsentSource, ConsentState } from '../../gateway/ports.ts'
import { createConsentSubgraph } from '../../gateway/adapters/consent-subgraph.ts'
import { canariesIn, leaked } from '../support/canaries.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, NOW, statesOf } from '../support/world.ts'

const QUERY = '{ people(ids: ["ada", "bo", "cyd"]) { name email score } }'
const UNAVAILABLE = {
  people: [
    { name: 'Ada', email: null, score: 3 },
    { name: 'Bo', email: null, score: 2 },
    { name: 'Cyd', email: null, score: 3 },
  ],
}

type Load = ConsentSource['load']
const ask = (load: Load, query = QUERY) => createWorld({ ...peopleGraph, consent: { load } }).ask(query)
const said = (subjects: readonly string[]) => statesOf(peopleGraph.consents, subjects)

describe('consent that cannot be established is no consent', () => {
  const loads: Readonly<Record<string, Load>> = {
    'is down': () => Promise.reject(new AssentError('CONSENT_UNAVAILABLE', 'consent')),
    'fails in a way nobody knows': () => Promise.reject(new TypeError('ada said yes')),
    'fails at once': () => {
      throw new Error('ada said yes')
    },
    'answers nothing': async () => new Map(),
    'answers about others': async () => said(['dee', 'eve']),
    'answers null': async () => null as never,
    'answers a list': async () => [{ subject: 'ada', scopes: ['contact'] }] as never,
  }
  for (const [title, load] of Object.entries(loads))
    test(`a consent service that ${title}: what is open is served`, async () => {
      const asked = await ask(load)
      expect(asked.data).toEqual(UNAVAILABLE)
      expect(asked.withheld).toEqual(['Person.email people.@.email CONSENT_UNAVAILABLE 3'])
      expect(asked.errors).toBeUndefined()
      expect(sentLines(asked.sent)).toEqual([
        'people: people{name id}',
        'insights: _entities(Person ada, bo, cyd){id score}',
      ])
      expect(leaked(asked, [])).toEqual([])
    })

  test('one that answers for fewer people than asked is believed about those', async () => {
    const asked = await ask(async (subjects) => {
      const states = said(subjects)
      states.delete('ada')
      return states
    })
    expect(asked.data).toEqual({
      people: [
        { name: 'Ada', email: null, score: 3 },
        { name: 'Bo', email: null, score: 2 },
        { name: 'Cyd', email: canary('cyd', 'email'), score: 3 },
      ],
    })
    expect(asked.withheld).toEqual([
      'Person.email people.@.email CONSENT_UNAVAILABLE 1',
      'Person.email people.@.email REFUSED 1',
    ])
    expect(leaked(asked, ['cyd:email'])).toEqual([])
  })

  test('one person’s answer is not another’s', async () => {
    const asked = await ask(async (subjects) => {
      const [ada] = said(['ada']).values()
      return new Map(subjects.map((subject) => [subject, ada as ConsentState]))
    })
    expect(canariesIn(asked.data)).toEqual(['ada:email'])
    expect(leaked(asked, ['ada:email'])).toEqual([])
  })

  test('a default for nobody does not need to know', async () => {
    const asked = await ask(
      () => Promise.reject(new AssentError('CONSENT_UNAVAILABLE', 'consent')),
      '{ people(ids: ["ada", "bo"]) { hint } }',
    )
    expect(asked.data).toEqual({
      people: [{ hint: 'popular with everybody' }, { hint: 'popular with everybody' }],
    })
    expect(sentLines(asked.sent)).toEqual([
      'people: people{id}',
      'insights: _entities(Person anonymous){id hint}',
    ])
  })

  test('what is not asked about is not missed', async () => {
    const asked = await ask(
      () => Promise.reject(new AssentError('CONSENT_UNAVAILABLE', 'consent')),
      '{ person(id: "ada") { name score } }',
    )
    expect(asked.data).toEqual({ person: { name: 'Ada', score: 3 } })
    expect(asked.consentCalls).toEqual([])
  })
})

describe('a state that makes no sense grants nothing', () => {
  const states: Readonly<Record<string, unknown>> = {
    'without a receipt': { status: 'given', receipt: null, expiresAt: null },
    'with an empty status': { status: '', receipt: 'receipt-1', expiresAt: null },
    'with a status nobody knows': { status: 'GIVEN', receipt: 'receipt-1', expiresAt: null },
    'with a status every object inherits': { status: 'constructor', receipt: 'receipt-1', expiresAt: null },
    'that has run out to the millisecond': { status: 'given', receipt: 'receipt-1', expiresAt: NOW },
    'that has run out long ago': { status: 'renewed', receipt: 'receipt-1', expiresAt: 0 },
  }
  for (const [title, state] of Object.entries(states))
    test(title, async () => {
      const scopes = new Map([['contact', state]])
      const asked = await ask(
        async (subjects) =>
          new Map(subjects.map((subject) => [subject, { subject, revision: '1', scopes } as ConsentState])),
      )
      expect(asked.data).toEqual(UNAVAILABLE)
      expect(leaked(asked, [])).toEqual([])
    })

  test('one millisecond before it runs out it still grants', async () => {
    const state = { status: 'given', receipt: 'receipt-1', expiresAt: NOW + 1 } as const
    const scopes = new Map([['contact', state]])
    const asked = await ask(
      async (subjects) => new Map(subjects.map((subject) => [subject, { subject, revision: '1', scopes }])),
      '{ person(id: "bo") { email } }',
    )
    expect(asked.data).toEqual({ person: { email: canary('bo', 'email') } })
  })
})

describe('the consent service behind the gateway', () => {
  const behind = (answer: () => Promise<unknown>) =>
    createConsentSubgraph({
      subgraph: 'consent',
      timeoutMs: 5,
      clock: () => NOW,
      subgraphs: { send: async () => ({ data: await answer(), errors: [] }) },
    }).load

  const answers: Readonly<Record<string, () => Promise<unknown>>> = {
    'never answers': () => new Promise(() => undefined),
    'answers garbage': async () => ({ consentStates: 'ada said yes' }),
    'answers in words of its own': async () => ({
      consentStates: ['ada', 'bo', 'cyd'].map((subject) => ({
        subject,
        revision: '1',
        blocked: null,
        scopes: [{ scope: 'contact', status: 'YES', receipt: 'r', expiresAt: null }],
      })),
    }),
    'contradicts itself': async () => ({
      consentStates: ['ada', 'ada', 'bo', 'bo', 'cyd', 'cyd'].map((subject) => ({
        subject,
        revision: '1',
        blocked: null,
        scopes: [],
      })),
    }),
  }
  for (const [title, answer] of Object.entries(answers))
    test(`${title}: everything protected is withheld, the rest is served`, async () => {
      const asked = await ask(behind(answer))
      expect(asked.data).toEqual(UNAVAILABLE)
      expect(asked.withheld).toEqual(['Person.email people.@.email CONSENT_UNAVAILABLE 3'])
      expect(leaked(asked, [])).toEqual([])
    })
})
