import { createHash } from 'node:crypto'
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, SelectionNode } from 'graphql'
import { AssentError } from './errors.ts'
import { switchesIn } from './fence/conditions.ts'
import { type ClientView, type ClientViews, createClientViews } from './client-views.ts'
import { createDenialsOf, type Denials } from './fence/denials.ts'
import { refuseExpanded } from './plan/refuse-expanded.ts'
import { settleConditions } from './fence/settle-conditions.ts'
import { isLost, strip } from './fence/strip.ts'
import type { LoadedWorld } from './plan/load-world.ts'
import { undeferred, usesDefer } from './plan/deferred-fragments.ts'
import { dataSelections, introspects, metaSelections } from './plan/meta-fields.ts'
import { type ActiveOverrides, createOverrides } from './plan/overrides.ts'
import { planOperation } from './plan/plan.ts'
import type { QueryPlan } from './plan/query-plan.ts'
import { readOperation } from './plan/read-operation.ts'
import type { Caller, ClientContract, PolicySource } from './ports.ts'
import { createProjector, type Projector } from './project/project.ts'

/** What of an operation is the same for every request. */
interface ReadOperation {
  /** As the client asked it, fragments inlined: the shape of the answer. */
  readonly client: OperationDefinitionNode
  /** The same with its `@defer`; null when it has none. */
  readonly deferring: OperationDefinitionNode | null
  readonly meta: readonly SelectionNode[]
  readonly view: ClientView
  /** As these callers may see it. */
  readonly schema: GraphQLSchema
  /** Which supergraph it is planned for, as a short digest. */
  readonly supergraph: string
}

/** An operation ready to run for every caller with the same rights, and for the same values of its switches. */
export interface PreparedOperation extends ReadOperation {
  /** What introspection shows to these callers. */
  readonly shown: GraphQLSchema
  /** Fields of concrete types that these callers may not read, whoever they are about. */
  readonly denied: ReadonlySet<string>
  /** Values of the variables that `@skip` and `@include` look at; of the others a plan knows nothing. */
  readonly switches: Switches
  readonly plan: QueryPlan
  readonly projector: Projector
}

type Variables = Readonly<Record<string, unknown>>
type Switches = Readonly<Record<string, boolean>>

/** An operation of a document, not planned yet: its variables say what of it there is to plan. */
export interface ChosenOperation extends Pick<ReadOperation, 'client' | 'schema'> {
  prepare(caller: Caller, variables: Variables): Promise<PreparedOperation>
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
  /** Throws `CONTRACTS_INVALID` when the contract's part of the graph cannot be asked. */
  viewOf(contract: ClientContract): ClientView
  choose(document: DocumentNode, operationName: string | undefined, contract: ClientContract): ChosenOperation
}

/**
 * Operations and their plans are kept beside the document they were made for: the door hands the same document object for
 * the same text, so a plan lives as long as its document.
 */
export const createOperations = (
  world: LoadedWorld,
  { policies, overrideLabels = [], random = Math.random }: OperationsParts = {},
): Operations => {
  const views = createClientViews(world)
  const overridesNow = createOverrides(world.overrides, { labels: overrideLabels, random })
  const denialsOf = createDenialsOf(world.access, policies)
  const operations = new WeakMap<DocumentNode, Map<string | undefined, ChosenOperation>>()
  const supergraph = createHash('sha256').update(world.supergraph.sdl).digest('hex').slice(0, 16)
  return {
    viewOf: (contract) => views.of(contract),
    choose: (document, operationName, contract) => {
      const view = views.of(contract)
      const key = view.key === '' ? operationName : `${view.key} ${operationName ?? ''}`
      const known = operations.get(document) ?? new Map<string | undefined, ChosenOperation>()
      operations.set(document, known)
      const found = known.get(key)
      if (found !== undefined) return found
      const operation = read(document, operationName, { world, view, supergraph })
      const chosen = choose(operation, { world, views, denialsOf, overridesNow })
      known.set(key, chosen)
      return chosen
    },
  }
}

interface Choosing {
  readonly world: LoadedWorld
  readonly views: ClientViews
  readonly denialsOf: ReturnType<typeof createDenialsOf>
  readonly overridesNow: () => ActiveOverrides
}

/** `@skip` and `@include` make an operation several; with n variables there may be 2^n of them. Beyond so many the oldest goes. */
const MOST_COMBINATIONS = 64

