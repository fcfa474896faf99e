import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConsentProtocol } from '../../gateway/lease/consent-protocol.ts'
import { type ConsentNetwork, createConsentNetwork, LEASE_MS } from '../support/consent-network.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, type World, type WorldOptions } from '../support/world.ts'

let network: ConsentNetwork
beforeEach(() => {
  network = createConsentNetwork()
})
afterEach(() => network.close())

const EMAIL = '{ person(id: "ada") { name email } }'
const email = (value: string | null) => ({ person: { name: 'Ada', email: value } })

/** A gateway with a lease of its own. */
const gatewayOf = (options: Partial<WorldOptions> = {}, between: Partial<ConsentProtocol> = {}): World => {
  const consent = network.gateway(between)
  return createWorld({ ...peopleGraph, consents: {}, consent, ...options })
}

/** Something that waits until the test lets it go. */
const gate = () => {
  let arrived!: () => void
  let open!: () => void
  const isThere = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const isOpen = new Promise<void>((resolve) => {
    open = resolve
  })
  let times = 0
  return {
    isThere,
    open,
    /** The first who comes waits; those after do not. */
    pass: async (): Promise<void> => {
      if ((times += 1) > 1) return
      arrived()
      await isOpen
    },
  }
}

describe('A gateway with a lease', () => {
  test('asks once and relies on it, until somebody changes their mind', async () => {
    await network.give('ada', 'contact')
    const world = gatewayOf()
    const first = await world.ask(EMAIL)
    expect(first.data).toEqual(email(canary('ada', 'email')))
    expect(first.consentCalls).toEqual([['ada']])
    expect((await world.ask(EMAIL)).consentCalls).toEqual([])

    const revision = await network.withdraw('ada', 'contact')
    expect(await network.barrier.waitFor(revision, 1_000)).toMatchObject({
      effective: 'EFFECTIVE',
      pending: [],
    })
    const after = await world.ask(EMAIL)
    expect(after.data).toEqual(email(null))
    expect(after.withheld).toEqual(['Person.email person.email WITHDRAWN 1'])
    expect(sentLines(after.sent)).toEqual(['people: person{name id}'])
  })

  test('hears of one person and keeps what it knows of the others', async () => {
    await network.give('ada', 'contact')
    await network.give('bo', 'contact')
    const world = gatewayOf()
    await world.ask('{ people(ids: ["ada", "bo"]) { email } }')
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    const { data, consentCalls } = await world.ask('{ people(ids: ["ada", "bo"]) { email } }')
    expect(data).toEqual({ people: [{ email: null }, { email: canary('bo', 'email') }] })
    expect(consentCalls).toEqual([['ada']])
  })
})

describe('A withdrawal while a request is under way', () => {
  test('between the decision and the connection: nothing of that person is sent', async () => {
    await network.give('ada', 'contact')
    await network.give('bo', 'contact')
    const waiting = gate()
    const world = gatewayOf({
      connecting: ({ document }) => (document.includes('_entities') ? waiting.pass() : undefined),
    })
    const asking = world.ask('{ people(ids: ["ada", "bo"]) { email } }')
    await waiting.isThere
    const revision = await network.withdraw('ada', 'contact')
    expect(await network.barrier.waitFor(revision, 1_000)).toMatchObject({ effective: 'EFFECTIVE' })
    waiting.open()
    const { data, sent, withheld } = await asking
    expect(sentLines(sent)).toEqual(['people: people{id}', 'people: _entities(Person bo){id email}'])
    expect(data).toEqual({ people: [{ email: null }, { email: canary('bo', 'email') }] })
    expect(withheld).toEqual(['Person.email people.@.email WITHDRAWN 1'])
  })

  test('while the subgraph works: the value is withdrawn from the answer, and both decisions are on record', async () => {
    await network.give('ada', 'contact')
    const working = gate()
    const world = gatewayOf({
      answering: ({ document }) => (document.includes('_entities') ? working.pass() : undefined),
    })
    const asking = world.ask(EMAIL)
    await working.isThere
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    working.open()
    const { data, withheld, records } = await asking
    expect(data).toEqual(email(null))
    expect(withheld).toEqual(['Person.email person.email WITHDRAWN 1'])
    expect(records.map(({ granted, denied }) => [Object.keys(granted), denied])).toEqual([
      [['Person.email'], {}],
      [[], { 'Person.email': 'WITHDRAWN' }],
    ])
  })

  test('what was computed from what was withdrawn is withdrawn with it', async () => {
    await network.give('ada', 'contact', 'profiling')
    const working = gate()
    const world = gatewayOf({
      answering: ({ subgraph }) => (subgraph === 'insights' ? working.pass() : undefined),
    })
    const asking = world.ask('{ person(id: "ada") { churn } }')
    await working.isThere
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    working.open()
    const { data, withheld } = await asking
    expect(data).toEqual({ person: { churn: null } })
    expect(withheld).toEqual(['Person.churn person.churn WITHDRAWN 1'])
  })

  test('what was given while it was under way counts where nothing was decided yet', async () => {
    await network.withdraw('ada', 'contact')
    const working = gate()
    const world = gatewayOf({ answering: () => working.pass() })
    const asking = world.ask(EMAIL)
    await working.isThere
    await network.barrier.waitFor(await network.give('ada', 'contact'), 1_000)
    working.open()
    expect((await asking).data).toEqual(email(canary('ada', 'email')))
  })

  test('an answer that is written at this very moment does not leave', async () => {
    await network.give('ada', 'contact')
    const world = gatewayOf()
    const { mayLeave } = await world.ask(EMAIL)
    expect(mayLeave?.()).toBe(true)
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    expect(mayLeave?.()).toBe(false)
  })

  test('who knows of a withdrawal is not answered by a gateway that does not', async () => {
    await network.give('ada', 'contact')
    const hearing = gate()
    const world = gatewayOf()
    await world.ask(EMAIL)
    const revision = await network.withdraw('ada', 'contact')
    hearing.open()
    const { data } = await world.ask(EMAIL, { headers: { 'x-consent-revision': revision } })
    expect(data).toEqual(email(null))
    const unknown = await world.ask(EMAIL, { headers: { 'x-consent-revision': '999999' } })
    expect(unknown.withheld).toEqual(['Person.email person.email CONSENT_UNAVAILABLE 1'])
  })
})

