import fc from 'fast-check'
import { expect } from 'vitest'
import type { FlowOptions, Outcome } from '../../../subgraphs/events/flow.ts'
import { type EventEngine, type EventWorld, eventWorld, sent, take } from './event-flow.ts'

const PEOPLE = ['ada', 'bo'] as const
type Name = (typeof PEOPLE)[number]

/** What Ada and Bo did: under their first yes, under a later one, by a contract of sale; and two that break their contract. */
interface Done {
  readonly eventId: string
  readonly pid: Name
  readonly consentId: string | null
  readonly type?: string
  readonly data?: object
}

const EVENTS: readonly Done[] = PEOPLE.flatMap((pid) => [
  { eventId: `${pid}-first`, pid, consentId: `rc-${pid}-1` },
  { eventId: `${pid}-again`, pid, consentId: `rc-${pid}-1` },
  { eventId: `${pid}-second`, pid, consentId: `rc-${pid}-2` },
  { eventId: `${pid}-bought`, pid, type: 'purchase', consentId: null },
  { eventId: `${pid}-broken`, pid, consentId: `rc-${pid}-1`, data: {} },
])

/** A batch, what is sent again of it when everything breaks down at a step, and what happens at the same moment. */
interface Delivery {
  readonly deliver: readonly number[]
  readonly beside: readonly number[]
  /** The how manieth call of a neighbour breaks down, and whether before or after it did its work; null: none. */
  readonly crash: { readonly call: number; readonly isDone: boolean } | null
  readonly withdrawing: Name | null
}

export type Step =
  Delivery | { readonly says: Name } | { readonly withdraws: Name } | { readonly erases: Name }

const person = fc.constantFrom(...PEOPLE)
const some = fc.array(fc.nat(EVENTS.length - 1), { maxLength: 12 })

/** In any order, as often as one likes, in batches of any size. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        deliver: some,
        beside: some,
        crash: fc.option(fc.record({ call: fc.nat(7), isDone: fc.boolean() })),
        withdrawing: fc.option(person, { freq: 6 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ says: person }) },
    { weight: 2, arbitrary: fc.record({ withdraws: person }) },
    { weight: 1, arbitrary: fc.record({ erases: person }) },
  ),
  { maxLength: 10 },
)

/** Plays the steps, and holds what can be read after each of them against what has to be there. */
export async function play(history: readonly Step[], engine: EventEngine): Promise<void> {
  const breaking: Breaking = { left: null }
  const world = eventWorld(engine, (parts) => breakable(parts, breaking))
  const judge = new Judge()
  for (const step of history) {
    // oxlint-disable-next-line no-await-in-loop -- one step after the other
    await act(step, { world, judge, breaking })
    // oxlint-disable-next-line no-await-in-loop
    const read = (await world.store.after('0', 1_000)).map(({ eventId }) => eventId)
    expect(read.toSorted()).toEqual(judge.alive().toSorted())
  }
}

interface Breaking {
  left: { call: number; readonly isDone: boolean } | null
}

class BrokenDown extends Error {}

/** Neighbours that break down once, at a call, before or after they did what they were asked for. */
function breakable(parts: FlowOptions, breaking: Breaking): FlowOptions {
  const wrapped = <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      const now = breaking.left?.call === 0 ? breaking.left : null
      if (breaking.left !== null) breaking.left.call -= 1
      if (now !== null) breaking.left = null
      if (now?.isDone === false) throw new BrokenDown()
      const done = await call(...args)
      if (now !== null) throw new BrokenDown()
      return done
    }
  }
  const { receipts, whoIs, store, quarantine, ensure } = parts
  return {
    ...parts,
    receipts: { ...receipts, basis: wrapped((ids: readonly string[]) => receipts.basis(ids)) },
    whoIs: { ...whoIs, known: wrapped((pids: readonly string[]) => whoIs.known(pids)) },
    ensure: wrapped(ensure),
    store: { append: wrapped((...args: Parameters<typeof store.append>) => store.append(...args)) },
    quarantine: {
      ...quarantine,
      put: wrapped((...args: Parameters<typeof quarantine.put>) => quarantine.put(...args)),
    },
  }
}

