import { createHash } from 'node:crypto'
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, SelectionNode } from 'graphql'
import { AssentError } from './errors.ts'
import { createDenialsOf, type Denials } from './fence/denials.ts'
import { refuseExpanded } from './fence/refuse-expanded.ts'
import { strip } from './fence/strip.ts'
import type { LoadedWorld } from './plan/load-world.ts'
import { undeferred, usesDefer } from './plan/deferred-fragments.ts'
import { dataSelections, introspects, metaSelections } from './plan/meta-fields.ts'
import { type ActiveOverrides, createOverrides } from './plan/overrides.ts'
import { planOperation } from './plan/plan.ts'
import type { QueryPlan } from './plan/query-plan.ts'
import { readOperation } from './plan/read-operation.ts'
import type { Caller, PolicySource } from './ports.ts'
import { createProjector, type Projector } from './project/project.ts'

/** An operation ready to run for every caller with the same scopes. */
export interface PreparedOperation {
  /** As the client asked it, fragments inlined: the shape of the answer. */
  readonly client: OperationDefinitionNode
  /** The same with its `@defer`; null when it has none. */
  readonly deferring: OperationDefinitionNode | null
  readonly meta: readonly SelectionNode[]
  /** As these callers may see it. */
  readonly schema: GraphQLSchema
  /** Fields of concrete types that these callers may not read, whoever they are about. */
  readonly denied: ReadonlySet<string>
  readonly plan: QueryPlan
  readonly projector: Projector
  /** Which supergraph it was planned for, as a short digest. */
  readonly supergraph: string
}

export interface OperationsParts {
  /** Answers for `@policy`; contracts do unless told otherwise. */
  readonly policies?: PolicySource | undefined
  /** Labels of `@override` that are on for every request. */
  readonly overrideLabels?: readonly string[]
  /** Draws the share of requests that `@override(label: "percent(…)")` speaks of. */
  readonly random?: () => number
}

export interface Operations {
  prepare(
    document: DocumentNode,
    operationName: string | undefined,
    caller: Caller,
  ): Promise<PreparedOperation>
}

/**
 * Plans are kept beside the document they were made for: the door hands the same document object for the same text,
 * so a plan lives as long as its document. The key holds the caller's scopes and what the caller may not read, by which the
 * document was stripped.
 */
export const createOperations = (
  world: LoadedWorld,
  { policies, overrideLabels = [], random = Math.random }: OperationsParts = {},
): Operations => {
  const overridesNow = createOverrides(world.overrides, { labels: overrideLabels, random })
  const denialsOf = createDenialsOf(world.access, policies)
  const plans = new WeakMap<DocumentNode, Map<string, Promise<PreparedOperation>>>()
  const supergraph = createHash('sha256').update(world.supergraph.sdl).digest('hex').slice(0, 16)
  const begin = (key: string, asked: Asked): Promise<PreparedOperation> => {
    const known = plans.get(asked.document) ?? new Map<string, Promise<PreparedOperation>>()
    plans.set(asked.document, known)
    const prepared = prepare({ world, supergraph }, asked)
    known.set(key, prepared)
    prepared.catch(() => known.delete(key))
    return prepared
  }
  return {
    prepare: async (document, operationName, caller) => {
      const asked = denialsOf(caller)
      const denials = 'key' in asked ? asked : await asked
      const overrides = overridesNow()
      const key = `${operationName ?? ''} ${denials.key} ${overrides.key} ${scopesKey(caller.scopes)}`
      const known = plans.get(document)?.get(key)
      const operation = await (known ?? begin(key, { document, operationName, caller, denials, overrides }))
      if (operation.meta.length > 0 && introspects(operation.meta) && !caller.contract.introspection)
        throw new AssentError('INTROSPECTION_DISABLED', caller.client)
      return operation
    },
  }
}

interface Asked {
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly caller: Caller
  readonly denials: Denials
  readonly overrides: ActiveOverrides
}

const scopeKeys = new WeakMap<ReadonlySet<string>, string>()

/** The same for the same scopes, in whatever order; callers of one kind often share their set. */
const scopesKey = (scopes: ReadonlySet<string>): string => {
  const known = scopeKeys.get(scopes)
  if (known !== undefined) return known
  const key = JSON.stringify([...scopes].toSorted())
  scopeKeys.set(scopes, key)
  return key
}

/** A plan is made for what a request takes part in. */
const overriding = (world: LoadedWorld, overrides: ActiveOverrides): LoadedWorld => {
  const { planner } = world
  return {
    ...world,
    planner: { plan: (text) => planner.plan(text, overrides), close: () => planner.close() },
  }
}

interface Preparing {
  readonly world: LoadedWorld
  readonly supergraph: string
}

const prepare = async (
  { world, supergraph }: Preparing,
  { document, operationName, caller, denials: { coordinates: denied }, overrides }: Asked,
): Promise<PreparedOperation> => {
  const asked = readOperation(document, operationName)
  const defers = usesDefer(asked.selectionSet)
  const client = defers ? { ...asked, selectionSet: undeferred(asked.selectionSet) } : asked
  if (defers && client.operation === 'subscription')
    throw new AssentError('GRAPHQL_VALIDATION_FAILED', '@defer in a subscription')
  const root = world.supergraph.roots.get(client.operation)
  if (root === undefined) throw new AssentError('OPERATION_UNSUPPORTED', client.operation)
  const fetched = dataSelections(client.selectionSet)
  const wanted = { ...client.selectionSet, selections: fetched }
  const stripped = strip(wanted, root, { world, scopes: caller.scopes, denied })
  if (denied.size > 0) refuseExpanded(stripped)
  const open = dataSelections(stripped)
  const schema = world.apiSchema
  return {
    client,
    schema,
    denied,
    deferring: defers ? asked : null,
    meta: metaSelections(client.selectionSet),
    plan: await planOperation(client, open, overriding(world, overrides)),
    projector: createProjector(client, { world, schema, denied }),
    supergraph,
  }
}
