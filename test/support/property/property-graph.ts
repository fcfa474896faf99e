import type { TestSubgraph } from '../world.ts'

/** A data object of the merged graph. Relations and fields with arguments are functions, called with `this`. */
export interface Thing {
  readonly __typename: string
  /** The person it belongs to, by the name the tests know them by; null when it is nobody's. */
  readonly whose: string | null
  readonly [field: string]: unknown
}

/** A fixed graph that random operations run over: the subgraphs, and the same data as one. */
export interface PropertyGraph {
  readonly name: string
  readonly subgraphs: readonly PropertySubgraph[]
  readonly scopes: readonly string[]
  readonly roots: { readonly query: Thing; readonly mutation: Thing }
  /** What the subgraphs say instead of somebody's data. */
  readonly anonymous: Thing
  /** People by name → the key they are asked for by. A hidden person's key is itself protected data. */
  readonly people: ReadonlyMap<string, string>
  /** Object types that belong to no person, though they share interfaces with people. */
  readonly nobody: ReadonlySet<string>
  /** Values for arguments, so that lookups find somebody. */
  readonly ids: readonly string[]
}

export interface PropertySubgraph extends Pick<TestSubgraph, 'name' | 'sdl'> {
  /** Finds an entity by its representation, by type name. */
  readonly entities: Readonly<Record<string, (representation: Record<string, unknown>) => Thing | null>>
  /** Fields this subgraph only knows from the representation (`@requires`), by type name. */
  readonly external?: Readonly<Record<string, readonly string[]>>
}

/** Values that must never be where they were not granted: every one names its person and coordinate. */
export const canary = (person: string, ...coordinates: readonly string[]): string =>
  coordinates.map((coordinate) => `canary(${person}|${coordinate})`).join('')

export const CANARY = /canary\(([a-z-]+)\|([A-Za-z.]+)\)/g

/** Reads a field of a data object as a resolver would. */
export const read = (thing: object, field: string, values: Record<string, unknown> = {}): unknown => {
  const found: unknown = Object.hasOwn(thing, field) ? (thing as Record<string, unknown>)[field] : undefined
  return typeof found === 'function' ? (found as (values: unknown) => unknown).call(thing, values) : found
}
