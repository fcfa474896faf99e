/** What speaks for two records being one person, as log2 odds; −Infinity: they never are. */
export interface Affinity {
  readonly odds: number
  /** Something that only one person has agrees: a birth date, a mailbox, a number. */
  readonly isOnesOwn: boolean
}

export type AffinityOf = (one: number, other: number) => Affinity

/**
 * Clusters of a few records by greedy additive contraction (correlation clustering; Keuper et al. 2015): the two
 * clusters for which most speaks become one, as long as more speaks for it than against it, counting every pair across,
 * also the pairs that nobody would link. A single pair that can never be one person keeps two clusters apart: nobody is
 * chained to a stranger by a record that fits both. A name and an address that agree are the same evidence however
 * often they are written: of pairs that agree in no more, only the best counts.
 */
export function contract(members: readonly number[], affinityOf: AffinityOf, threshold: number): number[][] {
  const clusters: (number[] | null)[] = members.map((member) => [member])
  const between = { ...evidenceOf(members, affinityOf), clusters, threshold }
  for (let found = strongest(between); found !== null; found = strongest(between)) {
    const [one, other] = found
    clusters[one]?.push(...(clusters[other] ?? []))
    clusters[other] = null
    joinEvidence(between, one, other)
  }
  return clusters.filter((cluster) => cluster !== null)
}

interface PairEvidence {
  /** What adds up, of each two clusters. */
  readonly sums: Float64Array
  /** What is said again, the best of it. */
  readonly bests: Float64Array
}

interface Between extends PairEvidence {
  readonly clusters: readonly (readonly number[] | null)[]
  readonly threshold: number
}

function evidenceOf(members: readonly number[], affinityOf: AffinityOf): PairEvidence {
  const size = members.length
  const [sums, bests] = [new Float64Array(size * size), new Float64Array(size * size)]
  for (let one = 0; one < size; one += 1) {
    for (let other = one + 1; other < size; other += 1) {
      const { odds, isOnesOwn } = affinityOf(members[one] ?? 0, members[other] ?? 0)
      const isRepeatable = odds > 0 && !isOnesOwn
      sums[one * size + other] = sums[other * size + one] = isRepeatable ? 0 : odds
      bests[one * size + other] = bests[other * size + one] = isRepeatable ? odds : 0
    }
  }
  return { sums, bests }
}

/** What there is between a cluster and all others, when another one has become part of it. */
function joinEvidence({ sums, bests, clusters }: Between, one: number, other: number): void {
  const size = clusters.length
  for (let at = 0; at < size; at += 1) {
    const [kept, gone] = [one * size + at, other * size + at]
    sums[kept] = sums[at * size + one] = (sums[kept] ?? 0) + (sums[gone] ?? 0)
    bests[kept] = bests[at * size + one] = Math.max(bests[kept] ?? 0, bests[gone] ?? 0)
  }
}

function strongest({ sums, bests, clusters, threshold }: Between): readonly [number, number] | null {
  const size = clusters.length
  let most = threshold
  let found: readonly [number, number] | null = null
  for (let one = 0; one < size; one += 1) {
    if (clusters[one] === null) continue
    for (let other = one + 1; other < size; other += 1) {
      if (clusters[other] === null) continue
      const odds = (sums[one * size + other] ?? 0) + (bests[one * size + other] ?? 0)
      if (odds <= most) continue
      most = odds
      found = [one, other]
    }
  }
  return found
}
