import { policyDenialsBy } from './age-limit.ts'
import { createConsentHistory } from './consent/history/consent-history.ts'
import { DEFAULT_LEASE_MS } from './consent/subgraph.ts'
import { ConsentNotCurrent } from './events/event-store.ts'
import type { PolicyBundle } from './consent/policy/bundle.ts'
import type { FeatureDefinition } from './features/definitions/feature-definition.ts'
import type { ConsentNow, TrainingPorts } from './features/training/training-ports.ts'
import { agesThenIn } from './identity/ages-then.ts'
import { consentHere, openStanding } from './open-standing.ts'
import type { OpenStores } from './open-stores.ts'
import type { Follower } from './standing/follower.ts'
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
  const { consent, features, currency, resting: holders, leases } = stores
  // Embedded stores stand still while they answer, and nobody else is in them who would wait for the end of a lease.
  const leaseMs = leases.isForgetful ? EMBEDDED_LEASE_MS : DEFAULT_LEASE_MS
  const view = consentHere({ ...stores, policy, clock: Date.now, leaseMs })
  const running = openStanding({ view, currency, holders, clock: Date.now, log: () => {} })
  await running.follower.untilHeard(await consent.revision())
  return {
    ports: {
      definitions,
      events: patientEvents(stores.events, running.follower),
      historyUpTo: (revision) => createConsentHistory(consent, revision),
      standings: consentNow(features.standings),
      policyDenials: policyDenialsBy(policy, agesThenIn(stores.identity, stores.vault)),
      clock: Date.now,
    },
    stop: () => running.stop(),
  }
}

const EMBEDDED_LEASE_MS = 60_000

/** Nobody waits for an answer here: what could not be relied upon is read again as soon as it can. */
function patientEvents(events: TrainingPorts['events'], follower: Follower): TrainingPorts['events'] {
  const patiently = async <T>(read: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1)
      // oxlint-disable no-await-in-loop -- one attempt after the other
      try {
        return await read()
      } catch (error) {
        if (!(error instanceof ConsentNotCurrent) || attempt === MOST_ATTEMPTS) throw error
        await follower.untilHeard()
      }
    // oxlint-enable no-await-in-loop
  }
  return {
    of: (pids, types, upTo) => patiently(() => events.of(pids, types, upTo)),
    people: (after, limit) => patiently(() => events.people(after, limit)),
    newest: () => patiently(() => events.newest()),
  }
}

const MOST_ATTEMPTS = 20

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
