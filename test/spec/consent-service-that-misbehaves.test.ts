import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type LeasedGateway, openLeasedGateway } from '../support/leased-gateway.ts'
import { type MadeUpConsentService, openMadeUpConsentService } from '../support/made-up-consent-service.ts'
import { canary } from '../support/people-graph.ts'

/** A consent service that speaks the protocol, and says things that make no sense: only what is understood to the letter counts. */

let service: MadeUpConsentService
let gateway: LeasedGateway
let round = 0
beforeAll(async () => {
  service = await openMadeUpConsentService()
  gateway = await openLeasedGateway(service.port, { consentTimeoutMs: '300' })
})
afterAll(async () => {
  await gateway.close()
  await service.close()
})
beforeEach(() => {
  round += 1
  service.questions.length = 0
  gateway.carried.length = 0
})
afterEach(() => {
  service.decide = () => undefined
})

/** People nobody has been asked about: what is known once is kept under the lease. */
const ada = (): string => `ada-${round}`
const bo = (): string => `bo-${round}`
const cyd = (): string => `cyd-${round}`

const given = (subject: string): unknown[] => [
  subject,
  '1',
  null,
  [['crm_contact', 'given', 'receipt-1', null]],
]
const answering = (...states: unknown[]) => ({ revision: '1', now: Date.now(), states })

/** Whose e-mail was asked for, and whose was shown. */
const emailsOf = async (...ids: string[]) => {
  const { data, errors, withheld } = await gateway.ask('id email', ids)
  expect(errors).toEqual([])
  expect(data?.people.map(({ id }) => id)).toEqual(ids)
  const shown = data?.people.flatMap(({ id, email }) => (email === null ? [] : [id]))
  for (const person of data?.people ?? [])
    if (person['email'] !== null) expect(person['email']).toBe(canary(String(person['id']), 'email'))
  return { shown, asked: gateway.carried.map(({ person }) => person), withheld }
}

describe('A batch answer', () => {
  test.each<[string, () => unknown[], () => string[]]>([
    ['with somebody missing', () => [given(bo())], () => [bo()]],
    ['with somebody in it who was not asked about', () => [given(ada()), given('dee')], () => [ada()]],
    [
      'with somebody twice, and different',
      () => [given(ada()), [ada(), '1', null, []], given(bo())],
      () => [bo()],
    ],
    ['with somebody twice, and the same', () => [given(ada()), given(ada()), given(bo())], () => [bo()]],
    ['in another order', () => [[cyd(), '1', null, []], given(bo()), [ada(), '1', null, []]], () => [bo()]],
    ['with an error in one place', () => [{ error: 'no' }, given(bo()), null], () => [bo()]],
  ])('%s counts by id, for those alone whom it names once', async (_what, states, granted) => {
    service.decide = () => answering(...states())
    const { shown, asked } = await emailsOf(ada(), bo(), cyd())
    expect(shown).toEqual(granted())
    expect(asked).toEqual(granted())
    expect(service.questions.map((subjects) => subjects.toSorted())).toEqual([
      [ada(), bo(), cyd()].toSorted(),
    ])
  })
})

describe('What is no well-formed yes is none:', () => {
  const scope = (...said: unknown[]): unknown[] => [ada(), '1', null, [said]]
  test.each<[string, () => unknown]>([
    ['true in words', () => scope('crm_contact', 'true', 'receipt-1', null)],
    ['true', () => scope('crm_contact', true, 'receipt-1', null)],
    ['one', () => scope('crm_contact', 1, 'receipt-1', null)],
    ['null', () => scope('crm_contact', null, 'receipt-1', null)],
    ['a yes in a list', () => scope('crm_contact', ['given'], 'receipt-1', null)],
    ['what every object inherits', () => scope('crm_contact', '__proto__', 'receipt-1', null)],
    ['a scope that every object inherits', () => scope('__proto__', 'given', 'receipt-1', null)],
    ['a yes in capitals', () => scope('crm_contact', 'GIVEN', 'receipt-1', null)],
    ['a yes without a receipt', () => scope('crm_contact', 'given', null, null)],
    ['a yes whose receipt is a number', () => scope('crm_contact', 'given', 7, null)],
    ['a yes that runs out in words', () => scope('crm_contact', 'given', 'receipt-1', 'never')],
    ['a yes that has run out', () => scope('crm_contact', 'given', 'receipt-1', Date.now())],
    ['a yes of somebody blocked', () => [ada(), '1', 'suppressed', [['crm_contact', 'given', 'r', null]]]],
    [
      'a yes of somebody blocked in a way nobody knows',
      () => [ada(), '1', true, [['crm_contact', 'given', 'r', null]]],
    ],
    ['a yes without a revision', () => [ada(), null, null, [['crm_contact', 'given', 'r', null]]]],
    ['scopes as an object', () => [ada(), '1', null, { crm_contact: 'given' }]],
    ['a state as an object', () => ({ subject: ada(), scopes: ['crm_contact'] })],
    ['somebody else whose id begins the same', () => given(ada().slice(0, -1))],
  ])('%s', async (_what, state) => {
    service.decide = () => answering(state())
    expect(await emailsOf(ada())).toMatchObject({ shown: [], asked: [] })
  })

  test.each<[string, () => unknown]>([
    ['no states', () => ({ revision: '1', now: Date.now() })],
    ['states that are no list', () => ({ revision: '1', now: Date.now(), states: { [ada()]: 'given' } })],
    ['no revision', () => ({ now: Date.now(), states: [given(ada())] })],
    ['a revision that is a number', () => ({ revision: 1, now: Date.now(), states: [given(ada())] })],
    ['a revision older than what is known', () => ({ ...answering(given(ada())), revision: '0' })],
    ['no time', () => ({ revision: '1', states: [given(ada())] })],
    ['null', () => null],
    ['true', () => true],
    ['a list', () => [given(ada())]],
  ])('an answer that is, or has, %s', async (_what, said) => {
    service.decide = said
    expect(await emailsOf(ada())).toEqual({
      shown: [],
      asked: [],
      withheld: ['Person.email CONSENT_UNAVAILABLE 1'],
    })
  })

  test('and what was said is said of the next who asks, when it makes sense', async () => {
    service.decide = () => answering(given(ada()))
    expect(await emailsOf(ada())).toEqual({ shown: [ada()], asked: [ada()], withheld: [] })
  })
})

