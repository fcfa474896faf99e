import type { SubgraphEvent } from '../../ports.ts'
import type { Circuit } from './circuit.ts'
import type { Wire } from './connections.ts'
import type { Deadlines } from './deadlines.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { Slots } from './slots.ts'

/** What all calls to one subgraph share. */
export interface Lane {
  readonly subgraph: string
  readonly wire: Wire
  readonly circuit: Circuit
  readonly slots: Slots
  readonly budget: RetryBudget
  readonly deadlines: Deadlines
  /** For the whole answer, waiting and trying again included. */
  readonly timeoutMs: number
  /** How often a query is tried again at most. */
  readonly retries: number
  readonly tell: (event: SubgraphEvent) => void
  /** Told how long each answer is, as text. */
  readonly received: (characters: number) => void
}
