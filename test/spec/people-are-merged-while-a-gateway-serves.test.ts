import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LinkedConsent } from '../../subgraphs/identity/graph/linked-consent.ts'
import { type ConsentNetwork, createConsentNetwork } from '../support/consent-network.ts'
import { type Between, mergingPeople } from '../support/merging-people.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { type Asked, createWorld, type World } from '../support/world.ts'

let network: ConsentNetwork
let people: Awaited<ReturnType<typeof mergingPeople>>
beforeEach(async () => {
  network = createConsentNetwork()
  people = await mergingPeople(network)
})
afterEach(() => network.close())

const BOTH = '{ people(ids: ["ada", "bo"]) { email ssn } }'

/** Whose protected fields left for a subgraph, and which: `ada email`. */
const fetched = ({ sent }: Asked): readonly string[] =>
  sentLines(sent).flatMap((line) =>
    [...line.matchAll(/_entities\(Person ([^)]*)\)\{([^}]*)\}/g)].flatMap(([, who = '', what = '']) =>
      who
        .split(', ')
        .flatMap((pid) => what.split(' ').flatMap((field) => (field === 'id' ? [] : [`${pid} ${field}`]))),
    ),
  )

const gateway = (): World => createWorld({ ...peopleGraph, consents: {}, consent: network.gateway() })

/** Ada said yes to two things and Bo to one of them. */
const twoPeople = async (): Promise<void> => {
  await network.give('ada', 'contact', 'identity_strong')
  await network.give('bo', 'contact')
}

describe('Two people with different consents', () => {
  test('are merged: what is sent shrinks to what both allow, and comes back when they are told apart', async () => {
    await twoPeople()
    const world = gateway()
    const before = await world.ask(BOTH)
    expect(before.data).toEqual({
      people: [
        { email: canary('ada', 'email'), ssn: canary('ada', 'ssn') },
        { email: canary('bo', 'email'), ssn: null },
      ],
    })

    const decision = await people.merge('ada', 'bo')
    // Decided, and consent has not heard of it: everything is as it was, for both services.
    expect(await people.currentPids()).toEqual(['ada', 'bo', 'cyd', 'dee'])
    expect((await world.ask(BOTH)).data).toEqual(before.data)

    expect(await people.settleOnce()).toEqual({ isDone: true })
    expect(await people.currentPids()).toEqual(['ada', 'ada', 'cyd', 'dee'])
    const during = await world.ask(BOTH)
    expect(during.data).toEqual({
      people: [
        { email: canary('ada', 'email'), ssn: null },
        { email: canary('bo', 'email'), ssn: null },
      ],
    })
    expect(fetched(during)).toEqual(['ada email', 'bo email'])

    await people.unmerge(decision)
    await people.settleOnce()
    expect(await people.currentPids()).toEqual(['ada', 'bo', 'cyd', 'dee'])
    await network.barrier.waitFor(await network.store.revision(), 1_000)
    const after = await world.ask(BOTH)
    expect(after.data).toEqual(before.data)
    expect(sentLines(after.sent)).toEqual(sentLines(before.sent))
    expect(after.withheld).toEqual(before.withheld)
  })

  test('never lets more out at any step between than before the first', async () => {
    await twoPeople()
    const world = gateway()
    const seen: (readonly [string, readonly string[]])[] = []
    const look = async (when: string): Promise<void> => void seen.push([when, fetched(await world.ask(BOTH))])
    await look('before')
    const decision = await people.merge('ada', 'bo')
    await people.settleOnce(watched(people, look))
    await look('merged')
    await people.unmerge(decision)
    await look('told apart in identity')
    await people.settleOnce(watched(people, look))
    await network.barrier.waitFor(await network.store.revision(), 1_000)
    await look('told apart')
    const [first, ...others] = seen
    for (const [when, what] of others) {
      const more = what.filter((one) => !first![1].includes(one))
      expect([when, more]).toEqual([when, []])
    }
    expect(seen.map(([when]) => when)).toEqual(
      expect.arrayContaining([
        'before link',
        'behind link',
        'before setEffective',
        'behind setEffective',
        'before unlink',
      ]),
    )
    expect(seen.at(-1)![1]).toEqual(first![1])
    const merged = seen.find(([when]) => when === 'before setEffective')
    expect(merged?.[1]).toEqual(['ada email', 'bo email'])
  })

  test('do not restrict each other less because somebody says something while the merge waits', async () => {
    await twoPeople()
    const world = gateway()
    await people.merge('ada', 'bo')
    await network.withdraw('bo', 'contact')
    await people.settleOnce()
    expect(fetched(await world.ask(BOTH))).toEqual([])
    network.pass(1)
    await network.barrier.waitFor(await network.give('ada', 'contact'), 1_000)
    expect(fetched(await world.ask(BOTH))).toEqual(['ada email', 'bo email'])
  })

  test('wait while consent is not there, and nothing is merged by accident', async () => {
    await twoPeople()
    await people.merge('ada', 'bo')
    const away: LinkedConsent = {
      ...people.consent,
      link: async () => Promise.reject(new Error('Consent does not answer.')),
    }
    expect(await people.settleOnce({ consent: away })).toEqual({ isDone: false })
    expect(await people.currentPids()).toEqual(['ada', 'bo', 'cyd', 'dee'])
    expect(await people.feed.after('0', 10)).toEqual([])
    expect(await people.settleOnce()).toEqual({ isDone: true })
    expect(await people.currentPids()).toEqual(['ada', 'ada', 'cyd', 'dee'])
  })

  test('do not wait for others whose merge consent never takes', async () => {
    const poison = await people.merge('ada', 'bo')
    await people.merge('cyd', 'dee')
    await network.store.link(
      [{ decisionId: poison, pids: ['ada', 'cyd'], kind: 'merged', at: 1, by: 'somebody' }],
      network.clock(),
    )
    expect(await people.settleOnce()).toEqual({ isDone: false })
    expect(await people.currentPids()).toEqual(['ada', 'bo', 'cyd', 'cyd'])
  })
})