describe('A consent service that is slow', () => {
  test('is waited for as long as the settings say, once for all who ask, and what it says then opens nothing', async () => {
    let say!: (said: unknown) => void
    const saying = new Promise((resolve) => {
      say = resolve
    })
    service.decide = () => saying
    const asking = Array.from({ length: 50 }, () => emailsOf(ada()))
    const begun = performance.now()
    for (const answer of await Promise.all(asking))
      expect(answer).toMatchObject({ shown: [], withheld: ['Person.email CONSENT_UNAVAILABLE 1'] })
    expect(performance.now() - begun).toBeLessThan(5_000)
    // Who comes while a question is under way joins it; a thread of questions does not pile up.
    expect(service.questions.length).toBeLessThan(10)
    say(answering(given(ada())))
    await saying
    // The late answers have had every chance to arrive when one that was asked for later has.
    service.decide = () => answering(given(bo()))
    expect(await emailsOf(bo())).toMatchObject({ shown: [bo()], asked: [bo()] })
    service.decide = () => answering(given(ada()))
    expect(await emailsOf(ada())).toMatchObject({ shown: [ada()] })
  })
})

describe('Somebody of whom nothing is known', () => {
  const unknown = (subject: string): unknown[] => [subject, '0', 'unknown_subject', []]
  const refusing = (subject: string): unknown[] => [
    subject,
    '1',
    null,
    [['crm_contact', 'refused', 'r', null]],
  ]

  test.each([
    ['who does not exist', () => `nobody-${round}`],
    ['whose id is of another kind', () => '4711'],
    ['whose id is empty', () => ''],
    ['whose id is the reserved one', () => 'anonymous'],
    ['whose id is very long', () => 'x'.repeat(5_000)],
    ['whose id looks like something else', () => "' or 1=1 --"],
  ])('%s is denied as somebody who refused', async (_who, id) => {
    service.decide = (subjects) => answering(...subjects.map(unknown))
    const nobody = await gateway.ask('id email', [id()])
    service.decide = (subjects) => answering(...subjects.map(refusing))
    const refused = await gateway.ask('id email', [ada()])
    expect(gateway.carried).toEqual([])
    expect([nobody.status, nobody.errors, nobody.data?.people[0]?.['email']]).toEqual([200, [], null])
    expect(nobody.data).toEqual({ people: [{ id: id(), email: null }] })
    expect(refused.data).toEqual({ people: [{ id: ada(), email: null }] })
    expect(nobody.withheld).toHaveLength(refused.withheld.length)
  })

  test('ten thousand of them are denied in one question', async () => {
    service.decide = (subjects) => answering(...subjects.map(unknown))
    const ids = Array.from({ length: 10_000 }, (_, index) => `n${round}-${index}`)
    const { data, errors, withheld } = await gateway.ask('email', ids)
    expect(errors).toEqual([])
    expect(data?.people).toHaveLength(10_000)
    expect(data?.people.some(({ email }) => email !== null)).toBe(false)
    expect(withheld).toEqual(['Person.email UNKNOWN_SUBJECT 10000'])
    expect(service.questions.map(({ length }) => length)).toEqual([10_000])
    expect(gateway.carried).toEqual([])
  })
})
