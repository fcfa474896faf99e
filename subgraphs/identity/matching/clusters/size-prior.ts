/** log2 by which joining two clusters of these sizes is more likely beforehand than joining any two records. */
export type SizePrior = (one: number, other: number) => number

/**
 * How many records people have says which clusters may become one, before anything is compared: where nearly everybody
 * has two, a lone record has a fellow somewhere, and two pairs are two people. Sizes are those of a first clustering;
 * a partition is as likely as its sizes are, each cluster drawn for itself (Zanella et al. 2016, "Flexible models for
 * microclustering"). What is joined is partly whole by then and partly still growing: halfway between "so many" and "so
 * many at least". `match`: how likely any two records are one person's, which is counted already.
 */
export function sizePrior(clusters: Int32Array, match: number): SizePrior {
  const counts = countsOf(clusters)
  const all = counts.reduce((sum, count) => sum + count, 0)
  const shares = Array.from({ length: Math.max(8, counts.length * 2) }, (_, size) => {
    const believed = size === 0 ? 0 : BELIEVED * (1 - LESS) * LESS ** (size - 1)
    return ((counts[size] ?? 0) + believed) / (all + BELIEVED)
  })
  const exactly = shares.map((share, size) => Math.log2(share * waysOf(size, size)))
  const atLeast = shares.map((_, size) =>
    Math.log2(shares.reduce((sum, share, of) => sum + share * waysOf(of, size), 0)),
  )
  const least = Math.log2(Number.MIN_VALUE)
  const logOf = (size: number): number => ((exactly[size] ?? least) + (atLeast[size] ?? least)) / 2
  const rest = Math.log2(Math.max(1, all)) + Math.log2(match / (1 - match))
  return (one, other) =>
    Math.max(-MOST, Math.min(MOST, logOf(one + other) - logOf(one) - logOf(other) - rest))
}

/** In so many people of whom each further record is as likely as not is believed beforehand. */
const BELIEVED = 20
const LESS = 0.5
/** Bits: never more than what two names say. */
const MOST = 15

/** How often `some` of `all` records can be taken one after the other. */
function waysOf(all: number, some: number): number {
  let ways = 1
  for (let taken = 0; taken < some; taken += 1) ways *= Math.max(0, all - taken)
  return ways
}

/** How many clusters there are of each size. */
function countsOf(clusters: Int32Array): number[] {
  const sizes = new Int32Array(clusters.length)
  for (const first of clusters) sizes[first] = (sizes[first] ?? 0) + 1
  const counts = [0]
  for (const size of sizes) {
    if (size === 0) continue
    while (counts.length <= size) counts.push(0)
    counts[size] = (counts[size] ?? 0) + 1
  }
  return counts
}
