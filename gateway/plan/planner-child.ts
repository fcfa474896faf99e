import { type QueryPlan as PlannerPlan, QueryPlanner } from '@graphql-hive/router-query-planner'
import { nativePlanner, type Planner, type PlannerFlags, type PlannerGraph } from './planner.ts'

/** What the parent says: first the supergraph, then one document at a time. */
export type ToPlanner =
  | { readonly type: 'load'; readonly supergraphSdl: string }
  | {
      readonly type: 'plan'
      readonly text: string
      readonly flags?: PlannerFlags | undefined
      readonly graph?: PlannerGraph | undefined
    }

export type FromPlanner =
  | { readonly type: 'loaded' }
  | { readonly type: 'planned'; readonly plan: PlannerPlan }
  /** The planner's own words may quote the document. */
  | { readonly type: 'refused'; readonly problem: string }

/**
 * The process that plans, and that may die of it: the planner's native code aborts on some valid documents, and a document
 * can keep it busy without end. Started with an IPC channel (`child_process.fork`) and gone when the channel is.
 */
let planned: Planner['plan'] | undefined

process.on('message', (message: ToPlanner) => {
  if (message.type === 'plan') return void plan(message)
  planned = nativePlanner(new QueryPlanner(message.supergraphSdl), message.supergraphSdl)
  tell({ type: 'loaded' })
})
// An orderly exit would wait for the thread that plans.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Control-C goes to the whole group; the parent still answers what it has begun, and then closes the channel.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

async function plan({ text, flags, graph }: Extract<ToPlanner, { type: 'plan' }>): Promise<void> {
  try {
    if (planned === undefined) throw new Error('No supergraph is loaded.')
    tell({ type: 'planned', plan: await planned(text, flags, graph) })
  } catch (cause) {
    tell({ type: 'refused', problem: cause instanceof Error ? cause.message : 'unknown' })
  }
}

function tell(message: FromPlanner): void {
  if (process.connected) process.send?.(message)
}
