import type { Log } from '../../log.ts'
import type { Lag } from './lag.ts'

/** Says once that a consumer is beyond what was agreed, and once that it no longer is. */
export function createAlerts(log: Log): (lags: readonly Lag[]) => void {
  const late = new Set<string>()
  return (lags) => {
    for (const { consumer, oldestMs, behind, state } of lags) {
      const { name, slaMs, position, kind } = consumer
      const isLate = state === 'late'
      if (isLate === late.has(name)) continue
      const event = { consumer: name, kind, position, behind, oldestMs, slaMs }
      if (isLate) {
        late.add(name)
        log(event, 'A consumer of consent changes is later than agreed.')
      } else {
        late.delete(name)
        log(event, 'A consumer of consent changes is no longer late.')
      }
    }
  }
}
