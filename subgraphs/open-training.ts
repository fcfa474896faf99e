import { createConsentHistory } from './consent/history/consent-history.ts'
import type { PolicyBundle } from './consent/policy/bundle.ts'
import type { FeatureDefinition } from './features/definitions/feature-definition.ts'
import type { ConsentNow, TrainingPorts } from './features/training/training-ports.ts'
import { consentHere, openStanding } from './open-standing.ts'
import type { OpenStores } from './open-stores.ts'
import { isAlive, type RestsOn } from './standing/standing.ts'
import type { StandingStore } from './standing/standing-store.ts'

export interface OpenTraining {
  readonly ports: TrainingPorts
  stop(): Promise<void>
}

export interface TrainingOptions {
  readonly definitions: readonly FeatureDefinition[]
  readonly policy: PolicyBundle | null
}

/** What training sets are made of, in a process that serves nothing: consent is heard to the end before anything is read. */
export async function openTraining(
  stores: OpenStores,
  { definitions, policy }: TrainingOptions,
): Promise<OpenTraining> {
  const { consent, features, events, currency, resting: holders } = stores
  const view = consentHere({ ...stores, policy, clock: Date.now })
  const running = openStanding({ view, currency, holders, clock: Date.now, log: () => {} })
  await running.follower.untilHeard(await consent.revision())
  return {
    ports: {
      definitions,
      events,
      historyUpTo: (revision) => createConsentHistory(consent, revision),
      standings: consentNow(features.standings),
      clock: Date.now,
    },
    stop: () => running.stop(),
  }
}

function consentNow(standings: StandingStore): ConsentNow {
  return {
    mark: () => standings.mark(),
    policy: () => standings.policy(),
    async areAlive(rows, now) {
      const held = new Map((await standings.of(rows)).map((one) => [keyOf(one), one]))
      return rows.map((row) => isAlive(held.get(keyOf(row)), row.revision, now))
    },
  }
}

const keyOf = ({ pid, scope }: Pick<RestsOn, 'pid' | 'scope'>): string => JSON.stringify([pid, scope])
