import type { QueryPlan as PlannerPlan, QueryPlanner } from '@graphql-hive/router-query-planner'

/** Makes plans. One that cannot be made is a rejection; an `AssentError` says that asking in other words is no use. */
export interface Planner {
  plan(text: string, flags?: PlannerFlags): Promise<PlannerPlan>
  close(): void
}

/** Which fields that are moving (`@override`) are taken from where they move to. */
export interface PlannerFlags {
  readonly labels: readonly string[]
  /** Moves of a larger share than this are taken part in. */
  readonly percentage: number
}

/** Makes a planner of the planner's supergraph, see `planner-supergraph.ts`. */
export type StartPlanner = (supergraphSdl: string) => Planner

/** In the process that asks: a panic of the planner's native code ends that process, too. */
export const inProcessPlanner = (native: QueryPlanner): Planner => ({
  plan: (text, flags) => planNatively(native, text, flags),
  close: () => undefined,
})

export const planNatively = (
  native: QueryPlanner,
  text: string,
  { labels, percentage }: PlannerFlags = { labels: [], percentage: 0 },
): Promise<PlannerPlan> => native.planAsync(text, undefined, new Set(labels), percentage)