interface Stage {
  readonly world: EventWorld
  readonly judge: Judge
  readonly breaking: Breaking
}

async function act(step: Step, { world, judge, breaking }: Stage): Promise<void> {
  if ('says' in step) await world.says(step.says, 'analytics', judge.says(step.says))
  else if ('withdraws' in step) {
    judge.cut(step.withdraws)
    await world.withdraws(step.withdraws, 'analytics')
  } else if ('erases' in step) {
    judge.erase(step.erases)
    await world.erases(step.erases)
  } else await delivered(step, { world, judge, breaking })
}

/** Two writers at once, and somebody who withdraws while they write; who heard nothing sends the same again. */
async function delivered(step: Delivery, { world, judge, breaking }: Stage): Promise<void> {
  judge.receive([...step.deliver, ...step.beside])
  const gone = new Set([...EVENTS.keys()].filter((number) => judge.isGone(number)))
  if (step.withdrawing !== null) judge.cut(step.withdrawing)
  breaking.left = step.crash && { ...step.crash }
  const send = async (numbers: readonly number[]): Promise<void> => {
    const events = numbers.map((number) => sent({ ...EVENTS[number] }))
    const outcomes = await take(world.flow, ...events).catch((error: unknown) => {
      if (!(error instanceof BrokenDown)) throw error
      return take(world.flow, ...events)
    })
    await accounted(world, events.length, outcomes)
    // Not only is it not read: it is not written.
    for (const [at, number] of numbers.entries())
      if (gone.has(number)) expect(outcomes[at]?.outcome).toBe('quarantined')
  }
  const withdrawn = step.withdrawing === null ? null : world.withdraws(step.withdrawing, 'analytics')
  await Promise.all([send(step.deliver), send(step.beside), withdrawn])
  breaking.left = null
}

/** Received = stored + duplicates + quarantined, and what is quarantined is there. */
async function accounted(world: EventWorld, received: number, outcomes: readonly Outcome[]): Promise<void> {
  expect(outcomes).toHaveLength(received)
  const ids = outcomes.flatMap((outcome) => (outcome.outcome === 'quarantined' ? [outcome.id] : []))
  const kept = await world.quarantine.read(ids, world.time.now)
  expect(new Set(kept.map(({ id }) => id))).toEqual(new Set(ids))
}

/** Knows of each event whether it has to be there, by the words of its person alone. */
class Judge {
  readonly #yeses = new Map<string, boolean>()
  readonly #given = new Map<Name, number>()
  readonly #erased = new Set<Name>()
  readonly #received = new Set<number>()

  /** The id of the receipt. */
  says(name: Name): string {
    const number = (this.#given.get(name) ?? 0) + 1
    this.#given.set(name, number)
    const id = `rc-${name}-${number}`
    this.#yeses.set(id, !this.#erased.has(name))
    return id
  }

  /** A no binds all that was said before. */
  cut(name: Name): void {
    for (const id of this.#yeses.keys()) if (id.startsWith(`rc-${name}-`)) this.#yeses.set(id, false)
  }

  erase(name: Name): void {
    this.cut(name)
    this.#erased.add(name)
  }

  /** What came before its receipt existed could be believed by nobody. */
  receive(numbers: readonly number[]): void {
    for (const number of numbers) {
      const { consentId } = EVENTS[number] ?? { consentId: '' }
      if (consentId === null || this.#yeses.has(consentId)) this.#received.add(number)
    }
  }

  /** A word was said against what it rests on. */
  isGone(number: number): boolean {
    const { pid = 'ada', consentId = null } = EVENTS[number] ?? {}
    return this.#erased.has(pid) || (consentId !== null && this.#yeses.get(consentId) === false)
  }

  alive(): readonly string[] {
    return [...this.#received].flatMap((number) => {
      const { eventId = '', pid = 'ada', consentId = null } = EVENTS[number] ?? {}
      if (eventId.endsWith('-broken') || this.#erased.has(pid)) return []
      return consentId === null || this.#yeses.get(consentId) === true ? [eventId] : []
    })
  }
}
