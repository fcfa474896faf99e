/** Why a clause stands on a coordinate. */
export type ClauseOrigin = 'own' | 'parent' | 'return' | 'input' | 'interface'

/** An OR of ANDs: one of the groups must be granted whole. */
export type ScopeGroups = readonly (readonly string[])[]

/** One requirement, with the coordinate that brought it. Clauses of a protection are AND-ed. */
export interface Clause {
  readonly anyOf: ScopeGroups
  readonly origin: ClauseOrigin
  readonly from: string
}

/** What a concrete coordinate (`Customer.email`) asks before it may be fetched. */
export interface Protection {
  readonly coordinate: string
  readonly clauses: readonly Clause[]
  readonly otherwise: 'NULL' | 'ANONYMOUS'
}

/** A type that belongs to a person, and the field set that names the person. */
export interface DataSubject {
  readonly type: string
  /** As written: `pid` or `customer { pid }`; exactly one leaf. */
  readonly key: string
  /** The same as names from the type down to the leaf. */
  readonly keyPath: readonly string[]
}

export interface ProtectionMap {
  readonly protections: ReadonlyMap<string, Protection>
  readonly subjects: ReadonlyMap<string, DataSubject>
}
