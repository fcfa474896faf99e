import { type QueryPlan as PlannerPlan, QueryPlanner } from '@graphql-hive/router-query-planner'

/** Makes plans. One that cannot be made is a rejection; an `AssentError` says that asking in other words is no use. */
export interface Planner {
  plan(text: string, flags?: PlannerFlags, graph?: PlannerGraph): Promise<PlannerPlan>
  close(): void
}

/** The supergraph as it is served, or with a way into every entity (`entered-supergraph.ts`). */
export type PlannerGraph = 'served' | 'entered'

/** Which fields that are moving (`@override`) are taken from where they move to. */
export interface PlannerFlags {
  readonly labels: readonly string[]
  /** Moves of a larger share than this are taken part in. */
  readonly percentage: number
}

/** Makes a planner of the planner's supergraph, see `planner-supergraph.ts`. */
export type StartPlanner = (supergraphSdl: string) => Planner

/** In the process that asks: a panic of the planner's native code ends that process, too. */
export const inProcessPlanner = (native: QueryPlanner, supergraphSdl: string): Planner => {
  const plan = nativePlanner(native, supergraphSdl)
  return { plan, close: () => undefined }
}

/** Most supergraphs are never entered: the planner for that is made when it is needed for the first time. */
export const nativePlanner = (served: QueryPlanner, supergraphSdl: string): Planner['plan'] => {
  let entered: Promise<QueryPlanner> | undefined
  return async (text, { labels, percentage } = { labels: [], percentage: 0 }, graph = 'served') => {
    const native = graph === 'served' ? served : await (entered ??= enteredPlanner(supergraphSdl))
    return native.planAsync(text, undefined, new Set(labels), percentage)
  }
}

const enteredPlanner = async (supergraphSdl: string): Promise<QueryPlanner> => {
  const { enteredSupergraph } = await import('./entered-supergraph.ts')
  return new QueryPlanner(enteredSupergraph(supergraphSdl))
}
