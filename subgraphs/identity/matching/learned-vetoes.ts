import type { ScoredPairs } from './score-candidates.ts'
import type { People } from './people/people.ts'
import { ALL_VETOES, VETO } from './vetoes.ts'

/** Below this share of what two people would show, a value that differs is a mistake in these data, not another person. */
const MISTAKE = 0.2
/** Fewer differing pairs than this, confirmed as often as two people's would be, prove nothing. */
const FEWEST = 10
/** log2 odds from which a pair counts as one person here. */
const SURE = 4

/**
 * Which vetoes these data deserve. Where two records agree in everything but the given name (the birth date, the
 * national id), they are two people of one household if each of the two names stands in another record of its owner,
 * too, about as often as anybody's does; where hardly ever both do, the names were written wrong, and a veto would keep
 * a person from himself. Without enough such pairs every veto stands: two people made one is worse.
 */
export function learnedVetoes(people: People, pairs: ScoredPairs): number {
  const known = [
    [VETO.given, people.given.known],
    [VETO.birth, people.birth.known],
    [VETO.nationalId, people.nationalId.known],
  ] as const
  return known.reduce(
    (vetoes, [veto, holders]) => (isMistake(people.size, pairs, veto, holders) ? vetoes & ~veto : vetoes),
    ALL_VETOES as number,
  )
}

function isMistake(size: number, pairs: ScoredPairs, veto: number, holders: number): boolean {
  const isConfirmed = new Uint8Array(size)
  let confirmed = 0
  pairs.each(({ left, right, score, vetoes, agreements }) => {
    if (score < SURE || vetoes !== 0 || (agreements & veto) === 0) return
    for (const record of [left, right]) {
      confirmed += isConfirmed[record] === 0 ? 1 : 0
      isConfirmed[record] = 1
    }
  })
  let [differing, both] = [0, 0]
  pairs.each(({ left, right, score, vetoes }) => {
    if (score < SURE || (vetoes & veto) === 0) return
    differing += 1
    both += isConfirmed[left] === 1 && isConfirmed[right] === 1 ? 1 : 0
  })
  const expected = differing * (confirmed / Math.max(1, holders)) ** 2
  return expected >= FEWEST && both < expected * MISTAKE
}
