import { createHmac } from 'node:crypto'

/** One event of a cohort, as far as it counts. */
export interface Contribution {
  /** Names the event: the same again is counted once. */
  readonly event: string
  /** In steps of the grid, within the bounds; 0 where nothing is summed up. */
  readonly steps: number
  /** The cell of a histogram; null: in none. */
  readonly cell: number | null
}

/** What counts of each person, and no name of anybody. */
export type Bounded = readonly (readonly Contribution[])[]

export interface Bounding {
  add(pid: string, contribution: Contribution): void
  /** Of whom something was added. */
  pids(): readonly string[]
  /** Of each person, by whatever pids they have; a pid that leads to nobody is a person of its own. */
  bounded(personOf: ReadonlyMap<string, string>): Bounded
}

interface Ranked extends Contribution {
  readonly rank: string
}

/**
 * No person changes an answer by more than so many contributions (Wilson et al., "Differentially Private SQL with Bounded User
 * Contribution", 2020), whatever they did and under how many pids. Which of them count is drawn by a keyed hash of the
 * event's name: never by its value, and nobody who does not have the key can choose a name that counts. What is kept is so many
 * contributions a person, however many events are read.
 */
export const createBounding = (contributions: number, key: Uint8Array): Bounding => {
  const ofPid = new Map<string, Ranked[]>()
  return {
    add(pid, contribution) {
      const rank = createHmac('sha256', key).update(contribution.event).digest('binary')
      keep(ofPid, pid, { ...contribution, rank }, contributions)
    },
    pids: () => [...ofPid.keys()],
    bounded(personOf) {
      const people = new Map<string, Ranked[]>()
      for (const [pid, kept] of ofPid)
        for (const ranked of kept) keep(people, personOf.get(pid) ?? pid, ranked, contributions)
      return [...people.values()]
    },
  }
}

/** The lowest ranks, each once. */
function keep(lists: Map<string, Ranked[]>, name: string, ranked: Ranked, most: number): void {
  const kept = lists.get(name) ?? []
  if (kept.length === 0) lists.set(name, kept)
  const place = kept.findIndex((other) => other.rank >= ranked.rank)
  if (place >= 0 && kept[place]?.rank === ranked.rank) return
  kept.splice(place < 0 ? kept.length : place, 0, ranked)
  kept.length = Math.min(kept.length, most)
}
