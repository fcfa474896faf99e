import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConsentNetwork, createConsentNetwork, LEASE_MS } from '../support/consent-network.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, type World } from '../support/world.ts'

let network: ConsentNetwork
beforeEach(() => {
  network = createConsentNetwork()
})
afterEach(() => network.close())

const gateway = (): World => createWorld({ ...peopleGraph, consents: {}, consent: network.gateway() })

const BOTH = '{ people(ids: ["ada", "bo"]) { email } }'
const emails = (ada: boolean, bo: boolean) => ({
  people: [{ email: ada ? canary('ada', 'email') : null }, { email: bo ? canary('bo', 'email') : null }],
})

/** Whose protected fields were fetched. */
const fetched = (asked: { readonly sent: Parameters<typeof sentLines>[0] }): readonly string[] =>
  asked.sent.flatMap(({ variables }) =>
    Object.values(variables)
      .flat()
      .flatMap((each) => (each as { id?: string } | null)?.id ?? []),
  )

describe('Consent of two people who are merged', () => {
  test('is narrowed for both before the merge is called effective, and as it was when it is undone', async () => {
    await network.give('ada', 'contact')
    const world = gateway()
    const before = await world.ask(BOTH)
    expect(before.data).toEqual(emails(true, false))
    expect(fetched(before)).toEqual(['ada'])

    const merged = await network.link('d1', 'ada', 'bo')
    expect((await network.barrier.waitFor(merged, 1_000)).effective).toBe('EFFECTIVE')
    const during = await world.ask(BOTH)
    expect(during.data).toEqual(emails(false, false))
    expect(during.withheld).toEqual(['Person.email people.@.email NOT_GIVEN 2'])
    expect(fetched(during)).toEqual([])

    const undone = await network.unlink('d1')
    expect((await network.barrier.waitFor(undone, 1_000)).effective).toBe('EFFECTIVE')
    const after = await world.ask(BOTH)
    expect([after.data, after.withheld]).toEqual([before.data, before.withheld])
    expect(sentLines(after.sent)).toEqual(sentLines(before.sent))
  })

  test('is withdrawn for both by whichever says so: what a gateway keeps of the other is forgotten', async () => {
    await network.give('ada', 'contact')
    await network.give('bo', 'contact')
    await network.link('d1', 'ada', 'bo')
    const world = gateway()
    expect(fetched(await world.ask(BOTH))).toEqual(['ada', 'bo'])
    expect((await world.ask(BOTH)).consentCalls).toEqual([])

    const said = await network.withdraw('bo', 'contact')
    expect((await network.barrier.waitFor(said, 1_000)).effective).toBe('EFFECTIVE')
    const after = await world.ask(BOTH)
    expect(after.data).toEqual(emails(false, false))
    expect(after.withheld).toEqual(['Person.email people.@.email WITHDRAWN 2'])
    expect(fetched(after)).toEqual([])
  })

  test('is given for both by who says yes after the merge', async () => {
    await network.give('ada', 'contact')
    await network.link('d1', 'ada', 'bo')
    const world = gateway()
    expect(fetched(await world.ask(BOTH))).toEqual([])
    network.pass(1)
    await network.barrier.waitFor(await network.give('bo', 'contact'), 1_000)
    expect(fetched(await world.ask(BOTH))).toEqual(['ada', 'bo'])
  })

  test('is told to those who are linked to either of them already', async () => {
    for (const pid of ['ada', 'bo', 'cyd']) await network.give(pid, 'contact')
    await network.link('d1', 'ada', 'bo')
    const world = gateway()
    expect(fetched(await world.ask('{ people(ids: ["ada"]) { email } }'))).toEqual(['ada'])
    await network.barrier.waitFor(await network.link('d2', 'bo', 'dee'), 1_000)
    expect(fetched(await world.ask('{ people(ids: ["ada"]) { email } }'))).toEqual([])
  })

  test('is not called narrowed while a gateway has not heard of it', async () => {
    await network.give('ada', 'contact')
    let isDeaf = false
    const renew = network.protocol().renew
    const world = createWorld({
      ...peopleGraph,
      consents: {},
      consent: network.gateway({
        renew: (renewal) => (isDeaf ? new Promise(() => undefined) : renew(renewal)),
      }),
    })
    await world.ask(BOTH)
    isDeaf = true
    const merged = await network.link('d1', 'ada', 'bo')
    expect((await network.barrier.effectOf(merged)).effective).toBe('PENDING')
    network.pass(2 * LEASE_MS)
    expect((await network.barrier.effectOf(merged)).effective).toBe('EFFECTIVE')
    expect(fetched(await world.ask(BOTH))).toEqual([])
  })

  test('holds for what is under way: what was asked for before the merge does not leave after it', async () => {
    await network.give('ada', 'contact')
    let arrived!: () => void
    let open!: () => void
    const isThere = new Promise<void>((resolve) => (arrived = resolve))
    const isOpen = new Promise<void>((resolve) => (open = resolve))
    let waits = 0
    const world = createWorld({
      ...peopleGraph,
      consents: {},
      consent: network.gateway(),
      connecting: async ({ document }) => {
        if (!document.includes('_entities') || (waits += 1) > 1) return
        arrived()
        await isOpen
      },
    })
    const asked = world.ask(BOTH)
    await isThere
    const merged = await network.link('d1', 'ada', 'bo')
    expect((await network.barrier.waitFor(merged, 1_000)).effective).toBe('EFFECTIVE')
    open()
    const answer = await asked
    expect(answer.data).toEqual(emails(false, false))
    expect(fetched(answer)).toEqual([])
  })
})
