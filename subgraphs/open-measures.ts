import type { Aggregates } from './aggregates/metric.ts'
import type { AggregatesOptions } from './aggregates/subgraph.ts'
import type { BudgetLedger } from './budget/ledger.ts'
import { type BudgetMeasures, budgetMetrics } from './measures/budget-metrics.ts'
import { type EventMeasures, eventMetrics } from './measures/event-metrics.ts'
import { type FreshnessMeasures, freshnessMetrics } from './measures/freshness-metrics.ts'
import type { PurgeMeter } from './measures/purge-meter.ts'
import { type AggregatesBeside, openAggregates } from './open-aggregates.ts'
import type { Route } from './route.ts'
import { metricsRoute } from './metrics-route.ts'

/** What is measured of everything that is kept about people; what a house does not have is not measured. */
export interface Measured {
  readonly budgets: BudgetMeasures
  readonly purges?: PurgeMeter
  readonly events?: EventMeasures
  readonly features?: FreshnessMeasures
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

interface MeasuredBeside extends AggregatesBeside {
  readonly features: FreshnessMeasures
  readonly eventStores: { readonly quarantine: Pick<EventMeasures, 'waiting'> }
}

interface MeasuredTerms {
  readonly purges: PurgeMeter
  readonly counters: Pick<EventMeasures, 'counts' | 'deprecations'>
  readonly aggregates?: Aggregates
  readonly outbox?: { readonly operatorToken: string | null }
}

/** Aggregates, and beside them what is measured of all that is kept. */
export const measuredAggregates = (
  stores: MeasuredBeside,
  { aggregates: declared, outbox, purges, counters }: MeasuredTerms,
): { readonly aggregates: AggregatesOptions; readonly aggregatesRoutes: readonly Route[] } => {
  const aggregates = openAggregates(stores, declared)
  const budgets = budgetsOf(aggregates.aggregates, aggregates.ledger)
  const { features, eventStores } = stores
  const events = { ...counters, waiting: () => eventStores.quarantine.waiting() }
  const measured = { budgets, purges, features, events, clock: Date.now }
  const route = measuresRoute(measured, outbox?.operatorToken ?? null)
  return { aggregates, aggregatesRoutes: [route] }
}

/** `/metrics` for whoever operates the service; null: for nobody. */
export const measuresRoute = (measured: Measured, operatorToken: string | null): Route =>
  metricsRoute(operatorToken, () => measures(measured))

async function measures({ budgets, purges, events, features, clock }: Measured): Promise<string> {
  const now = clock()
  const parts = [
    events && eventMetrics(events, now),
    features && freshnessMetrics(features, now),
    purges?.text(),
    budgetMetrics(budgets, now),
  ]
  return (await Promise.all(parts.map(async (part) => (await part) ?? ''))).join('')
}

export const budgetsOf = ({ budgets }: Aggregates, ledger: Pick<BudgetLedger, 'left'>): BudgetMeasures => ({
  budgets: (now) =>
    Promise.all(
      [...budgets.values()].map(async (budget) => ({
        name: budget.name,
        limits: await ledger.left(budget, now),
      })),
    ),
})
