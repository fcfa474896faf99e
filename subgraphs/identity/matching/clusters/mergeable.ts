import { contract, type Judge } from './contract.ts'

/**
 * Of each cluster the parts that may be merged without asking anybody: the same contraction, but only as far as it is
 * nearly certain. Never reaches beyond the cluster.
 */
export function mergeable<Evidence>(
  clusters: Int32Array,
  judge: Judge<Evidence>,
  threshold: number,
): Int32Array {
  const parts = Int32Array.from(clusters.keys())
  const members = new Map<number, number[]>()
  for (const [record, first] of clusters.entries()) {
    const known = members.get(first)
    if (known === undefined) members.set(first, [record])
    else known.push(record)
  }
  for (const cluster of members.values()) {
    if (cluster.length === 1) continue
    for (const part of contract(cluster, judge, threshold)) {
      const first = part.reduce((least, member) => Math.min(least, member))
      for (const member of part) parts[member] = first
    }
  }
  return parts
}
