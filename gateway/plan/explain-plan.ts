import { Kind, print, type SelectionSetNode, stripIgnoredCharacters, visit } from 'graphql'
import type { Protection, ProtectionMap } from '../../schema/protection.ts'
import type {
  EntityFetchNode,
  FetchNode,
  Guard,
  Lookup,
  Path,
  PlanNode,
  QueryPlan,
  Requirement,
} from './query-plan.ts'

/** A plan in plain words and texts, to be shown: as JSON as it stands, for people through `plan-text.ts`. */
export type ExplainedNode =
  | { readonly kind: 'Sequence' | 'Parallel'; readonly nodes: readonly ExplainedNode[] }
  | ExplainedFetch
  | {
      readonly kind: 'EntityFetch'
      readonly subgraph: string
      readonly lookups: readonly ExplainedLookup[]
    }

export interface ExplainedFetch {
  readonly kind: 'Fetch'
  readonly subgraph: string
  readonly operation: FetchNode['operation']
  /** Where the answer is merged; empty for the root. */
  readonly path: string
  readonly variables: readonly string[]
  readonly asks: string
}

export interface ExplainedLookup {
  /** Names the lookup within its plan: `L1`, `L2`, … */
  readonly name: string
  readonly paths: readonly string[]
  readonly variables: readonly string[]
  /** What a representation is made of. */
  readonly sends: string
  readonly asks: string
  readonly guards: readonly ExplainedGuard[]
}

export interface ExplainedGuard {
  readonly type: string
  /** Where the subject key stands in the object. */
  readonly subject: string
  readonly coordinates: readonly ExplainedCoordinate[]
}

export interface ExplainedCoordinate {
  readonly coordinate: string
  /** Every clause must hold; of a clause one group must be granted whole. */
  readonly clauses: Protection['clauses'][number]['anyOf'][]
  /** The inputs (`@requires`) it is computed from. */
  readonly inputs?: string
  /** Set when nobody asked for it: it is fetched as input of these. */
  readonly inputOf?: readonly string[]
  readonly otherwise?: 'ANONYMOUS'
}

export const explainPlan = (plan: QueryPlan, protection: ProtectionMap): ExplainedNode | null => {
  const names = lookupNames(plan)
  return plan.root === null ? null : explainNode(plan.root, { names, protection })
}

/** The lookups of a plan in the order they are met, and what each is called. */
export const lookupNames = ({ root }: QueryPlan): ReadonlyMap<Lookup, string> =>
  new Map(
    (root === null ? [] : entityFetches(root))
      .flatMap(({ lookups }) => lookups)
      .map((lookup, index) => [lookup, `L${index + 1}`]),
  )

export const entityFetches = (node: PlanNode): EntityFetchNode[] => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(entityFetches)
    case 'EntityFetch':
      return [node]
    case 'Fetch':
      return []
  }
}

/** A selection on one line. */
export const selectionText = (set: SelectionSetNode): string =>
  stripIgnoredCharacters(print(set))
    .replaceAll(/[{}]/g, ' $& ')
    .replaceAll(/\.{3}(?=\S)/g, '... ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()

interface Explaining {
  readonly names: ReadonlyMap<Lookup, string>
  readonly protection: ProtectionMap
}

const explainNode = (node: PlanNode, at: Explaining): ExplainedNode => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((child) => explainNode(child, at)) }
    case 'Fetch':
      return {
        kind: 'Fetch',
        subgraph: node.subgraph,
        operation: node.operation,
        path: pathText(node.path),
        variables: variablesIn(node.selection),
        asks: selectionText(node.selection),
      }
    case 'EntityFetch': {
      const lookups = node.lookups.map((lookup) => explainLookup(lookup, at))
      return { kind: 'EntityFetch', subgraph: node.subgraph, lookups }
    }
  }
}

const explainLookup = (lookup: Lookup, { names, protection }: Explaining): ExplainedLookup => ({
  name: names.get(lookup) ?? '',
  paths: lookup.paths.map(pathText),
  variables: variablesIn(lookup.selection),
  sends: requirementsText(lookup.requires),
  asks: selectionText(lookup.selection),
  guards: [...lookup.guards].map(([type, guard]) => ({
    type,
    subject: guard.subject.join('.'),
    coordinates: guard.coordinates.map((coordinate) => explainCoordinate(coordinate, guard, protection)),
  })),
})

const explainCoordinate = (
  coordinate: string,
  { inputs, serves }: Guard,
  { protections }: ProtectionMap,
): ExplainedCoordinate => {
  const protection = protections.get(coordinate)
  const input = inputs.get(coordinate)
  const inputOf = serves.get(coordinate)
  return {
    coordinate,
    clauses: (protection?.clauses ?? []).map(({ anyOf }) => anyOf),
    ...(input === undefined ? {} : { inputs: selectionText(input) }),
    ...(inputOf === undefined ? {} : { inputOf }),
    ...(protection?.otherwise === 'ANONYMOUS' ? { otherwise: 'ANONYMOUS' as const } : {}),
  }
}

const pathText = (path: Path): string =>
  path
    .map((segment) =>
      segment === 'item' ? '@' : 'field' in segment ? segment.field : `(${segment.types.join(' | ')})`,
    )
    .join('.')

const requirementsText = (requires: readonly Requirement[]): string =>
  `{ ${requires
    .map((one) => {
      if (one.kind === 'type') return `... on ${one.type} ${requirementsText(one.children)}`
      const name = one.source === one.name ? one.name : `${one.name} (from ${one.source})`
      return one.children === null ? name : `${name} ${requirementsText(one.children)}`
    })
    .join(' ')} }`

const variablesIn = (set: SelectionSetNode): string[] => {
  const found = new Set<string>()
  visit(set, { [Kind.VARIABLE]: ({ name }) => void found.add(`$${name.value}`) })
  return [...found]
}