/**
 * One plan for the caller's scopes and what the caller may not read, by which the operation is stripped, and for the values
 * of the variables that switch parts of it.
 */
const choose = (
  operation: ReadOperation,
  { world, views, denialsOf, overridesNow }: Choosing,
): ChosenOperation => {
  const { client, schema, meta } = operation
  const introspected = introspects(meta)
  const names = switchesIn(client.selectionSet.selections)
  const plans = new Map<string, Map<string, Promise<PreparedOperation>>>()
  const begin = (combinations: Map<string, Promise<PreparedOperation>>, key: string, asked: Asked) => {
    const [oldest] = combinations.keys()
    if (oldest !== undefined && combinations.size >= MOST_COMBINATIONS) combinations.delete(oldest)
    const prepared = prepare(operation, { world, views }, asked)
    combinations.set(key, prepared)
    prepared.catch(() => combinations.delete(key))
    return prepared
  }
  return {
    client,
    schema,
    prepare: async (caller, variables) => {
      if (introspected && !caller.contract.introspection)
        throw new AssentError('INTROSPECTION_DISABLED', caller.client)
      const asked = denialsOf(caller)
      const denials = 'key' in asked ? asked : await asked
      const overrides = overridesNow()
      const rights = `${denials.key} ${overrides.key} ${scopesKey(caller.scopes)}`
      const combinations = plans.get(rights) ?? new Map<string, Promise<PreparedOperation>>()
      plans.set(rights, combinations)
      const key = switchesKey(names, variables)
      const known = combinations.get(key)
      if (known !== undefined) return known
      const switches = Object.fromEntries(names.map((name) => [name, variables[name] === true]))
      return begin(combinations, key, { caller, switches, denials, overrides })
    },
  }
}

const switchesKey = (names: readonly string[], variables: Variables): string =>
  names.length === 0 ? '' : names.map((name) => (variables[name] === true ? '1' : '0')).join('')

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
    planner: {
      plan: (text, _flags, graph) => planner.plan(text, overrides, graph),
      close: () => planner.close(),
    },
  }
}

interface Reading {
  readonly world: LoadedWorld
  readonly view: ClientView
  readonly supergraph: string
}

const read = (
  document: DocumentNode,
  operationName: string | undefined,
  { world, view, supergraph }: Reading,
): ReadOperation => {
  const asked = readOperation(document, operationName)
  const defers = usesDefer(asked.selectionSet)
  const client = defers ? { ...asked, selectionSet: undeferred(asked.selectionSet) } : asked
  if (defers && client.operation === 'subscription')
    throw new AssentError('GRAPHQL_VALIDATION_FAILED', '@defer in a subscription')
  if (!world.supergraph.roots.has(client.operation))
    throw new AssentError('OPERATION_UNSUPPORTED', client.operation)
  return {
    client,
    view,
    schema: view.schema,
    deferring: defers ? asked : null,
    meta: metaSelections(client.selectionSet),
    supergraph,
  }
}

interface Asked {
  readonly caller: Caller
  readonly switches: Switches
  readonly denials: Denials
  readonly overrides: ActiveOverrides
}

const prepare = async (
  operation: ReadOperation,
  { world, views }: Pick<Choosing, 'world' | 'views'>,
  { caller, switches, denials: { coordinates: denied }, overrides }: Asked,
): Promise<PreparedOperation> => {
  const { client, meta, view, schema } = operation
  const showsOwn = caller.contract.introspection === 'own' && introspects(meta)
  const root = world.supergraph.roots.get(client.operation) ?? ''
  const fetched = dataSelections(settleConditions(client.selectionSet, switches))
  const wanted = { ...client.selectionSet, selections: fetched }
  const stripped = strip(wanted, root, {
    world,
    scopes: caller.scopes,
    denied,
    isShown: (type) => schema.getType(type) !== undefined,
  })
  if (denied.size > 0) refuseExpanded(stripped)
  const open = dataSelections(stripped)
  return {
    ...operation,
    shown: showsOwn ? views.shown(view, isLost(world, caller.scopes, denied)) : schema,
    denied,
    switches,
    plan: await planOperation(client, open, overriding(world, overrides)),
    projector: createProjector(client, { world, schema, denied, switches }),
  }
}
