/** Two products that the same people bought; `score` is the cosine of their buyers, above 0 and at most 1. */
export interface Similarity {
  readonly sku: string
  readonly other: string
  readonly score: number
}

export type Neighbour = Pick<Similarity, 'other' | 'score'>

export interface SimilarityOptions {
  /** Pairs that fewer people bought together are left out: one person's basket must not show through. */
  readonly minimumSupport?: number
  /** How many neighbours each product keeps. */
  readonly neighbours?: number
}

/**
 * Item-to-item collaborative filtering (Linden, Smith and York, "Amazon.com Recommendations", IEEE Internet Computing
 * 7(1), 2003): cosine(a, b) = people who bought both / √(people who bought a × people who bought b).
 * One basket is everything one person bought. By sku, then nearest first, ties by name, so the answer is always the same.
 */
export function similarItems(
  baskets: Iterable<Iterable<string>>,
  { minimumSupport = 2, neighbours = 40 }: SimilarityOptions = {},
): Similarity[] {
  const { buyers, together } = countBuyers(baskets)
  const cosine = (sku: string, other: string, both: number): number =>
    both / Math.sqrt((buyers.get(sku) ?? 0) * (buyers.get(other) ?? 0))
  return [...together]
    .toSorted(([a], [b]) => compare(a, b))
    .flatMap(([sku, others]) =>
      [...others]
        .filter(([, both]) => both >= minimumSupport)
        .map(([other, both]) => ({ sku, other, score: cosine(sku, other, both) }))
        .toSorted(nearestFirst)
        .slice(0, neighbours),
    )
}

function countBuyers(baskets: Iterable<Iterable<string>>): {
  /** By product. */
  readonly buyers: ReadonlyMap<string, number>
  /** By product, and by the other product bought with it. */
  readonly together: ReadonlyMap<string, ReadonlyMap<string, number>>
} {
  const buyers = new Map<string, number>()
  const together = new Map<string, Map<string, number>>()
  for (const basket of baskets) {
    const items = [...new Set(basket)]
    for (const sku of items) {
      add(buyers, sku)
      const others = together.get(sku) ?? new Map<string, number>()
      together.set(sku, others)
      items.filter((other) => other !== sku).forEach((other) => add(others, other))
    }
  }
  return { buyers, together }
}

/** What goes best with everything somebody has, without what they have. Scores of one candidate add up. */
export function rankCandidates(
  own: readonly string[],
  neighboursOf: (sku: string) => readonly Neighbour[],
): string[] {
  const has = new Set(own)
  const scores = new Map<string, number>()
  // Floating-point sums depend on their order, so the order is fixed.
  for (const sku of [...has].toSorted(compare)) {
    for (const { other, score } of neighboursOf(sku)) {
      if (!has.has(other)) scores.set(other, (scores.get(other) ?? 0) + score)
    }
  }
  return [...scores]
    .map(([other, score]) => ({ other, score }))
    .toSorted(nearestFirst)
    .map(({ other }) => other)
}

const nearestFirst = (a: Neighbour, b: Neighbour): number => b.score - a.score || compare(a.other, b.other)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const add = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
