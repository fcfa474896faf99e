import { setTimeout } from 'node:timers/promises'
import { secureWords } from '../privacy/noise/random-words.ts'
import type { CohortEvents } from './aggregates/cohort-events.ts'
import { createMemoryCohortEvents } from './aggregates/memory-cohort-events.ts'
import { type Aggregates, NO_AGGREGATES } from './aggregates/metric.ts'
import { catchUp, type LeadsTo } from './aggregates/people/follow-people.ts'
import type { People } from './aggregates/people/people.ts'
import type { AggregatesOptions } from './aggregates/subgraph.ts'
import type { BudgetLedger } from './budget/ledger.ts'
import type { ChangeFeed } from './identity/changes/change-feed.ts'
import { pidsNow } from './identity/pids-now.ts'
import type { Currency } from './standing/standing-store.ts'
import type { IdentityStore } from './identity/store.ts'

/** What aggregates keep: who is one person, what was given away, and what the order of events is drawn with. */
export interface AggregateStores {
  readonly people: People
  readonly ledger: BudgetLedger
  readonly key: Uint8Array
}

export interface AggregatesBeside {
  readonly aggregates: AggregateStores
  readonly identity: Pick<IdentityStore, 'look'>
  readonly changes: Pick<ChangeFeed, 'after' | 'onWrite'>
  /** Whether what the store of events has heard of consent may be relied upon at this moment. */
  readonly currency: Currency
  /** Default: none were ever received. */
  readonly events?: CohortEvents
}

/** Answers are given at whole steps of this since the question. */
const STEP_MS = 500

/** Aggregates beside the store of events and the service that knows who is one person. */
export const openAggregates = (
  { aggregates: stores, identity, changes, currency, events = createMemoryCohortEvents() }: AggregatesBeside,
  aggregates: Aggregates = NO_AGGREGATES,
): AggregatesOptions => {
  const leadsTo: LeadsTo = (pids) => identity.look((graph) => pidsNow(graph, pids))
  const upToDate = oneAfterAnother(() => catchUp(stores.people, changes, leadsTo))
  // Also while nobody asks: a pid that was lost leads on only for so long.
  changes.onWrite(() => void upToDate().catch(() => {}))
  return {
    ...stores,
    aggregates,
    events: refusingToGuess(events, currency),
    clock: Date.now,
    catchUp: async () => {
      requireCurrent(currency)
      await upToDate()
    },
    words: secureWords(),
    pace: () => {
      const startedAt = performance.now()
      return async () => {
        await setTimeout(STEP_MS - ((performance.now() - startedAt) % STEP_MS))
      }
    },
  }
}

/** A store that answers nothing while consent is not known would make everybody few: before and after each page it has to be. */
const refusingToGuess = (events: CohortEvents, currency: AggregatesBeside['currency']): CohortEvents => ({
  async ofType(asked, page) {
    requireCurrent(currency)
    const found = await events.ofType(asked, page)
    requireCurrent(currency)
    return found
  },
  turn: () => currency.turn(),
})

function requireCurrent(currency: Pick<Currency, 'isCurrent'>): void {
  if (!currency.isCurrent(Date.now())) throw new Error('What holds of consent is not known.')
}

/** Whoever comes while one is under way gets one that begins later: it sees what was there when it was asked for. */
const oneAfterAnother = (run: () => Promise<void>): (() => Promise<void>) => {
  let last = Promise.resolve()
  return () => {
    const next = last.then(run, run)
    last = next
    return next
  }
}
