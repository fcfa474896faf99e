import { eachBlock, sortedEntries } from './blocks.ts'
import type { BlockingRule } from './blocking-rules.ts'

export type VisitPair = (left: number, right: number) => void

export interface CandidatePairs {
  /**
   * Every pair that a rule puts side by side, `left` before `right`. Nearly always once: out of a block that is too
   * large a pair may come again.
   */
  each(visit: VisitPair): void
  /** Whether some rule puts these two side by side in a block that is compared in full. */
  has(left: number, right: number): boolean
  readonly rules: readonly BlockReport[]
}

export interface BlockReport {
  readonly name: string
  /** Blocks above this size are not compared in full. */
  readonly limit: number
  readonly oversized: number
}

/** No block is compared in full above this: half the square of it is comparisons. */
const LARGEST_BLOCK = 120
/** No rule may cost more than this many comparisons a person: with more people blocks grow, and the limit falls. */
const PAIRS_A_PERSON = 24
/** The same for rules that are loose; their large blocks are left alone. */
const LOOSE_PAIRS_A_PERSON = 3
/** In a block that is too large each is compared with so many neighbours, in the order of names. */
const NEIGHBOURS = 8

interface GuardedRule {
  /** Keys of blocks that are compared in full; 0 elsewhere. */
  readonly slots: readonly Uint32Array[]
  readonly oversized: readonly Int32Array[]
  readonly report: BlockReport
}

/**
 * Pairs come out rule by rule and are not kept: how many there are costs time, not memory. `order` says who stands
 * next to whom in a block that is too large (a hotline's number, a placeholder nobody knew of).
 */
export function candidatePairs(
  rules: readonly BlockingRule[],
  size: number,
  order: Uint32Array,
): CandidatePairs {
  const guarded = rules.map((rule) => guard(rule, size, order))
  return {
    rules: guarded.map(({ report }) => report),
    has: (left, right) => guarded.some(({ slots }) => haveKeyInCommon(slots, left, right)),
    each(visit) {
      for (const [at, { slots, oversized }] of guarded.entries()) {
        const earlier = guarded.slice(0, at).map((rule) => rule.slots)
        const visitNew: VisitPair = (left, right) => {
          if (!earlier.some((rule) => haveKeyInCommon(rule, left, right))) visit(left, right)
        }
        eachBlock(sortedEntries(slots, size), size, (key, people) => {
          eachPair(people, (left, right) => {
            // Two keys in common: only the smaller one speaks.
            if (slots.length === 1 || smallestInCommon(slots, left, right) === key) visitNew(left, right)
          })
        })
        for (const people of oversized) eachNeighbour(people, visitNew)
      }
    },
  }
}

function guard(rule: BlockingRule, size: number, order: Uint32Array): GuardedRule {
  const entries = sortedEntries(rule.slots, size)
  const isLoose = rule.isLoose === true
  const limit = limitFor(entries, size, size * (isLoose ? LOOSE_PAIRS_A_PERSON : PAIRS_A_PERSON))
  const oversized: Int32Array[] = []
  eachBlock(entries, size, (key, people) => {
    if (people.length <= limit) return
    if (!isLoose)
      oversized.push(people.toSorted((one, other) => (order[one] ?? 0) - (order[other] ?? 0) || one - other))
    for (const person of people) {
      for (const slot of rule.slots) if (slot[person] === key) slot[person] = 0
    }
  })
  const report = { name: rule.name, limit, oversized: oversized.length }
  return { slots: rule.slots, oversized, report }
}

/** The largest block that can be compared in full without the rule costing too much. */
function limitFor(entries: Float64Array, size: number, mostPairs: number): number {
  const blocks = new Float64Array(LARGEST_BLOCK + 1)
  eachBlock(entries, size, (_, { length }) => {
    if (length <= LARGEST_BLOCK) blocks[length] = (blocks[length] ?? 0) + 1
  })
  let pairs = 0
  for (let length = 2; length <= LARGEST_BLOCK; length += 1) {
    pairs += ((blocks[length] ?? 0) * length * (length - 1)) / 2
    if (pairs > mostPairs) return Math.max(4, length - 1)
  }
  return LARGEST_BLOCK
}

function eachPair(people: Int32Array, visit: VisitPair): void {
  for (let one = 0; one < people.length; one += 1) {
    for (let other = one + 1; other < people.length; other += 1) visit(people[one] ?? 0, people[other] ?? 0)
  }
}

function eachNeighbour(people: Int32Array, visit: VisitPair): void {
  for (let one = 0; one < people.length; one += 1) {
    const end = Math.min(people.length, one + 1 + NEIGHBOURS)
    for (let other = one + 1; other < end; other += 1) {
      const [left, right] = [people[one] ?? 0, people[other] ?? 0]
      visit(Math.min(left, right), Math.max(left, right))
    }
  }
}

const haveKeyInCommon = (slots: readonly Uint32Array[], left: number, right: number): boolean =>
  smallestInCommon(slots, left, right) !== 0

/** 0: none. */
function smallestInCommon(slots: readonly Uint32Array[], left: number, right: number): number {
  let smallest = 0
  for (const one of slots) {
    const key = one[left] ?? 0
    if (key === 0 || (smallest !== 0 && key >= smallest)) continue
    for (const other of slots) if (other[right] === key) smallest = key
  }
  return smallest
}
