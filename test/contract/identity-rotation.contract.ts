/* eslint-disable no-await-in-loop -- one place, one person after the other: what is looked at must not run beside */
import { describe, expect, test } from 'vitest'
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

/** What every store of the graph does while its keys change. `open` opens an empty one; it is killed at every so many places. */
export const identityRotationContract = (
  name: string,
  open: () => Promise<IdentityStore>,
  { every }: { readonly every: number },
): void => {
  const graphOfPeople = async (): Promise<RotatingGraph> => rotatingGraph(await open())

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
    test('at any of these places, also twice in a row, loses and doubles nobody, and comes to the same end', async () => {
      const whole = await graphOfPeople()
      const first = await runUntil(whole, -1, async () => {})
      whole.pass(WINDOW_MS)
      const places = [first, await runUntil(whole, -1, async () => {})] as const
      expect(Math.min(...places)).toBeGreaterThan(20)
      for (let place = 1; place <= places[0] + places[1]; place += every) {
        for (const again of [0, 1 + (place % 11)]) {
          const graph = await killedAt(graphOfPeople, { places, place, again })
          const { keys, rotation } = await graph.book.read()
          expect([rotation, ...keys.map(({ state }) => state)]).toEqual([null, 'writing', 'retired'])
          expect([...graph.kms.keys.keys()]).toEqual(['mac-2'])
          const changes = await graph.store.look((reader) => reader.untoldChanges(100))
          expect(new Set(changes.map(({ from }) => from[0])).size).toBe(changes.length)
        }
      }
    })
  })
}

class Killed extends Error {}

/** Every call through these ports is a place to be killed at: before it is made, and when it is done but not heard of. */
function killable(ports: RotationPorts, die: () => Promise<void>): RotationPorts {
  const around = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name: keyof T & string) {
        const method = target[name]
        if (typeof method !== 'function' || name === 'clock') return method
        return async (...parameters: unknown[]) => {
          await die()
          const answer: unknown = await (method as (...all: unknown[]) => unknown).apply(target, parameters)
          await die()
          return answer
        }
      },
    })
  const { keys, pseudonymizer, graph, raw, consent, hearing } = ports
  return {
    ...ports,
    keys: around(keys),
    pseudonymizer: around(pseudonymizer),
    graph: around(graph),
    raw: around(raw),
    consent: around(consent),
    hearing: around(hearing),
  }
}

/** Ends the job at the given place; counts the places it came by. */
async function runUntil(graph: RotatingGraph, place: number, look: () => Promise<void>): Promise<number> {
  let count = 0
  const isBegun = (await graph.book.read()).keys.length > 1
  const ports = killable(await graph.ports(), async () => {
    count += 1
    // Not at each place of each run: over all runs, at each place.
    if ((count + place) % 7 === 0) await look()
    if (count === place) throw new Killed()
  })
  await graph.run(ports, !isBegun).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error
  })
  return count
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

/** Kills the first job at `place`, counted from the start or, in the second half, from the end of the window; the next one at `again`. */
async function killedAt(
  graphOfPeople: () => Promise<RotatingGraph>,
  { places, place, again }: { places: readonly [number, number]; place: number; again: number },
): Promise<RotatingGraph> {
  const graph = await graphOfPeople()
  const look = await watchOver(graph)
  const isLate = place > places[0]
  if (isLate) await runUntil(graph, -1, look)
  if (isLate) graph.pass(WINDOW_MS)
  await runUntil(graph, isLate ? place - places[0] : place, look)
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
