import {
  type IdentityChange,
  type MergeDecision,
  type PossibleMatch,
  type RecordNode,
  type Separation,
  isGone,
} from './graph/decision.ts'
import type { GraphReader, GraphWriter } from './graph/graph-port.ts'

/** Decisions and nodes in maps, each by its id in the order of creation. */
export interface MemoryGraph {
  readonly nodes: Map<number, RecordNode>
  readonly merges: Map<string, MergeDecision>
  readonly separations: Map<string, Separation>
  readonly matches: Map<string, PossibleMatch>
  readonly changes: Map<string, IdentityChange>
  position: number
}

export const emptyGraph = (): MemoryGraph => ({
  nodes: new Map(),
  merges: new Map(),
  separations: new Map(),
  matches: new Map(),
  changes: new Map(),
  position: 0,
})

export function readMemoryGraph(graph: MemoryGraph): Omit<GraphReader, 'facts' | 'bySeed'> {
  const nodes = async (accept: (node: RecordNode) => boolean) => [...graph.nodes.values()].filter(accept)
  const isMerged = ({ a, b }: PossibleMatch): boolean => graph.nodes.get(a)?.pid === graph.nodes.get(b)?.pid
  return {
    byKey: (keys) => nodes(within(keys, ({ key }) => key)),
    byId: (ids) => nodes(within(ids, ({ id }) => id)),
    nodesAfter: async (after, limit) => (await nodes(({ id }) => id > after)).slice(0, limit),
    countNodes: async () => graph.nodes.size,
    members: (pids) => nodes(within(pids, ({ pid }) => pid)),
    mergesOf: async (ids) => touching(graph.merges, ids),
    merges: async (ids) => [...graph.merges.values()].filter(({ decisionId }) => ids.includes(decisionId)),
    untoldMerges: async (state, limit) =>
      [...graph.merges.values()].filter(({ consent }) => consent === state).slice(0, limit),
    separationsOf: async (ids) => touching(graph.separations, ids),
    matchesOf: async (ids) => touching(graph.matches, ids),
    match: async (matchId) => graph.matches.get(matchId) ?? null,
    openMatches: async (first, after) =>
      [...graph.matches.values()]
        .filter((match) => match.position > after && match.decided === null && !isMerged(match))
        .filter(({ a, b }) => [a, b].every((id) => graph.nodes.get(id)?.goneAt === null))
        .slice(0, first),
    untoldChanges: async (limit) => [...graph.changes.values()].slice(0, limit),
  }
}

const within = <T>(
  wanted: readonly T[],
  read: (node: RecordNode) => T | null,
): ((node: RecordNode) => boolean) => {
  const set = new Set<T | null>(wanted)
  return (node) => set.has(read(node))
}

type MemoryWriter = Omit<
  GraphWriter,
  'markGone' | 'facts' | 'bySeed' | 'renameRecords' | 'forgetElderPids' | 'forgetGonePids'
>

export const writeMemoryGraph = (graph: MemoryGraph): MemoryWriter => ({
  ...readMemoryGraph(graph),
  async takePositions(count) {
    graph.position += count
    return graph.position - count + 1
  },
  putMerges: async (merges) => put(graph.merges, merges, ({ decisionId }) => decisionId),
  putSeparations: async (separations) => put(graph.separations, separations, (one) => one.decisionId),
  putMatches: async (matches) => put(graph.matches, matches, ({ matchId }) => matchId),
  async putOwners(owners) {
    for (const [id, pid] of owners) {
      const node = graph.nodes.get(id)
      const wasPerson = node !== undefined && (node.wasPerson || (node.seed === pid && !isGone(node)))
      if (node !== undefined) graph.nodes.set(id, { ...node, pid, wasPerson })
    }
  },
  putChanges: async (changes) => put(graph.changes, changes, ({ id }) => id),
  async toldChanges(ids) {
    for (const id of ids) graph.changes.delete(id)
  },
})

const touching = <T extends { readonly a: number; readonly b: number }>(
  all: ReadonlyMap<string, T>,
  ids: readonly number[],
): T[] => {
  const wanted = new Set(ids)
  return [...all.values()].filter(({ a, b }) => wanted.has(a) || wanted.has(b))
}

function put<T>(map: Map<string, T>, items: readonly T[], keyOf: (item: T) => string): void {
  for (const item of items) map.set(keyOf(item), item)
}
