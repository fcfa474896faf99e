import type { Fence } from '../fence/fence.ts'
import type { Ledger } from '../fence/ledger.ts'
import type { OperationCost } from '../limits/operation-cost.ts'
import type { QueryPlan } from '../plan/query-plan.ts'
import type { ConsentSource, DecisionLog, SubgraphClient } from '../ports.ts'

/**
 * What the engine tells of one request to whoever watches it. Without one nothing is measured and nothing is made for
 * it: the engine calls it where a phase begins, and hands it what it may stand around.
 */
export interface RequestWatch {
  /** What the operation costs and may cost; told of what is served. A refusal carries its own figures. */
  costed?(cost: OperationCost): void
  /** A phase begins, and the one before it has ended. */
  phase(name: 'plan' | 'fetch' | 'project'): void
  planned(plan: QueryPlan): void
  /** The ports that this request alone uses from now on; a stream uses them for each of its events. */
  ports(ports: WatchedPorts, isStream?: boolean): WatchedPorts
  /** The fence that this request alone uses from now on; the ledger holds what it decides. */
  fence(fence: Fence, ledger: Ledger): Fence
  /** What was withheld, whether or not the answer tells of it. */
  withheld(lines: readonly WithheldLine[]): void
}

export interface WithheldLine {
  readonly coordinate: string
  readonly reason: string
  readonly count: number
}

export interface WatchedPorts {
  readonly subgraphs: SubgraphClient
  readonly consent: ConsentSource
  readonly decisionLog: DecisionLog
}
