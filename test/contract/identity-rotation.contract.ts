/* eslint-disable no-await-in-loop -- one place, one person after the other: what is looked at must not run beside */
import { describe, expect, test } from 'vitest'
import type { KeyBook } from '../../subgraphs/identity/pseudonyms/key-book.ts'
import type { RotationPorts } from '../../subgraphs/identity/rotation/rotation-ports.ts'
import { type IdentityStore, recordKey } from '../../subgraphs/identity/store.ts'
import { PEOPLE, record, rotatingGraph, type RotatingGraph, WINDOW_MS } from '../support/rotating-graph.ts'

/** Records that are one person's, by their names. */
const groups = (owners: ReadonlyMap<string, string>): string[][] => {
  const byPid = new Map<string, string[]>()
  for (const [key, pid] of owners) byPid.set(pid, [...(byPid.get(pid) ?? []), key])
  return [...byPid.values()].map((group) => group.toSorted())
}

const keysUnder = async ({ store }: RotatingGraph, pid: string): Promise<string[]> =>
  ((await store.records([pid])).get(pid) ?? []).map(recordKey).toSorted()

async function throughTheEnd(graph: RotatingGraph): Promise<void> {
  const steps = await graph.run()
  if (steps.at(-1)?.step === 'done') return
  graph.pass(WINDOW_MS)
  expect((await graph.run()).at(-1)?.step).toBe('done')
}

interface RotationTerms {
  /** Where it is killed: everywhere, or, on a store that takes its time, once behind each call of each step, and behind the last. */
  readonly killedAt: 'every place' | 'every step'
  /** Where it stands in its keys; default: in memory. Empty, too. */
  readonly openBook?: () => Promise<KeyBook>
}

