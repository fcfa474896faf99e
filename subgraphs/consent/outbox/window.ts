import type { Change, Revision } from '../store.ts'

export interface Entry {
  readonly change: Change
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly nextAt: number
}

/**
 * What a deliverer has read of the log and is not through with, in order for each person: while one of a person's changes
 * waits for another attempt, the later ones wait behind it, and other people's do not.
 */
export class Window {
  /** Everything up to here has been read. */
  readTo: Revision
  readonly #lanes = new Map<string, Entry[]>()
  /** Unsettled ones beyond the position, in the order of the log. */
  readonly #ahead = new Set<Revision>()
  #size = 0

  constructor(position: Revision) {
    this.readTo = position
  }

  get size(): number {
    return this.#size
  }

  /** The newest revision before which everything is settled. */
  get position(): Revision {
    const [oldest] = this.#ahead
    return oldest === undefined ? this.readTo : String(BigInt(oldest) - 1n)
  }

  has({ subject, revision }: Change): boolean {
    return this.#lanes.get(subject)?.some(({ change }) => change.revision === revision) ?? false
  }

  /** The next of the log. */
  addAhead(entry: Entry): void {
    this.#ahead.add(entry.change.revision)
    this.add(entry)
  }

  /** One that lies behind the position: it was escalated once. */
  add(entry: Entry): void {
    const lane = this.#lanes.get(entry.change.subject) ?? []
    lane.push(entry)
    lane.sort((a, b) => (BigInt(a.change.revision) < BigInt(b.change.revision) ? -1 : 1))
    this.#lanes.set(entry.change.subject, lane)
    this.#size += 1
  }

  due(now: number, most: number): readonly Entry[] {
    const due: Entry[] = []
    for (const [first] of this.#lanes.values()) {
      if (due.length >= most) break
      if (first !== undefined && first.nextAt <= now) due.push(first)
    }
    return due
  }

  /** When the next one is due; Infinity when none is. */
  nextAt(): number {
    let next = Infinity
    for (const [first] of this.#lanes.values()) next = Math.min(next, first?.nextAt ?? Infinity)
    return next
  }

  again(entry: Entry): void {
    const lane = this.#lanes.get(entry.change.subject)
    if (lane) lane[0] = entry
  }

  settled({ change }: Entry): void {
    const lane = this.#lanes.get(change.subject) ?? []
    lane.shift()
    if (lane.length === 0) this.#lanes.delete(change.subject)
    this.#ahead.delete(change.revision)
    this.#size -= 1
  }
}
