/** The log2 odds of two members being one person; −Infinity: never. */
export type Affinity = (one: number, other: number) => number

/**
 * Clusters of a few records by greedy additive contraction (correlation clustering; Keuper et al. 2015): the two
 * clusters for which most speaks become one, as long as more speaks for it than against it, counting every pair across,
 * also the pairs that nobody would link. A single pair that can never be one person keeps two clusters apart: nobody is
 * chained to a stranger by a record that fits both.
 */
export function contract(members: readonly number[], affinity: Affinity, threshold: number): number[][] {
  const clusters: (number[] | null)[] = members.map((member) => [member])
  const between = members.map((one, at) =>
    members.map((other, place) => (at === place ? Number.NEGATIVE_INFINITY : affinity(one, other))),
  )
  for (;;) {
    const [one, other] = strongest(between, clusters, threshold)
    if (one === null) break
    clusters[one]?.push(...(clusters[other] ?? []))
    clusters[other] = null
    for (const at of members.keys()) {
      const sum = (between[one]?.[at] ?? 0) + (between[other]?.[at] ?? 0)
      if (at === one || at === other) continue
      set(between, one, at, sum)
    }
  }
  return clusters.filter((cluster) => cluster !== null)
}

function strongest(
  between: readonly (readonly number[])[],
  clusters: readonly (readonly number[] | null)[],
  threshold: number,
): readonly [one: number, other: number] | readonly [null, null] {
  let best = threshold
  let found: readonly [number, number] | readonly [null, null] = [null, null]
  for (const [at, row] of between.entries()) {
    if (clusters[at] === null) continue
    for (let place = at + 1; place < row.length; place += 1) {
      const affinity = row[place] ?? 0
      if (affinity > best && clusters[place] !== null) {
        best = affinity
        found = [at, place]
      }
    }
  }
  return found
}

function set(between: number[][], one: number, other: number, value: number): void {
  const [row, column] = [between[one], between[other]]
  if (row !== undefined) row[other] = value
  if (column !== undefined) column[one] = value
}
