import type { People } from './people/people.ts'
import type { ScoredPair, ScoredPairs } from './score-candidates.ts'
import { ALL_VETOES, VETO } from './vetoes.ts'

/** Below this share of what two people would show, a value that differs is a mistake in these data, not another person. */
const MISTAKE = 0.5
/** Fewer differing pairs than this, confirmed as often as two people's would be, prove nothing. */
const FEWEST = 5
/** log2 odds from which a pair counts as one person here. */
const SURE = 4

/**
 * Which vetoes these data deserve. Where two records agree in everything but the given name (the birth date, the
 * national id), they are two people of one household if each of the two names stands in another record of its owner,
 * too, about as often as anybody's does; where hardly ever both do, the names were written wrong, and a veto would keep
 * a person from himself. Without enough such pairs every veto stands: two people made one is worse.
 */
export function learnedVetoes(people: People, pairs: ScoredPairs): number {
  const isDiffering = (veto: number) => (pair: ScoredPair) => pair.score >= SURE && (pair.vetoes & veto) !== 0
  const known = [
    [VETO.given, people.given.known],
    [VETO.birth, people.birth.known],
    [VETO.nationalId, people.nationalId.known],
  ] as const
  return known.reduce(
    (vetoes, [veto, holders]) =>
      areMistakes(isDiffering(veto), { people, pairs, veto, holders }) ? vetoes & ~veto : vetoes,
    ALL_VETOES as number,
  )
}

/**
 * Whether what was learned to be households is: people who live together have records of their own. If hardly ever both
 * of a pair have one, they are one person whose given name was written wrong, and households explain nothing here.
 */
export function areHouseholdsReal(people: People, pairs: ScoredPairs): boolean {
  const isDiffering = (pair: ScoredPair): boolean => pair.isHousehold && (pair.vetoes & VETO.given) !== 0
  return !areMistakes(isDiffering, { people, pairs, veto: VETO.given, holders: people.given.known })
}

interface Evidence {
  readonly people: People
  readonly pairs: ScoredPairs
  readonly veto: number
  /** How many records have such a value. */
  readonly holders: number
}

function areMistakes(
  isDiffering: (pair: ScoredPair) => boolean,
  { people, pairs, veto, holders }: Evidence,
): boolean {
  const isConfirmed = new Uint8Array(people.size)
  let confirmed = 0
  pairs.each(({ left, right, score, vetoes, agreements }) => {
    if (score < SURE || vetoes !== 0 || (agreements & veto) === 0) return
    for (const record of [left, right]) {
      confirmed += isConfirmed[record] === 0 ? 1 : 0
      isConfirmed[record] = 1
    }
  })
  let [differing, both] = [0, 0]
  pairs.each((pair) => {
    if (!isDiffering(pair)) return
    differing += 1
    both += isConfirmed[pair.left] === 1 && isConfirmed[pair.right] === 1 ? 1 : 0
  })
  const expected = differing * (confirmed / Math.max(1, holders)) ** 2
  return expected >= FEWEST && both < expected * MISTAKE
}