describe('Whoever settles merges', () => {
  const STEPS = 24

  test.each(Array.from({ length: STEPS }, (_, step) => step))(
    'is killed at step %i, before it and behind it, and whoever comes next ends with the same',
    async (step) => {
      for (const isBehind of [false, true]) {
        // oxlint-disable-next-line no-await-in-loop -- one death after the other
        await network.close()
        network = createConsentNetwork()
        people = await mergingPeople(network)
        await twoPeople()
        const decision = await people.merge('ada', 'bo')
        await people.merge('bo', 'cyd')
        const [killed, ticks] = killedAt(people, step, isBehind)
        await people.settleOnce(killed)
        await people.unmerge(decision)
        await people.settleOnce(killed)
        await people.settleOnce()
        expect(await people.currentPids()).toEqual(['ada', 'bo', 'bo', 'dee'])
        const told = (await people.feed.after('0', 20)).map(({ type }) => type)
        const isUntold = !told.includes('unmerged')
        // Taken back before anybody heard of it, it never was.
        if (!isUntold) expect(told.filter((type) => type === 'unmerged')).toHaveLength(1)
        expect(new Set((await people.feed.after('0', 20)).map(({ id }) => id)).size).toBe(told.length)
        const { group } = (await network.store.records(['bo'])).get('bo')!
        expect([...(group?.members.keys() ?? [])].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['bo', 'cyd'])
        expect((await network.store.records(['ada'])).get('ada')).not.toHaveProperty('group')
        expect(await people.work.untold(10)).toEqual([])
        expect(ticks()).toBeGreaterThan(0)
      }
    },
  )
})

/** Looks before and behind each step. */
function watched(parts: Between, look: (when: string) => Promise<void>): Partial<Between> {
  const around = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const member: unknown = Reflect.get(of, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          await look(`before ${String(name)}`)
          const outcome: unknown = await Reflect.apply(member, of, args)
          await look(`behind ${String(name)}`)
          return outcome
        }
      },
    })
  return { work: around(parts.work), consent: around(parts.consent) }
}

/** From the given step on nothing is done any more: the process is gone. */
function killedAt(parts: Between, step: number, isBehind: boolean): [Between, () => number] {
  let ticks = 0
  let isDead = false
  const around = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const member: unknown = Reflect.get(of, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          const isLast = ticks === step
          ticks += 1
          if (isDead || (isLast && !isBehind)) {
            isDead = true
            throw new Error('killed')
          }
          const outcome: unknown = await Reflect.apply(member, of, args)
          if (isLast) {
            isDead = true
            throw new Error('killed')
          }
          return outcome
        }
      },
    })
  const dying = { work: around(parts.work), consent: around(parts.consent), feed: around(parts.feed) }
  return [dying, () => ticks]
}
