import { type MergeDecision, type RecordNode, isGone } from './decision.ts'

/** Which records are one person's. Owners by record id; null: the pid of a gone record leads nowhere. */
export type Owners = ReadonlyMap<number, string | null>

/**
 * The people at one moment: components of the records under the decisions in force, each named after its oldest record.
 * Nothing of how it came about counts, so any order of merges and unmerges gives what the surviving ones give.
 */
export function ownersOf(nodes: readonly RecordNode[], merges: readonly MergeDecision[]): Owners {
  const sets = new Sets(nodes.map(({ id }) => id))
  const inForce = inForceAmong(nodes, merges)
  for (const { a, b } of inForce) sets.join(a, b)
  joinGone(sets, nodes, merges)
  const names = new Map<number, string>()
  for (const node of nodes.toSorted((x, y) => x.id - y.id)) {
    const root = sets.rootOf(node.id)
    if (!isGone(node) && !names.has(root)) names.set(root, node.seed)
  }
  return new Map(nodes.map(({ id }) => [id, names.get(sets.rootOf(id)) ?? null]))
}

/** Made, not undone, and both records are there. */
export function inForceAmong(
  nodes: readonly RecordNode[],
  merges: readonly MergeDecision[],
): readonly MergeDecision[] {
  const present = new Set(nodes.filter((node) => !isGone(node)).map(({ id }) => id))
  return merges.filter(
    ({ a, b, effectiveAt, undone }) =>
      effectiveAt !== null && undone === null && present.has(a) && present.has(b),
  )
}

/** The one decision that a gone record's pid leads on through: it has one, so it never joins two others. */
const heirlooms = (
  nodes: readonly RecordNode[],
  merges: readonly MergeDecision[],
): readonly MergeDecision[] => {
  const ids = new Set(nodes.flatMap(({ heirBy }) => heirBy ?? []))
  return merges.filter(({ decisionId, undone }) => ids.has(decisionId) && undone === null)
}

function joinGone(sets: Sets, nodes: readonly RecordNode[], merges: readonly MergeDecision[]): void {
  for (const { a, b } of heirlooms(nodes, merges)) if (sets.has(a) && sets.has(b)) sets.join(a, b)
}

/** Union-find (Tarjan 1975), with path halving. */
export class Sets {
  readonly #parents: Map<number, number>

  constructor(ids: readonly number[]) {
    this.#parents = new Map(ids.map((id) => [id, id]))
  }

  has(id: number): boolean {
    return this.#parents.has(id)
  }

  rootOf(id: number): number {
    let at = id
    for (;;) {
      const parent = this.#parents.get(at) ?? at
      if (parent === at) return at
      const next = this.#parents.get(parent) ?? parent
      this.#parents.set(at, next)
      at = next
    }
  }

  /** Whether they were two before. */
  join(one: number, other: number): boolean {
    const [a, b] = [this.rootOf(one), this.rootOf(other)]
    if (a === b) return false
    this.#parents.set(Math.max(a, b), Math.min(a, b))
    return true
  }
}