/** What every store of the graph does while its keys change. `open` opens an empty one. */
export const identityRotationContract = (
  name: string,
  open: () => Promise<IdentityStore>,
  { killedAt, openBook }: RotationTerms,
): void => {
  const graphOfPeople = async (): Promise<RotatingGraph> => rotatingGraph(await open(), await openBook?.())

  describe(`a rotation of the keys on ${name}`, () => {
    test('gives everybody new names, and loses and doubles nobody', async () => {
      const graph = await graphOfPeople()
      const before = await graph.who()
      await throughTheEnd(graph)
      const after = await graph.who()
      expect(groups(after)).toEqual(groups(before))
      expect([...after.values()].every((pid) => pid.startsWith('p2_'))).toBe(true)
      expect(await graph.byEmail('ada@example.org')).toEqual([after.get(recordKey(PEOPLE.ada))])
    })

    test('waits until its window is over and everybody has heard; till then both pids are one person’s', async () => {
      const graph = await graphOfPeople()
      const before = await graph.who()
      graph.behind.add('warehouse')
      expect((await graph.run()).at(-1)).toMatchObject({ step: 'waiting', behind: ['warehouse'] })
      graph.pass(WINDOW_MS)
      expect((await graph.run()).at(-1)).toMatchObject({ step: 'waiting', behind: ['warehouse'] })
      const after = await graph.who()
      for (const [key, pid] of before) {
        expect(await keysUnder(graph, pid)).toEqual(await keysUnder(graph, after.get(key) ?? ''))
        expect(graph.fake.isLinked(pid, after.get(key) ?? '')).toBe(true)
      }
      graph.behind.clear()
      expect((await graph.run()).at(-1)?.step).toBe('done')
    })

    test('leaves of the elder key nothing: no key, no pid, no token', async () => {
      const graph = await graphOfPeople()
      const before = await graph.who()
      const elder = await graph.pseudonymizer.tokens(
        Object.values(PEOPLE).map(({ email = '' }) => ({ kind: 'email', value: email })),
      )
      await throughTheEnd(graph)
      expect([...graph.kms.keys.keys()]).toEqual(['mac-2'])
      expect((await graph.store.records([...new Set(before.values())])).size).toBe(0)
      expect((await graph.store.holders(elder.flatMap(({ sought }) => sought))).size).toBe(0)
      expect((await graph.book.read()).keys.map(({ version, state }) => [version, state])).toEqual([
        [2, 'writing'],
        [1, 'retired'],
      ])
      expect(JSON.stringify(await graph.store.look((reader) => reader.nodesAfter(0, 100)))).not.toContain(
        'p1_',
      )
    })

    test('tells of each pid that somebody may know once, after consent has heard that it is the same person', async () => {
      const graph = await graphOfPeople()
      await graph.run()
      const changes = await graph.store.look((reader) => reader.untoldChanges(100))
      expect(changes.map(({ type, from, to }) => [type, from.length, to.length])).toEqual(
        Array.from({ length: changes.length }, () => ['pid_changed', 1, 1]),
      )
      // Ada, Bo, Cyd: the shop's records of Ada and of Dee never were persons of their own; Dee's is one now.
      expect(new Set(changes.map(({ to }) => to[0])).size).toBe(changes.length)
      const told = [...graph.fake.links.values()].filter(
        ({ kind, by }) => kind === 'renamed' && by === 'key-rotation',
      )
      expect(
        changes.every(({ from, to }) => told.some(({ pids }) => pids[0] === from[0] && pids[1] === to[0])),
      ).toBe(true)
    })

    test('stops where consent does not answer, before anybody is called otherwise, and goes on when it does', async () => {
      const graph = await graphOfPeople()
      const before = await graph.who()
      graph.fake.reachable(false)
      await expect(graph.run()).rejects.toThrow('Consent does not answer.')
      expect(await graph.who()).toEqual(before)
      graph.fake.reachable(true)
      await throughTheEnd(graph)
    })

    test('keeps the elder key while a record cannot be read', async () => {
      const graph = await graphOfPeople()
      const ports = await graph.ports()
      const lost: RotationPorts = {
        ...ports,
        raw: {
          read: async (nodes) => ports.raw.read(nodes.filter(({ key }) => key !== graph.keyOf(PEOPLE.cyd))),
        },
      }
      await expect(graph.run(lost)).rejects.toMatchObject({ code: 'ROTATION_INCOMPLETE' })
      expect(graph.kms.keys.size).toBe(2)
      expect(groups(await graph.who())).toHaveLength(3)
      await throughTheEnd(graph)
      expect(groups(await graph.who())).toHaveLength(3)
    })

    test('sweeps up what was written with the elder key meanwhile', async () => {
      const graph = await graphOfPeople()
      // As a process whose batch was under way when the keys changed.
      const stale = graph.pseudonymizer
      const elder = await stale.tokens([{ kind: 'person', value: recordKey(record('eve')) }])
      const pid = elder[0]?.written[0] ?? ''
      await graph.run()
      const eve = record('eve', { email: 'eve@example.org' })
      graph.people.push(eve)
      await graph.vault.put([{ source: eve.source, recordId: eve.recordId, email: 'eve@example.org' }])
      await graph.store.change((writer) =>
        writer.putRecords(
          [
            {
              seed: pid,
              pid,
              source: eve.source,
              recordId: graph.vault.nameOf(eve),
              region: eve.region,
              language: null,
              household: null,
              account: null,
              devices: [],
              identifiers: [],
              says: ['displayName'],
            },
          ],
          1,
        ),
      )
      graph.pass(WINDOW_MS)
      expect((await graph.run()).at(-1)?.step).toBe('done')
      expect((await graph.who()).get(recordKey(record('eve')))).toMatch(/^p2_/)
    })

    test('of two at once, one goes on and the other is told so', async () => {
      const graph = await graphOfPeople()
      const [one, other] = await Promise.allSettled([graph.run(), graph.run()])
      const failures = [one, other].flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
      )
      expect(failures).toEqual([expect.objectContaining({ code: 'ROTATION_ELSEWHERE' })])
      await throughTheEnd(graph)
      expect(groups(await graph.who())).toHaveLength(3)
    })

    test('may be followed by the next one', async () => {
      const graph = await graphOfPeople()
      const before = await graph.who()
      await throughTheEnd(graph)
      await throughTheEnd(graph)
      expect(groups(await graph.who())).toEqual(groups(before))
      expect([...(await graph.who()).values()].every((pid) => pid.startsWith('p3_'))).toBe(true)
      expect([...graph.kms.keys.keys()]).toEqual(['mac-3'])
    })
  })

  describe(`a rotation that is killed on ${name}`, () => {
    test(
      `at ${killedAt}, also twice in a row, loses and doubles nobody, and comes to the same end`,
      { timeout: 300_000 },
      async () => {
        const places = await placesIn(await graphOfPeople())
        expect(places.length).toBeGreaterThan(40)
        const chosen = killedAt === 'every place' ? places : oncePerCall(places)
        for (const [index, place] of chosen.entries()) {
          const second = 1 + (index % 11)
          for (const again of killedAt === 'every place' ? [0, second] : [index % 2 === 0 ? 0 : second]) {
            const graph = await killedIn(graphOfPeople, place, again)
            const { keys, rotation } = await graph.book.read()
            expect([rotation, ...keys.map(({ state }) => state)]).toEqual([null, 'writing', 'retired'])
            expect([...graph.kms.keys.keys()]).toEqual(['mac-2'])
            const changes = await graph.store.look((reader) => reader.untoldChanges(100))
            expect(new Set(changes.map(({ from }) => from[0])).size).toBe(changes.length)
          }
        }
      },
    )
  })
}

