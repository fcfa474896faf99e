import type { QueryPlan } from '../plan/query-plan.ts'
import type { AccessLog } from './access-log.ts'
import type { Meter } from './meter.ts'
import { ObservedRequest, type Observing } from './observed-request.ts'
import type { Observer } from './observer.ts'
import { createOperationNames } from './operation-names.ts'
import type { Tracing } from './tracing.ts'

export interface ObserverOptions {
  readonly meter: Meter | null
  readonly tracing: Tracing | null
  readonly accessLog: AccessLog | null
  readonly serverTiming: boolean
  /** Documents hold the literals that clients write into them, which may be a person's. */
  readonly traceDocuments: boolean
  readonly operationNames: 'registered' | 'all'
}

/** Null when nothing is watched: then nothing is made for any request. */
export const createObserver = (options: ObserverOptions): Observer | null => {
  const { meter, tracing, accessLog, serverTiming } = options
  if (meter === null && tracing === null && accessLog === null && !serverTiming) return null
  const operationNames = createOperationNames(options.operationNames)
  const observing: Observing = { ...options, operationNames, isKept: knownPlans(meter) }
  return { begin: (request) => new ObservedRequest(observing, request) }
}

/** A plan that was seen before was kept; how many there are is known by those that went with their document. */
const knownPlans = (meter: Meter | null): ((plan: QueryPlan) => boolean) => {
  const seen = new WeakSet<QueryPlan>()
  const gone = new FinalizationRegistry(() => meter?.add('plansKept', {}, -1))
  return (plan) => {
    if (seen.has(plan)) return true
    seen.add(plan)
    gone.register(plan, undefined)
    meter?.add('plansKept', {}, 1)
    return false
  }
}