describe('What the browser says', () => {
  test('is part of what is asked about a person, and of what is kept', async () => {
    await network.give('ada', 'contact')
    const contexts: unknown[] = []
    const service = network.protocol()
    const world = gatewayOf(
      {},
      {
        decide: (subjects, context) => {
          contexts.push(context)
          return service.decide(subjects, context)
        },
      },
    )
    for (const headers of [{}, { 'sec-gpc': '1' }, { 'sec-gpc': '0' }, { 'sec-gpc': '1' }])
      await world.ask(EMAIL, { headers })
    expect(contexts).toEqual([{}, { gpc: '1' }])
  })
})

describe('A gateway that does not hear', () => {
  /** Renewals come through until they are cut. */
  const cuttable = () => {
    const wire = { isCut: false, cut: (): void => undefined }
    const never = new Promise<never>(() => undefined)
    const cut = new Promise<never>((_, reject) => {
      wire.cut = () => {
        wire.isCut = true
        reject(new Error('cut'))
      }
    })
    cut.catch(() => undefined)
    return {
      wire,
      over: <Answer>(call: () => Promise<Answer>) => (wire.isCut ? never : Promise.race([call(), cut])),
    }
  }

  test('holds a withdrawal up until its lease has run out, and no longer', async () => {
    await network.give('ada', 'contact')
    const { wire, over } = cuttable()
    const world = gatewayOf({}, wired(over))
    expect((await world.ask(EMAIL)).data).toEqual(email(canary('ada', 'email')))
    wire.cut()
    const revision = await network.withdraw('ada', 'contact')
    expect(await network.barrier.effectOf(revision)).toMatchObject({ effective: 'PENDING' })
    network.pass(LEASE_MS)
    expect(await network.barrier.effectOf(revision)).toMatchObject({ effective: 'PENDING' })
    const cutOff = await world.ask(EMAIL)
    expect(cutOff.data).toEqual(email(null))
    expect(cutOff.withheld).toEqual(['Person.email person.email CONSENT_UNAVAILABLE 1'])
    expect(sentLines(cutOff.sent)).toEqual(['people: person{name id}'])
    network.pass(LEASE_MS)
    expect(await network.barrier.effectOf(revision)).toMatchObject({ effective: 'EFFECTIVE', pending: [] })
  })

  test('lets nothing leave that it decided before its lease ran out', async () => {
    await network.give('ada', 'contact')
    const { wire, over } = cuttable()
    const working = gate()
    const world = gatewayOf(
      { answering: ({ document }) => (document.includes('_entities') ? working.pass() : undefined) },
      wired(over),
    )
    const asking = world.ask(EMAIL)
    await working.isThere
    wire.cut()
    network.pass(LEASE_MS)
    working.open()
    expect((await asking).withheld).toEqual(['Person.email person.email CONSENT_UNAVAILABLE 1'])
  })

  const wired = (over: ReturnType<typeof cuttable>['over']): Partial<ConsentProtocol> => {
    const service = network.protocol()
    return {
      decide: (subjects, context) => over(() => service.decide(subjects, context)),
      renew: (renewal) => over(() => service.renew(renewal)),
    }
  }
})

describe('An answer about consent that was under way when a change was heard of', () => {
  test('does not put the old grant back', async () => {
    await network.give('ada', 'contact')
    const service = network.protocol()
    const late = gate()
    const world = gatewayOf(
      {},
      {
        async decide(subjects, context) {
          const answer = await service.decide(subjects, context)
          await late.pass()
          return answer
        },
      },
    )
    const asking = world.ask(EMAIL)
    await late.isThere
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    late.open()
    expect((await asking).data).toEqual(email(null))
    expect((await world.ask(EMAIL)).data).toEqual(email(null))
  })

  test('comes from a replica that lags behind: it is worth nothing', async () => {
    const old = await network.protocol().decide(['ada'], {})
    await network.give('ada', 'contact')
    const world = gatewayOf({}, { decide: () => Promise.resolve(old) })
    const { withheld } = await world.ask(EMAIL)
    expect(withheld).toEqual(['Person.email person.email CONSENT_UNAVAILABLE 1'])
  })
})
