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
  add(person: string, contribution: Contribution): void
  bounded(): Bounded
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
  const people = new Map<string, Ranked[]>()
  return {
    add(person, contribution) {
      const rank = createHmac('sha256', key).update(contribution.event).digest('binary')
      const kept = people.get(person) ?? []
      if (kept.length === 0) people.set(person, kept)
      const place = kept.findIndex((other) => other.rank >= rank)
      if (place >= 0 && kept[place]?.rank === rank) return
      kept.splice(place < 0 ? kept.length : place, 0, { ...contribution, rank })
      kept.length = Math.min(kept.length, contributions)
    },
    bounded: () => [...people.values()],
  }
}
