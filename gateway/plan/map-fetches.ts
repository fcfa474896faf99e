import type { EntityFetchNode, FetchNode, Lookup, PlanNode, QueryPlan } from './query-plan.ts'

export interface FetchChanges {
  fetch(node: FetchNode): FetchNode
  entities(node: EntityFetchNode): EntityFetchNode
}

/** The plan with every request changed, in the order in which they are made. */
export const mapFetches = (node: PlanNode, changes: FetchChanges): PlanNode => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((child) => mapFetches(child, changes)) }
    case 'Fetch':
      return changes.fetch(node)
    case 'EntityFetch':
      return changes.entities(node)
  }
}

/** The plan with every lookup changed, or made several. */
export const mapLookups = (
  plan: QueryPlan,
  change: (lookup: Lookup, subgraph: string) => readonly Lookup[],
): QueryPlan => ({
  root:
    plan.root === null
      ? null
      : mapFetches(plan.root, {
          fetch: (node) => node,
          entities: (node) => ({
            ...node,
            lookups: node.lookups.flatMap((lookup) => change(lookup, node.subgraph)),
          }),
        }),
})
