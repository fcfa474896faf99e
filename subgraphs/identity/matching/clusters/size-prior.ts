/** log2 by which joining two clusters of these sizes is more likely beforehand than joining any two records. */
export type SizePrior = (one: number, other: number) => number

/**
 * How many records people have says which clusters may become one, before anything is compared: where nearly everybody
 * has two, a lone record has a fellow somewhere, and two pairs are two people. Sizes are those of a first clustering;
 * a partition is as likely as its sizes are, each cluster drawn for itself (Zanella et al. 2016, "Flexible models for
 * microclustering"). `match`: how likely any two records are one person's, which is counted already.
 */
export function sizePrior(clusters: Int32Array, match: number): SizePrior {
  const counts = countsOf(clusters)
  const all = counts.reduce((sum, count) => sum + count, 0)
  const believed = (size: number): number => BELIEVED * (1 - LESS) * LESS ** (size - 1)
  const shares = counts.map((count, size) => (count + believed(size)) / (all + BELIEVED))
  const shareOf = (size: number): number => shares[size] ?? believed(size) / (all + BELIEVED)
  const orders = [0]
  const orderOf = (size: number): number => {
    for (let at = orders.length; at <= size; at += 1) orders.push((orders[at - 1] ?? 0) + Math.log2(at))
    return orders[size] ?? 0
  }
  const logOf = (size: number): number => orderOf(size) + Math.log2(shareOf(size))
  const rest = Math.log2(Math.max(1, all)) + Math.log2(match / (1 - match))
  return (one, other) => logOf(one + other) - logOf(one) - logOf(other) - rest
}

/** In so many people of whom each further record is as likely as not is believed beforehand. */
const BELIEVED = 20
const LESS = 0.5

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
