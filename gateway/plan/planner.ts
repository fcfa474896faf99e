import type { QueryPlan as PlannerPlan, QueryPlanner } from '@graphql-hive/router-query-planner'

/** Makes plans. One that cannot be made is a rejection; an `AssentError` says that asking in other words is no use. */
export interface Planner {
  plan(text: string): Promise<PlannerPlan>
  close(): void
}

/** Makes a planner of the planner's supergraph, see `planner-supergraph.ts`. */
export type StartPlanner = (supergraphSdl: string) => Planner

/** In the process that asks: a panic of the planner's native code ends that process, too. */
export const inProcessPlanner = (native: QueryPlanner): Planner => ({
  plan: (text) => planNatively(native, text),
  close: () => undefined,
})

export const planNatively = (native: QueryPlanner, text: string): Promise<PlannerPlan> =>
  native.planAsync(text, undefined, new Set(), 0)
