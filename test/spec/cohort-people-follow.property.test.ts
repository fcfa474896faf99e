import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMemoryPeople } from '../../subgraphs/aggregates/people/memory-people.ts'
import { catchUp } from '../../subgraphs/aggregates/people/follow-people.ts'
import { pidsNow } from '../../subgraphs/identity/pids-now.ts'
import { createConsentNetwork } from '../support/consent-network.ts'
import { mergingPeople } from '../support/merging-people.ts'

const PIDS = ['ada', 'bo', 'cyd', 'dee'] as const
type Pid = (typeof PIDS)[number]

const house = async () => {
  const network = createConsentNetwork()
  const identity = await mergingPeople(network)
  const people = createMemoryPeople()
  const follow = () =>
    catchUp(people, identity.feed, (pids) => identity.store.look((graph) => pidsNow(graph, pids)))
  /** Who is one person, as sets of pids. */
  const groups = (persons: ReadonlyMap<string, string | null | undefined>): string[] => {
    const found = new Map<string, string[]>()
    for (const pid of PIDS) {
      const person = persons.get(pid) ?? pid
      found.set(person, [...(found.get(person) ?? []), pid])
    }
    return [...found.values()].map((pids) => pids.join(' ')).toSorted()
  }
  return {
    identity,
    follow,
    counted: async () => groups(await people.personsOf(PIDS)),
    known: async () => {
      const now = await identity.currentPids()
      return groups(new Map(PIDS.map((pid, index) => [pid, now[index]])))
    },
    close: () => network.close(),
  }
}

describe('who counts as one person', () => {
  test('follows a merge and its end, and a third one who had come to one of the two', async () => {
    const { identity, follow, counted, close } = await house()
    const first = await identity.merge('ada', 'bo')
    await identity.settleOnce()
    await follow()
    expect(await counted()).toEqual(['ada bo', 'cyd', 'dee'])
    // Cyd is found to be Bo: the feed says Ada's pid, under which both are known by then.
    await identity.merge('bo', 'cyd')
    await identity.settleOnce()
    await follow()
    expect(await counted()).toEqual(['ada bo cyd', 'dee'])
    await identity.unmerge(first)
    await identity.settleOnce()
    await follow()
    expect(await counted()).toEqual(['ada', 'bo cyd', 'dee'])
    await close()
  })

  test('is what identity says, in whatever order things are decided and heard of', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('merge' as const),
        one: fc.constantFrom(...PIDS),
        other: fc.constantFrom(...PIDS),
      }),
      fc.record({ kind: fc.constant('unmerge' as const), which: fc.nat(5) }),
      fc.constant({ kind: 'settle' as const }),
      fc.constant({ kind: 'follow' as const }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { identity, follow, counted, known, close } = await house()
        const decisions: string[] = []
        for (const one of steps) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          await take(one, { identity, follow, decisions })
        }
        await identity.settleOnce()
        await follow()
        expect(await counted()).toEqual(await known())
        await close()
      }),
      { seed: 11, numRuns: 40 },
    )
  })
})

type Step =
  | { readonly kind: 'merge'; readonly one: Pid; readonly other: Pid }
  | { readonly kind: 'unmerge'; readonly which: number }
  | { readonly kind: 'settle' | 'follow' }

const take = async (
  step: Step,
  {
    identity,
    follow,
    decisions,
  }: Pick<Awaited<ReturnType<typeof house>>, 'identity' | 'follow'> & { readonly decisions: string[] },
): Promise<void> => {
  switch (step.kind) {
    case 'merge': {
      if (step.one === step.other) return
      const made = await identity.merge(step.one, step.other)
      if (made.startsWith('m_')) decisions.push(made)
      return
    }
    case 'unmerge': {
      const [decision] = decisions.splice(step.which, 1)
      if (decision !== undefined) await identity.unmerge(decision)
      return
    }
    case 'settle':
      await identity.settleOnce()
      return
    case 'follow':
      await follow()
  }
}
