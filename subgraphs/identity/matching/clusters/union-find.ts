/** Sets of numbers that only ever grow together; a set is named after its smallest member. */
export interface UnionFind {
  find(member: number): number
  join(one: number, other: number): void
}

export function createUnionFind(size: number): UnionFind {
  const parents = Int32Array.from({ length: size }, (_, at) => at)
  const find = (member: number): number => {
    let root = member
    while (parents[root] !== root) root = parents[root] ?? root
    for (let at = member; at !== root;) {
      const next = parents[at] ?? root
      parents[at] = root
      at = next
    }
    return root
  }
  return {
    find,
    join(one, other) {
      const [root, otherRoot] = [find(one), find(other)]
      parents[Math.max(root, otherRoot)] = Math.min(root, otherRoot)
    },
  }
}
