import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { takeProfileWrites } from '../../subgraphs/ownership/profile-writes.ts'
import { type Attribute, writersOf } from '../../subgraphs/ownership/registry.ts'
import { type ProfileWrite, settle } from '../../subgraphs/ownership/settle.ts'
import { NOON, ownFields, type ProfileDesk } from '../support/profile-desk.ts'

const registry = ownFields()
const shared = [...registry.attributes.values()].filter(({ owner }) => owner === null)
const VALUES: Readonly<Record<string, readonly (string | null)[]>> = {
  'shared.email': ['ada@example.com', 'ada@example.org', null],
  'shared.phone': ['+49301234567', null],
  'shared.country': ['DE', 'AT', null],
  'shared.lifecycle': ['lead', 'customer', 'former', null],
}

interface Said {
  readonly system: string
  readonly line: string
}

/** Few versions, times and values, so that most are equal in something; and clocks that are minutes off. */
const said: fc.Arbitrary<Said> = fc
  .record({
    attribute: fc.constantFrom(...shared),
    pid: fc.constantFrom('ada', 'bo'),
    system: fc.nat(1),
    version: fc.nat(2),
    minutes: fc.constantFrom(-600, -5, 0, 0, 4),
    confirmed: fc.boolean(),
    value: fc.nat(3),
  })
  .map(({ attribute, pid, system, version, minutes, confirmed, value }) => {
    const values = VALUES[attribute.name] ?? []
    const at = new Date(NOON + minutes * 60_000).toISOString()
    return {
      system: writersOf(attribute)[system] ?? 'crm',
      line: JSON.stringify({
        pid,
        attribute: attribute.name,
        version,
        at,
        confirmed,
        value: values[value % values.length] ?? null,
      }),
    }
  })

/** What was said, and for each replica which of it reaches it in which order, some twice, before they are together again. */
const histories = fc.array(said, { minLength: 1, maxLength: 14 }).chain((all) =>
  fc.record({
    all: fc.constant(all),
    replicas: fc.array(fc.array(fc.constantFrom(...all), { maxLength: 16 }), { minLength: 2, maxLength: 3 }),
    healed: fc.array(fc.shuffledSubarray(all, { minLength: all.length }), { minLength: 3, maxLength: 3 }),
  }),
)

const KEYS = shared.flatMap(({ name }) => ['ada', 'bo'].map((pid) => ({ pid, attribute: name })))

async function hear(desk: ProfileDesk, heard: readonly Said[]): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- one after the other is what is tested
  for (const { system, line } of heard) await takeProfileWrites([line], system, desk)
}

async function stateOf(desk: ProfileDesk): Promise<readonly unknown[]> {
  return Promise.all(
    KEYS.map(async (key) =>
      settle(await desk.store.of([key], NOON), registry.attributes.get(key.attribute) as Attribute),
    ),
  )
}

/** How often, and by which seed: a store on disk is asked a few hundred times a run. */
interface Runs {
  readonly numRuns: number
  readonly seed: number
}

/** What every store of what systems said comes to. `open` empties it and gives a desk over it. */
export function convergenceContract(engine: string, open: () => Promise<ProfileDesk>, runs: Runs): void {
  describe(`Whatever way writes take, on ${engine}`, () => {
    test(
      'all who have heard the same agree on what holds, what lost, by which rule and to what',
      { timeout: 60_000 },
      async () => {
        await fc.assert(
          fc.asyncProperty(histories, async ({ all, replicas, healed }) => {
            const states: (readonly unknown[])[] = []
            for (const [index, heard] of replicas.entries()) {
              const desk = await open()
              // Each hears at another time by its own clock.
              desk.now = NOON + index * 60_000
              await hear(desk, heard)
              await hear(desk, healed[index] ?? all)
              states.push(await stateOf(desk))
            }
            // And one who hears all of it at the same moment.
            const atOnce = await open()
            await Promise.all(all.map((one) => hear(atOnce, [one])))
            states.push(await stateOf(atOnce))
            for (const state of states) expect(state).toEqual(states[0])
            const writes =
              states[0]?.flatMap((state) => everythingIn(state as ReturnType<typeof settle>)) ?? []
            // Nothing is lost: each different word is there once.
            expect(writes).toHaveLength(new Set(all.map(({ system, line }) => `${system} ${line}`)).size)
          }),
          runs,
        )
      },
    )
  })
}

const everythingIn = ({ holds, lost }: ReturnType<typeof settle>): readonly ProfileWrite[] =>
  holds === null ? [] : [holds, ...lost.map(({ write }) => write)]
