import type { CandidatePairs } from './blocking/candidate-pairs.ts'
import { AT, type PeopleComparer } from './compare-people.ts'
import { BIRTH } from './comparisons/birth-date.ts'
import { GIVEN } from './comparisons/given-name.ts'
import { NATIONAL_ID } from './comparisons/national-id.ts'
import type { Scorer } from './model/scorer.ts'
import { VETO, vetoesOf } from './vetoes.ts'

export interface ScoredPair {
  left: number
  right: number
  /** log2 odds. */
  score: number
  /** Bits of VETO: what speaks against it for good, and in what it agrees. */
  vetoes: number
  agreements: number
  /** Most likely two people of one household. */
  isHousehold: boolean
}

/** Pairs worth remembering: thirteen bytes each, in arrays that grow. */
export interface ScoredPairs {
  readonly size: number
  /** By left, then right; each pair once. The object is the same each time. */
  each(visit: (pair: Readonly<ScoredPair>) => void): void
}

/** Below these odds (1 to 8) nobody will ask about a pair again. */
const FLOOR = -3

export function scoreCandidates(
  comparer: PeopleComparer,
  pairs: CandidatePairs,
  scorer: Scorer,
  onScored: (pairs: number) => void,
): ScoredPairs {
  const kept = createPairList()
  let scored = 0
  pairs.each((left, right) => {
    scored += 1
    if (scored % 100_000 === 0) onScored(scored)
    const score = scorer.score(left, right)
    const isHousehold = scorer.isHousehold()
    if (score < FLOOR && !isHousehold) return
    const { levels } = scorer
    kept.add({
      left,
      right,
      score,
      vetoes: vetoesOf(comparer, left, right, levels),
      agreements: agreementsOf(levels),
      isHousehold,
    })
  })
  return kept.sorted()
}

/** A slip is no agreement here: two slips of one value would confirm one another. */
const agreementsOf = (levels: Uint8Array): number =>
  (levels[AT.given] === GIVEN.equal ? VETO.given : 0) |
  (levels[AT.birth] === BIRTH.equal ? VETO.birth : 0) |
  (levels[AT.nationalId] === NATIONAL_ID.equal ? VETO.nationalId : 0)

function createPairList() {
  let room = 4096
  let [lefts, rights, scores] = [new Int32Array(room), new Int32Array(room), new Float32Array(room)]
  let flags = new Uint8Array(room)
  let size = 0
  const grow = (): void => {
    room *= 2
    lefts = copied(lefts, new Int32Array(room))
    rights = copied(rights, new Int32Array(room))
    scores = copied(scores, new Float32Array(room))
    flags = copied(flags, new Uint8Array(room))
  }
  return {
    add({ left, right, score, vetoes, agreements, isHousehold }: ScoredPair): void {
      if (size === room) grow()
      lefts[size] = left
      rights[size] = right
      scores[size] = score
      flags[size] = vetoes | (agreements << 4) | (isHousehold ? 128 : 0)
      size += 1
    },
    sorted(): ScoredPairs {
      const byRight = (one: number, other: number): number =>
        (lefts[one] ?? 0) - (lefts[other] ?? 0) || (rights[one] ?? 0) - (rights[other] ?? 0)
      const order = Int32Array.from({ length: size }, (_, at) => at).toSorted(byRight)
      const distinct = order.filter((at, place) => place === 0 || byRight(order[place - 1] ?? 0, at) !== 0)
      const pair: ScoredPair = { left: 0, right: 0, score: 0, vetoes: 0, agreements: 0, isHousehold: false }
      return {
        size: distinct.length,
        each(visit) {
          for (const at of distinct) {
            pair.left = lefts[at] ?? 0
            pair.right = rights[at] ?? 0
            pair.score = scores[at] ?? 0
            pair.vetoes = (flags[at] ?? 0) & 15
            pair.agreements = ((flags[at] ?? 0) >> 4) & 7
            pair.isHousehold = (flags[at] ?? 0) >= 128
            visit(pair)
          }
        },
      }
    },
  }
}

type Numbers = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

function copied<Of extends Numbers>(from: Numbers, to: Of): Of {
  to.set(from)
  return to
}
