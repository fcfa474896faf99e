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
import type { IdentityStore } from './identity/store.ts'

/** What aggregates keep: who is one person, what was given away, and what the order of events is drawn with. */
export interface AggregateStores {
  readonly people: People
  readonly ledger: BudgetLedger
  readonly key: Uint8Array
}

interface Beside {
  readonly aggregates: AggregateStores
  readonly identity: Pick<IdentityStore, 'look'>
  readonly changes: Pick<ChangeFeed, 'after' | 'onWrite'>
  /** Default: none were ever received. */
  readonly cohortEvents?: CohortEvents
}

/** Answers are given at whole steps of this since the question. */
const STEP_MS = 500

/** Aggregates beside the store of events and the service that knows who is one person. */
export const openAggregates = (
  { aggregates: stores, identity, changes, cohortEvents = createMemoryCohortEvents() }: Beside,
  aggregates: Aggregates = NO_AGGREGATES,
): AggregatesOptions => {
  const leadsTo: LeadsTo = (pids) => identity.look((graph) => pidsNow(graph, pids))
  const upToDate = oneAfterAnother(() => catchUp(stores.people, changes, leadsTo))
  // Also while nobody asks: a pid that was lost leads on only for so long.
  changes.onWrite(() => void upToDate().catch(() => {}))
  return {
    ...stores,
    aggregates,
    events: cohortEvents,
    clock: Date.now,
    catchUp: upToDate,
    words: secureWords(),
    pace: () => {
      const startedAt = performance.now()
      return async () => {
        await setTimeout(STEP_MS - ((performance.now() - startedAt) % STEP_MS))
      }
    },
  }
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
