import { AT, COMPARISONS, type PeopleComparer } from '../compare-people.ts'
import { UNKNOWN } from '../comparisons/comparison.ts'
import type { Frequencies } from './frequencies.ts'

/** Pairs that look the same to the model, as one: what is found in training is counted over these. */
export interface PairGroup {
  readonly levels: Uint8Array
  /** log2 of how common the agreeing values are, all together. */
  readonly common: number
  /** How many pairs of all it stands for. */
  weight: number
  /** Known not to be one person: no blocking rule brought them together. */
  readonly areStrangers: boolean
}

export interface PairGroups {
  add(left: number, right: number, weight: number): void
  readonly groups: readonly PairGroup[]
}

export function createPairGroups(
  comparer: PeopleComparer,
  frequencies: Frequencies,
  areStrangers: boolean,
): PairGroups {
  const groups: PairGroup[] = []
  const places = new Map<number, number>()
  const levels = new Uint8Array(COMPARISONS.length)
  return {
    groups,
    add(left, right, weight) {
      comparer.compare(left, right, levels)
      const common = halves(
        (frequencies.given(left, right, levels[AT.given] ?? 0) ?? 0) +
          (frequencies.family(left, right, levels[AT.family] ?? 0) ?? 0) +
          (frequencies.company(left, right, levels[AT.company] ?? 0) ?? 0) +
          (frequencies.line(left, right, levels[AT.line] ?? 0) ?? 0) +
          frequencies.address(left, right, levels[AT.address] ?? 0),
      )
      const key = keyOf(levels, common)
      const place = places.get(key)
      const group = place === undefined ? undefined : groups[place]
      if (group === undefined)
        places.set(key, groups.push({ levels: levels.slice(), common, weight, areStrangers }) - 1)
      else group.weight += weight
    },
  }
}

/** To half a bit: finer differences in frequency would make every pair a group of its own. */
const halves = (bits: number): number => Math.max(-60, Math.min(60, Math.round(bits * 2) / 2))

function keyOf(levels: Uint8Array, common: number): number {
  let key = common * 2 + 128
  for (const [at, level] of levels.entries()) {
    const width = (COMPARISONS[at]?.levels.length ?? 0) + 1
    key = key * width + (level === UNKNOWN ? width - 1 : level)
  }
  return key
}
