import type { EventErrorCode } from '../event-error-catalogue.ts'

/** What came of events, for who watches over the flow. Labels are few: types that have a contract, and codes. */
export interface FlowCounters {
  /** `type` is null where it is not one of a contract. */
  count(type: string | null, outcome: FlowOutcome): void
  /** It came under a version whose end was announced: who sends it has to move on. */
  deprecated(type: string, version: number): void
}

export type FlowOutcome = 'stored' | 'duplicate' | EventErrorCode

export interface ReadableCounters extends FlowCounters {
  /** Since this process began. */
  readonly counts: () => readonly FlowCount[]
  readonly deprecations: () => readonly DeprecatedUse[]
}

export interface FlowCount {
  /** `unknown` where it is not one of a contract. */
  readonly type: string
  readonly outcome: FlowOutcome
  readonly count: number
}

interface DeprecatedUse {
  readonly type: string
  readonly version: number
  readonly count: number
}

export function createFlowCounters(): ReadableCounters {
  const counts = new Map<string, FlowCount>()
  const deprecations = new Map<string, DeprecatedUse>()
  return {
    count(type, outcome) {
      const key = JSON.stringify([type, outcome])
      const before = counts.get(key)?.count ?? 0
      counts.set(key, { type: type ?? 'unknown', outcome, count: before + 1 })
    },
    deprecated(type, version) {
      const key = JSON.stringify([type, version])
      deprecations.set(key, { type, version, count: (deprecations.get(key)?.count ?? 0) + 1 })
    },
    counts: () => [...counts.values()],
    deprecations: () => [...deprecations.values()],
  }
}
