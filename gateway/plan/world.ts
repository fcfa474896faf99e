import type { AccessMap } from '../../schema/access.ts'
import type { ProtectionMap } from '../../schema/protection.ts'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import type { Supergraph } from '../../schema/supergraph.ts'
import { AssentError } from '../errors.ts'
import type { OperationKind } from './query-plan.ts'

/** What plans are made from; nothing in it knows who asks. */
export interface World {
  readonly supergraph: Supergraph
  readonly protection: ProtectionMap
  /** What callers must be, whoever the data is about. */
  readonly access: AccessMap
  /** Every field name of the supergraph. */
  readonly fieldNames: ReadonlySet<string>
  /** Fields that keys and inputs read and that take arguments. */
  readonly inputNames: ReadonlySet<string>
  /** Fields that some subgraph answers for all types of an interface at once. */
  readonly sharedNames: ReadonlySet<string>
}

export const viewOf = (world: World, subgraph: string): SubgraphView => {
  const view = world.supergraph.subgraphs.get(subgraph)
  if (view === undefined) throw new AssentError('PLAN_UNFENCED', subgraph)
  return view
}

export const rootType = (world: World, operation: OperationKind): string =>
  world.supergraph.roots.get(operation) ?? STANDARD_ROOTS[operation]

const STANDARD_ROOTS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }

export const isSubject = (world: World, type: string): boolean => world.protection.subjects.has(type)

export const isProtected = (world: World, type: string, field: string): boolean =>
  world.protection.protections.has(`${type}.${field}`)

/** Object types one subgraph may answer with where `type` is declared. A name it does not know has none: such a selection cannot be cut. */
export const possibleIn = (view: SubgraphView, type: string): readonly string[] =>
  view.types.get(type)?.possible ?? []

export const childType = (view: SubgraphView, parent: string, field: string): string | null =>
  view.types.get(parent)?.fields.get(field)?.named ?? null

/** Whether a fragment's condition lets an object of this concrete type in, over the whole supergraph. */
export const admits = (world: World, condition: string | undefined, type: string): boolean =>
  condition === undefined ||
  condition === type ||
  (world.supergraph.types.get(condition)?.possible ?? []).includes(type)

/** Whether a subgraph knows an interface as one object (`@interfaceObject`). */
export const isInterfaceObject = ({ supergraph }: Pick<World, 'supergraph'>, type: string): boolean =>
  [...supergraph.subgraphs.values()].some((view) => view.types.get(type)?.isInterfaceObject === true)

export const knowsInterfaceObjects = (world: World): boolean =>
  [...world.supergraph.types.keys()].some((type) => isInterfaceObject(world, type))
