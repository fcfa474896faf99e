/** A repeatable source of chance: the same seed and stream give the same draws on every machine. */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** From 0 up to, and not including, `below`. */
  integer(below: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  shuffle<T>(list: readonly T[]): T[]
}

/**
 * Each noun of the retailer draws from a stream of its own, so that one more event does not rename all people.
 * Generator: mulberry32 (public domain, Tommy Ettinger); stream names are mixed in by FNV-1a.
 */
export function createRandom(seed: number, stream: string): Random {
  let state = mix(seed, stream)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (below: number): number => Math.floor(next() * below)
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new RangeError('Nothing to pick from.')
      return list[integer(list.length)] as T
    },
    shuffle: <T>(list: readonly T[]): T[] => {
      const deck = [...list]
      for (let last = deck.length - 1; last > 0; last--) {
        const other = integer(last + 1)
        ;[deck[last], deck[other]] = [deck[other] as T, deck[last] as T]
      }
      return deck
    },
  }
}

function mix(seed: number, stream: string): number {
  let hash = 0x811c9dc5 ^ seed
  for (const byte of Buffer.from(stream)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash | 0
}
