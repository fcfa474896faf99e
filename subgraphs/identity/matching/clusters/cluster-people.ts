import type { ScoredPairs } from '../score-candidates.ts'
import { contract, type Judge } from './contract.ts'
import { createUnionFind } from './union-find.ts'

/** From these log2 odds on two records are looked at together: what others say may make up for it. */
const LINKED = -3
/** Above this many records linked with one another, links have to be stronger before they count. */
const LARGEST_COMPONENT = 120
const STRICTER = 3

export interface ClusterOptions<Evidence> {
  readonly size: number
  readonly pairs: ScoredPairs
  /** Bits of the vetoes in force. */
  readonly vetoes: number
  readonly judge: Judge<Evidence>
  /** log2 odds that must speak for two clusters being one. */
  readonly threshold: number
}

/** Of each record the cluster it is in: the number of its first record. */
export function clusterPeople<Evidence>({
  size,
  pairs,
  vetoes,
  judge,
  threshold,
}: ClusterOptions<Evidence>): Int32Array {
  const clusters = Int32Array.from({ length: size }, (_, at) => at)
  const links: Link[] = []
  pairs.each(({ left, right, score, vetoes: against }) => {
    if (score >= LINKED && (against & vetoes) === 0) links.push([left, right, score])
  })
  for (const component of componentsOf(links, LINKED)) {
    for (const cluster of contract(component, judge, threshold)) {
      const first = cluster.reduce((least, member) => Math.min(least, member))
      for (const member of cluster) clusters[member] = first
    }
  }
  return clusters
}

type Link = readonly [left: number, right: number, score: number]

/**
 * Records held together by links, in pieces small enough to look at every pair. What is linked with too much (a
 * number that everybody gives, a name nobody knew was a placeholder) falls apart into what is linked better.
 */
function* componentsOf(links: readonly Link[], floor: number): Generator<number[]> {
  const numbers = new Map<number, number>()
  const numberOf = (record: number): number => {
    const number = numbers.get(record) ?? numbers.size
    numbers.set(record, number)
    return number
  }
  const sets = createUnionFind(links.length * 2)
  for (const [left, right] of links) sets.join(numberOf(left), numberOf(right))
  const components = new Map<number, number[]>()
  for (const [record, number] of numbers) {
    const root = sets.find(number)
    const component = components.get(root)
    if (component === undefined) components.set(root, [record])
    else component.push(record)
  }
  const tooLarge = new Map<number, Link[]>()
  for (const [root, component] of components) {
    if (component.length > LARGEST_COMPONENT) tooLarge.set(root, [])
    else yield component.toSorted((one, other) => one - other)
  }
  if (tooLarge.size === 0) return
  for (const link of links)
    if (link[2] >= floor + STRICTER) tooLarge.get(sets.find(numberOf(link[0])))?.push(link)
  for (const stronger of tooLarge.values()) yield* componentsOf(stronger, floor + STRICTER)
}
