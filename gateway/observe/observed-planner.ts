import type { Planner } from '../plan/planner.ts'
import type { Meter } from './meter.ts'

/** A planner whose work in progress is counted. */
export const observedPlanner = (planner: Planner, meter: Meter | null): Planner => {
  if (meter === null) return planner
  return {
    async plan(text, flags, graph) {
      meter.add('plansInProgress', {}, 1)
      try {
        return await planner.plan(text, flags, graph)
      } finally {
        meter.add('plansInProgress', {}, -1)
      }
    },
    close: () => planner.close(),
  }
}
