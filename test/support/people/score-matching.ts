/** How well clusters agree with the truth, over pairs of records. */
export interface PairScore {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly found: number
  readonly right: number
  readonly wanted: number
  /** Clusters that hold records of more than one person. */
  readonly mixedClusters: number
}

/** Every pair inside a cluster is a claim; every pair inside a person is wanted. Ids without a cluster stand alone. */
export const scoreClusters = (
  clusters: Iterable<readonly [id: string, cluster: string]>,
  personOf: ReadonlyMap<string, number>,
): PairScore => {
  const cells = new Map<string, Map<number, number>>()
  for (const [id, cluster] of clusters) {
    const cell = cells.get(cluster) ?? new Map<number, number>()
    const person = personOf.get(id)
    if (person === undefined) throw new Error(`${id} is nobody's record`)
    cell.set(person, (cell.get(person) ?? 0) + 1)
    cells.set(cluster, cell)
  }
  let [found, right, mixedClusters] = [0, 0, 0]
  for (const cell of cells.values()) {
    found += pairsAmong(sum(cell.values()))
    for (const size of cell.values()) right += pairsAmong(size)
    if (cell.size > 1) mixedClusters += 1
  }
  return scoreOf({ found, right, wanted: wantedPairs(personOf), mixedClusters })
}

/** Pairs taken one by one, as the merge band is, without what follows from two of them. */
export const scorePairs = (
  pairs: Iterable<readonly [left: string, right: string]>,
  personOf: ReadonlyMap<string, number>,
): PairScore => {
  let [found, right] = [0, 0]
  for (const [one, other] of pairs) {
    found += 1
    if (personOf.get(one) === personOf.get(other)) right += 1
  }
  return scoreOf({ found, right, wanted: wantedPairs(personOf), mixedClusters: 0 })
}

const scoreOf = (counts: Pick<PairScore, 'found' | 'right' | 'wanted' | 'mixedClusters'>): PairScore => {
  const { found, right, wanted } = counts
  const precision = found === 0 ? 1 : right / found
  const recall = wanted === 0 ? 1 : right / wanted
  return { ...counts, precision, recall, f1: right === 0 ? 0 : (2 * right) / (found + wanted) }
}

const wantedPairs = (personOf: ReadonlyMap<string, number>): number => {
  const sizes = new Map<number, number>()
  for (const person of personOf.values()) sizes.set(person, (sizes.get(person) ?? 0) + 1)
  return sum([...sizes.values()].map(pairsAmong))
}

const pairsAmong = (size: number): number => (size * (size - 1)) / 2

const sum = (numbers: Iterable<number>): number => {
  let total = 0
  for (const number of numbers) total += number
  return total
}
