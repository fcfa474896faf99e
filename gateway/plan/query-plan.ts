import {
  type FieldNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
} from 'graphql'

export type OperationKind = 'query' | 'mutation' | 'subscription'

/**
 * Our words for a query plan. The planner's own shape is translated once and seen nowhere else.
 *
 * Fetch asks root fields; EntityFetch asks `_entities` for objects already found (one or more lookups in one request).
 * Nothing in it is conditional: it is made for an operation whose `@skip` and `@include` are settled.
 */
export type PlanNode = SequenceNode | ParallelNode | FetchNode | EntityFetchNode

export interface SequenceNode {
  readonly kind: 'Sequence'
  readonly nodes: readonly PlanNode[]
}

export interface ParallelNode {
  readonly kind: 'Parallel'
  readonly nodes: readonly PlanNode[]
}

export interface FetchNode {
  readonly kind: 'Fetch'
  readonly subgraph: string
  /** A subscription's fetch stands first in its plan; the rest of the plan runs for every event. */
  readonly operation: OperationKind
  readonly variables: readonly VariableDefinitionNode[]
  readonly selection: SelectionSetNode
  /** Where the answer is merged: the root, or every object a mutation payload returned as Query. */
  readonly path: Path
  readonly outputRewrites: readonly Rewrite[]
}

export interface EntityFetchNode {
  readonly kind: 'EntityFetch'
  readonly subgraph: string
  readonly variables: readonly VariableDefinitionNode[]
  readonly lookups: readonly Lookup[]
}

/** One `_entities` field: which objects, what is sent of them, what is asked. */
export interface Lookup {
  readonly paths: readonly Path[]
  readonly requires: readonly Requirement[]
  /** Inline fragments, one or more a type. */
  readonly selection: SelectionSetNode
  readonly inputRewrites: readonly Rewrite[]
  readonly outputRewrites: readonly Rewrite[]
  /** What an answer about an object of each type must say of itself; empty in a graph that holds nobody's data. */
  readonly proofs: ReadonlyMap<string, readonly ProofField[]>
  /** By the type name a representation carries; empty when nothing here is a person's protected data. */
  readonly guards: ReadonlyMap<string, Guard>
}

/** What the fence needs to know of one type in one lookup. */
export interface Guard {
  /** Response keys from the object down to the subject key. */
  readonly subject: readonly string[]
  /** Protected coordinates in the selection, all of them and no others. */
  readonly coordinates: readonly string[]
  /** Field sets of `@requires`, by the coordinate that needs them. */
  readonly inputs: ReadonlyMap<string, SelectionSetNode>
  /**
   * Coordinates nobody asked for, fetched only as input of others → those others.
   * Where none of them is granted the input is not fetched either, even if it could be.
   */
  readonly serves: ReadonlyMap<string, readonly string[]>
  /** The single key field that can name nobody; null when the type has none. */
  readonly anonymousKey: string | null
}

/** A key asked for again in the answer, so that nobody's data is taken for another's. */
export interface ProofField {
  readonly responseKey: string
  readonly name: string
  readonly children: readonly ProofField[]
}

/** What a representation is made of, read from the object under `source`, sent under `name`. */
export type Requirement =
  | {
      readonly kind: 'field'
      readonly name: string
      readonly source: string
      readonly children: readonly Requirement[] | null
    }
  | { readonly kind: 'type'; readonly type: string; readonly children: readonly Requirement[] }

export type PathSegment = { readonly field: string } | { readonly types: readonly string[] } | 'item'
export type Path = readonly PathSegment[]

/** `rename`: an aliased field back to the key that was asked for. `set`: a constant in a representation. */
export type Rewrite =
  | { readonly kind: 'rename'; readonly path: readonly RewriteSegment[]; readonly to: string }
  | { readonly kind: 'set'; readonly path: readonly RewriteSegment[]; readonly value: string }
export type RewriteSegment = { readonly key: string } | { readonly types: readonly string[] }

export interface QueryPlan {
  readonly root: PlanNode | null
}

export const sequence = (nodes: readonly PlanNode[]): PlanNode =>
  nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: 'Sequence', nodes }

export const selectionSet = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
})

/** Asked wherever it must be known what an object is. */
export const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }
