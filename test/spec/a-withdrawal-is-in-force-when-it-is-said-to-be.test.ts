import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KnownStates } from '../../gateway/fence/known-states.ts'
import type { ConsentProtocol } from '../../gateway/lease/consent-protocol.ts'
import { type ConsentNetwork, createConsentNetwork, LEASE_MS } from '../support/consent-network.ts'
import { createBarrier } from '../../subgraphs/consent/leases/barrier.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { consentProtocol } from '../../subgraphs/consent/protocol.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, statesOf, type TestSubgraph, type World, type WorldOptions } from '../support/world.ts'

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

  test('between two fetches: what the first one brought is not handed to the second', async () => {
    await network.give('ada', 'contact', 'profiling')
    const working = gate()
    const world = gatewayOf({
      answering: ({ subgraph, document }) =>
        subgraph === 'people' && document.includes('_entities') ? working.pass() : undefined,
    })
    const asking = world.ask('{ person(id: "ada") { churn } }')
    await working.isThere
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    working.open()
    const { data, sent, withheld } = await asking
    expect(data).toEqual({ person: { churn: null } })
    expect(sentLines(sent)).toEqual(['people: person{id}', 'people: _entities(Person ada){id email}'])
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

describe('A client that goes from one gateway to another', () => {
  test('is told the same by both once a change is in force, and never what was before what it knows of', async () => {
    const gateways = [gatewayOf(), gatewayOf()]
    const emailIn = (data: unknown) => (data as ReturnType<typeof email>).person.email
    const shownBy = async (headers: Record<string, string> = {}) => {
      const shown = []
      for (const world of [...gateways, ...gateways])
        shown.push(emailIn((await world.ask(EMAIL, { headers })).data))
      return shown
    }
    for (let round = 0; round < 5; round += 1) {
      const given = await network.give('ada', 'contact')
      await network.barrier.waitFor(given, 1_000)
      expect(await shownBy()).toEqual(Array(4).fill(canary('ada', 'email')))
      const withdrawn = await network.withdraw('ada', 'contact')
      expect(await shownBy({ 'x-consent-revision': withdrawn })).toEqual(Array(4).fill(null))
      await network.barrier.waitFor(withdrawn, 1_000)
      expect(await shownBy()).toEqual(Array(4).fill(null))
    }
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

describe('A service whose store was set back', () => {
  test('and that has given the same numbers to other words since is not taken for the one it was', async () => {
    // The server that took over has lost the last three words, and with them their numbers.
    const after = createConsentNetwork()
    try {
      for (const pid of ['ada', 'bo', 'cyd', 'dee']) await network.give(pid, 'contact')
      await after.give('ada', 'contact')
      let service = network
      const behind = gate()
      const world = gatewayOf(
        {},
        {
          decide: (subjects, context) => service.protocol().decide(subjects, context),
          async renew(renewal) {
            const renewed = await service.protocol().renew({ ...renewal, waitMs: 0 })
            if (service === after && Number(renewed.revision) < 4) behind.open()
            return renewed
          },
        },
      )
      expect((await world.ask(EMAIL)).data).toEqual(email(canary('ada', 'email')))
      service = after
      await behind.pass()
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect((await world.ask(EMAIL)).data).toEqual(email(null))

      const revision = await after.withdraw('ada', 'contact')
      for (const pid of ['bo', 'cyd']) await after.give(pid, 'contact')
      await expect.poll(async () => (await after.barrier.effectOf(revision)).effective).toBe('EFFECTIVE')
      const { data, withheld, sent } = await world.ask(EMAIL)
      expect(data).toEqual(email(null))
      expect(withheld).toEqual(['Person.email person.email WITHDRAWN 1'])
      expect(JSON.stringify(sent)).not.toContain('email')
    } finally {
      await after.close()
    }
  })
})

describe('What one request knows', () => {
  test('is not given back by an answer that comes when it has given up', async () => {
    const deciding = gate()
    const lease = { holds: true }
    const states = new KnownStates({
      consent: {
        async load(subjects) {
          await deciding.pass()
          return statesOf(peopleGraph.consents, subjects)
        },
        changes: {
          holds: () => lease.holds,
          position: () => 0,
          after: () => [],
          reach: () => Promise.reject(new Error('not in time')),
        },
      },
      context: {},
      mostSubjects: 10,
      notBefore: null,
      onConsentFailure: () => undefined,
    })
    const ada = states.learn(['ada'])
    await deciding.isThere
    lease.holds = false
    await states.learn(['bo'])
    deciding.open()
    await ada
    expect([states.of(['ada'])[0], states.of(['bo'])[0]]).toEqual([undefined, undefined])
  })

  test('before a mutation is known to be overtaken after it', async () => {
    await network.give('ada', 'contact')
    const poking = gate()
    const world = gatewayOf({
      subgraphs: [...peopleGraph.subgraphs, pokes],
      connecting: ({ subgraph }) => (subgraph === 'pokes' ? poking.pass() : undefined),
    })
    const asking = world.ask('mutation { rename(id: "ada", name: "Ada") { email } poke }')
    await poking.isThere
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    poking.open()
    expect((await asking).data).toEqual({ rename: { email: null }, poke: true })
  })

  const pokes: TestSubgraph = {
    name: 'pokes',
    sdl: `extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
      @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope"])
      type Query { poked: Boolean }
      type Mutation { poke: Boolean }`,
    resolvers: { Mutation: { poke: () => true } },
  }
})

describe('A subgraph that looks at the grant when the lease is over', () => {
  const MISSING = { message: 'no grant', extensions: { code: 'GRANT_MISSING' } }
  const people = ['people: person{name id}', 'people: _entities(Person ada){id email}'] as const

  /** What is told ends the wait of a renewal: the next lease begins. */
  const newsOfSomebody = () => network.give('dee', 'contact')

  /** The first so many requests about people come too late. */
  const lateFor = (
    requests: number,
    { isLate = true, meanwhile = newsOfSomebody }: LateOptions = {},
  ): Partial<WorldOptions> => {
    let left = requests
    const comesLate = ({ document }: { readonly document: string }) =>
      document.includes('_entities') && left > 0
    return {
      answering: async (request) => {
        if (!comesLate(request)) return
        network.pass(2 * LEASE_MS)
        await meanwhile()
      },
      tamper: (request, response) => {
        if (!comesLate(request)) return response
        left -= 1
        return { data: null, errors: [MISSING], ...(isLate && { isLate }) }
      },
    }
  }
  interface LateOptions {
    readonly isLate?: boolean
    readonly meanwhile?: () => Promise<unknown>
  }

  test('is asked once more, under the lease as it is then', async () => {
    await network.give('ada', 'contact')
    const { data, errors = [], sent } = await gatewayOf(lateFor(1)).ask(EMAIL)
    expect([data, errors]).toEqual([email(canary('ada', 'email')), []])
    expect(sentLines(sent)).toEqual([...people, people[1]])
  })

  test('and not a third time: a second refusal is an error', async () => {
    await network.give('ada', 'contact')
    const { data, errors = [], sent } = await gatewayOf(lateFor(2)).ask(EMAIL)
    expect(data).toEqual(email(null))
    expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual(['SUBGRAPH_ERROR'])
    expect(sentLines(sent)).toEqual([...people, people[1]])
  })

  test('is not asked again about who has withdrawn meanwhile', async () => {
    await network.give('ada', 'contact')
    const withdrawn = lateFor(1, { meanwhile: () => network.withdraw('ada', 'contact') })
    const { data, withheld, sent } = await gatewayOf(withdrawn).ask(EMAIL)
    expect(data).toEqual(email(null))
    expect(withheld).toEqual(['Person.email person.email WITHDRAWN 1'])
    expect(sentLines(sent)).toEqual(people)
  })

  test('is not asked again when it refuses while the lease lasts', async () => {
    await network.give('ada', 'contact')
    const { data, sent } = await gatewayOf(lateFor(1, { isLate: false })).ask(EMAIL)
    expect([data, sentLines(sent)]).toEqual([email(null), people])
  })

  test('is never asked twice to change something', async () => {
    await network.give('ada', 'contact')
    const refusesMutations: Partial<WorldOptions> = {
      tamper: ({ document }, response) =>
        document.startsWith('mutation')
          ? { data: { rename: null }, errors: [MISSING], isLate: true }
          : response,
    }
    const { sent } = await gatewayOf(refusesMutations).ask(
      'mutation { rename(id: "ada", name: "Ada") { id } }',
    )
    expect(sentLines(sent)).toEqual(['people: mutation rename{id}'])
  })
})

describe('Whoever asks about several people', () => {
  test('is not told what has changed of one while another is waited for', async () => {
    await network.give('ada', 'contact')
    await network.give('bo', 'contact')
    const service = network.protocol()
    const [first, second] = [gate(), gate()]
    const consent = network.gateway({
      async decide(subjects, context) {
        const answer = await service.decide(subjects, context)
        await (subjects.includes('ada') ? first : second).pass()
        return answer
      },
    })
    const ada = consent.load(['ada'], {})
    await first.isThere
    const both = consent.load(['ada', 'bo'], {})
    await second.isThere
    first.open()
    expect([...(await ada).keys()]).toEqual(['ada'])
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    second.open()
    expect([...(await both).keys()]).toEqual(['bo'])
  })
})

describe('A gateway that comes back', () => {
  test('is waited for as if it had never been away', async () => {
    await network.leases.hold('a-gateway', '0')
    expect(await network.barrier.effectOf('1')).toMatchObject({ effective: 'PENDING' })
    network.pass(2 * LEASE_MS)
    expect(await network.barrier.effectOf('1')).toMatchObject({ effective: 'EFFECTIVE' })
    await network.leases.hold('a-gateway', '0')
    expect(await network.barrier.effectOf('1')).toMatchObject({ effective: 'PENDING' })
  })

  test('holds no lease of somebody who knows less than it does itself', async () => {
    await network.give('ada', 'contact')
    const service = network.protocol()
    const known = await service.decide(['ada'], {})
    const lagging = createLagging()
    const world = gatewayOf(
      {},
      {
        async decide(subjects, context) {
          return lagging.isAsked ? known : service.decide(subjects, context)
        },
        async renew(renewal) {
          if (!lagging.isAsked) return Promise.race([lagging.begins, service.renew(renewal)])
          await new Promise((resolve) => setImmediate(resolve))
          return { revision: '0', leaseMs: LEASE_MS, changes: null }
        },
      },
    )
    expect((await world.ask(EMAIL)).data).toEqual(email(canary('ada', 'email')))
    await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 1_000)
    lagging.begin()
    network.pass(LEASE_MS)
    expect((await world.ask(EMAIL)).withheld).toEqual(['Person.email person.email CONSENT_UNAVAILABLE 1'])
  })
  const createLagging = () => {
    let over!: (cause: Error) => void
    const begins = new Promise<never>((_, reject) => {
      over = reject
    })
    begins.catch(() => undefined)
    const lagging = {
      isAsked: false,
      begins,
      begin() {
        lagging.isAsked = true
        over(new Error('the connection was reset'))
      },
    }
    return lagging
  }
})

test('A service that has forgotten who held leases waits for them after it has started', async () => {
  let now = 0
  const barrier = createBarrier({
    leases: createMemoryLeaseStore(),
    leaseMs: LEASE_MS,
    isForgetful: true,
    monotonic: () => now,
  })
  const revision = await network.withdraw('ada', 'contact')
  expect(await barrier.effectOf(revision)).toMatchObject({
    effective: 'PENDING',
    pending: ['whoever holds a lease from before the service started'],
  })
  now = 2 * LEASE_MS
  expect(await barrier.effectOf(revision)).toMatchObject({ effective: 'EFFECTIVE' })
})

test('A replica waits for the leases of another one as long as they are, also when that one grants longer ones', async () => {
  let now = 0
  const leases = createMemoryLeaseStore()
  const [short, long] = [LEASE_MS, 3 * LEASE_MS]
  const service = (leaseMs: number) =>
    consentProtocol({ store: network.store, leases, leaseMs, clock: () => now, lookEveryMs: null })
  const renew = (leaseMs: number) =>
    service(leaseMs).get('/consent/v1/lease')?.(
      { holder: 'a-gateway', after: '0' },
      new AbortController().signal,
    )
  const barrier = createBarrier({ leases, leaseMs: short, monotonic: () => now })
  await renew(long)
  // Its answer may be lost: the gateway relies on the longer one still.
  await renew(short)
  const revision = await network.withdraw('ada', 'contact')
  expect(await barrier.effectOf(revision)).toMatchObject({ pending: ['a-gateway'] })
  now = 2 * LEASE_MS
  expect(await barrier.effectOf(revision)).toMatchObject({ pending: ['a-gateway'] })
  now = 4 * LEASE_MS
  expect(await barrier.effectOf(revision)).toMatchObject({ effective: 'EFFECTIVE' })
})