/** Where a rotation may be killed. */
interface Place {
  /** Counted from the start, or from the end of the window. */
  readonly at: number
  readonly isLate: boolean
  /** The step, the call, and whether it is done. */
  readonly what: string
}

async function placesIn(graph: RotatingGraph): Promise<readonly Place[]> {
  const early: string[] = []
  await runUntil(graph, -1, async () => {}, early)
  graph.pass(WINDOW_MS)
  const late: string[] = []
  await runUntil(graph, -1, async () => {}, late)
  const placed = (isLate: boolean) => (what: string, index: number) => ({ at: index + 1, isLate, what })
  return [...early.map(placed(false)), ...late.map(placed(true))]
}

/** Behind each call of each step, the first time and the last: before the next call is made nothing else happens. */
function oncePerCall(places: readonly Place[]): readonly Place[] {
  const done = places.filter(({ what }) => what.endsWith('done'))
  const first = new Map(done.toReversed().map((place) => [place.what, place]))
  const last = new Map(done.map((place) => [place.what, place]))
  return done.filter((place) => first.get(place.what) === place || last.get(place.what) === place)
}

class Killed extends Error {}

/** Every call through these ports is a place to be killed at: before it is made, and when it is done but not heard of. */
function killable(ports: RotationPorts, die: (what: string) => Promise<void>): RotationPorts {
  const around = <T extends object>(port: T, named: string): T =>
    new Proxy(port, {
      get(target, name: keyof T & string) {
        const method = target[name]
        if (typeof method !== 'function' || name === 'clock') return method
        return async (...parameters: unknown[]) => {
          await die(`${named}.${name} asked`)
          const answer: unknown = await (method as (...all: unknown[]) => unknown).apply(target, parameters)
          await die(`${named}.${name} done`)
          return answer
        }
      },
    })
  const { keys, pseudonymizer, graph, raw, consent, hearing } = ports
  return {
    ...ports,
    keys: around(keys, 'keys'),
    pseudonymizer: around(pseudonymizer, 'pseudonymizer'),
    graph: around(graph, 'graph'),
    raw: around(raw, 'raw'),
    consent: around(consent, 'consent'),
    hearing: around(hearing, 'hearing'),
  }
}

/** Ends the job at the given place; notes the places it came by. */
async function runUntil(
  graph: RotatingGraph,
  place: number,
  look: () => Promise<void>,
  passed: string[] = [],
): Promise<void> {
  let count = 0
  const isBegun = (await graph.book.read()).keys.length > 1
  const ports = killable(await graph.ports(), async (what) => {
    count += 1
    if (place < 0) passed.push(`${(await graph.book.read()).rotation?.step ?? 'before'}: ${what}`)
    // Not at each place of each run: over all runs, at each place.
    if ((count + place) % 7 === 0) await look()
    if (count === place) throw new Killed()
  })
  await graph.run(ports, !isBegun).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error
  })
}

/** What must hold at every moment, whatever was done and not done. */
async function watchOver(graph: RotatingGraph): Promise<() => Promise<void>> {
  const elder = new Map(await graph.who())
  const under = new Map<string, string[]>()
  for (const pid of elder.values()) under.set(pid, await keysUnder(graph, pid))
  return async () => {
    const now = await graph.who()
    expect(groups(now)).toEqual(groups(elder))
    const { rotation, keys } = await graph.book.read()
    const isWindow = keys.length === 1 || rotation?.step === 'rewriting' || rotation?.step === 'waiting'
    for (const [key, pid] of now) {
      const old = elder.get(key) ?? ''
      expect(await keysUnder(graph, pid)).toEqual(under.get(old))
      if (isWindow) expect(await keysUnder(graph, old)).toEqual(under.get(old))
      // Nobody's consent is lost by a new name.
      expect(graph.fake.isLinked(old, pid)).toBe(true)
    }
    for (const email of ['ada@example.org', 'bo@example.org'])
      expect(await graph.byEmail(email)).toHaveLength(1)
  }
}

/** Kills the first job at `place`, and the next one at `again`. */
async function killedIn(
  graphOfPeople: () => Promise<RotatingGraph>,
  { at, isLate }: Place,
  again: number,
): Promise<RotatingGraph> {
  const graph = await graphOfPeople()
  const look = await watchOver(graph)
  if (isLate) await runUntil(graph, -1, look)
  if (isLate) graph.pass(WINDOW_MS)
  await runUntil(graph, at, look)
  if (again > 0) await runUntil(graph, again, look)
  // Whoever did not hear the end goes on, and does not begin another one.
  for (let { rotation, keys } = await graph.book.read(); rotation !== null || keys.length === 1;) {
    await graph.run(null, keys.length === 1)
    graph.pass(WINDOW_MS)
    ;({ rotation, keys } = await graph.book.read())
  }
  await look()
  return graph
}
