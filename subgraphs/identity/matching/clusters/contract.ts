/** How what is known of two records, or of two groups of them, becomes a decision about them. */
export interface Judge<Evidence> {
  /** Of two records; null: they are never one person. */
  between(one: number, other: number): Evidence | null
  /** Of a group and what two others have become together. */
  joined(one: Evidence, other: Evidence): Evidence
  /** As log2 odds that the two groups, of so many records each, are one person. */
  oddsOf(evidence: Evidence, size: number, otherSize: number): number
}

/**
 * Clusters of a few records by greedy contraction (correlation clustering; Keuper et al. 2015): the two clusters for
 * which most speaks become one, as long as more speaks for it than against it. A single pair that can never be one
 * person keeps two clusters apart: nobody is chained to a stranger by a record that fits both.
 */
export function contract<Evidence>(
  members: readonly number[],
  judge: Judge<Evidence>,
  threshold: number,
): number[][] {
  const clusters: (number[] | null)[] = members.map((member) => [member])
  const between = { ...evidenceOf(members, judge), clusters, judge }
  for (let found = strongest(between, threshold); found !== null; found = strongest(between, threshold)) {
    const [one, other] = found
    clusters[one]?.push(...(clusters[other] ?? []))
    clusters[other] = null
    joinEvidence(between, one, other)
  }
  return clusters.filter((cluster) => cluster !== null)
}

interface Between<Evidence> {
  readonly clusters: readonly (readonly number[] | null)[]
  readonly judge: Judge<Evidence>
  /** Of each two clusters, a row a cluster. */
  readonly known: (Evidence | null)[]
  readonly odds: Float64Array
}

function evidenceOf<Evidence>(
  members: readonly number[],
  judge: Judge<Evidence>,
): Pick<Between<Evidence>, 'known' | 'odds'> {
  const size = members.length
  const known = Array.from({ length: size * size }, (): Evidence | null => null)
  const odds = new Float64Array(size * size).fill(Number.NEGATIVE_INFINITY)
  for (let one = 0; one < size; one += 1) {
    for (let other = one + 1; other < size; other += 1) {
      const evidence = judge.between(members[one] ?? 0, members[other] ?? 0)
      if (evidence === null) continue
      known[one * size + other] = known[other * size + one] = evidence
      odds[one * size + other] = odds[other * size + one] = judge.oddsOf(evidence, 1, 1)
    }
  }
  return { known, odds }
}

/** What there is between a cluster and all others, when another one has become part of it. */
function joinEvidence<Evidence>(
  { clusters, judge, known, odds }: Between<Evidence>,
  one: number,
  other: number,
): void {
  const size = clusters.length
  const members = clusters[one]?.length ?? 0
  for (let at = 0; at < size; at += 1) {
    const others = clusters[at] ?? null
    if (at === one || others === null) continue
    const [kept = null, gone = null] = [known[one * size + at], known[other * size + at]]
    const evidence = kept === null || gone === null ? null : judge.joined(kept, gone)
    known[one * size + at] = known[at * size + one] = evidence
    odds[one * size + at] = odds[at * size + one] =
      evidence === null ? Number.NEGATIVE_INFINITY : judge.oddsOf(evidence, members, others.length)
  }
}

function strongest<Evidence>(
  { clusters, odds }: Between<Evidence>,
  threshold: number,
): readonly [number, number] | null {
  const size = clusters.length
  let most = threshold
  let found: readonly [number, number] | null = null
  for (let one = 0; one < size; one += 1) {
    if (clusters[one] === null) continue
    for (let other = one + 1; other < size; other += 1) {
      if (clusters[other] === null || (odds[one * size + other] ?? 0) <= most) continue
      most = odds[one * size + other] ?? 0
      found = [one, other]
    }
  }
  return found
}
