import type { PidHolder } from '../pid-holder.ts'
import type { Purgeable, StandingStore } from '../standing/standing-store.ts'
import type { FeatureValue } from './definitions/feature-definition.ts'
import type { FeatureState, Lineage } from './materialise/feature-state.ts'

/**
 * What is computed about people, one value each, until its time runs out or consent does. What is answered and what is
 * taken is alive by the standing that lies beside it, in the same statement: a value whose consent was withdrawn is not
 * there, whether it was purged already or not, and does not come back when somebody writes it again.
 */
export interface FeaturesStore extends PidHolder, Purgeable {
  /** What was heard of consent, beside the values. */
  readonly standings: StandingStore
  /**
   * Of each question, in their order, the values that are alive and whose `expiresAt` lies after `now`. A few statements for
   * thousands; what is not asked for is not answered.
   */
  read(asked: readonly Asked[], now: number): Promise<readonly Values[]>
  /** The values of exactly these keys, under the same conditions, with their times and where they come from. */
  trace(keys: readonly FeatureKey[], now: number): Promise<readonly TracedRow[]>
  /** Takes those that are alive; the last one of a key replaces what was there. Says how many were taken. */
  write(rows: readonly TracedRow[], now: number): Promise<number>
  /** Removes the values whose time has run out, and says how many (GDPR Art. 5(1)(e): storage limitation). */
  purge(now: number): Promise<number>
  /** How far the values are. */
  progress(): Promise<Progress>
  /** What was kept of the events of these keys, as far as it is alive. */
  states(keys: readonly StateKey[], now: number): Promise<readonly StateRow[]>
  /** One step of materialisation, all or nothing; false when another one was quicker. */
  commit(step: Step): Promise<boolean>
  /** Whose values are other ones by now although nothing happened, the longest first. */
  due(now: number, limit: number): Promise<readonly FeatureKey[]>
  /** Where something was heard of consent after a revision and it is a yes, in the order of revisions; all of the last one. */
  grantedAfter(revision: string, limit: number): Promise<readonly Granted[]>
  /**
   * For whom something holds that a policy bundle may have brought: by it and by no word of theirs, or with values and nothing
   * kept to go on from, as of those whose yes has waited. In the order of pids, after one; null: from the first.
   */
  byPolicy(after: string | null, limit: number): Promise<readonly string[]>
  /** How far they were looked at. */
  policyLook(): Promise<PolicyLook>
  looked(look: PolicyLook): Promise<void>
  /** Of each feature, when the eldest of its living values was computed. */
  ages(now: number): Promise<readonly FeatureAge[]>
}

/** What is asked about one person. Who asks the same about many gives the same list: it is looked at once. */
export interface Asked {
  readonly pid: string
  readonly features: readonly FeatureOfScope[]
}

/** Consent is asked for the scope of a feature. Neither name has a space. */
export interface FeatureOfScope {
  readonly scope: string
  readonly feature: string
}

/** Of one person, in the order in which features were asked for; undefined: there is none that may be told. */
export type Values = readonly (FeatureValue | undefined)[]

export interface FeatureKey {
  readonly pid: string
  /** Of the feature: consent is asked for it. */
  readonly scope: string
  readonly feature: string
}

export interface FeatureRow extends FeatureKey {
  readonly value: FeatureValue
  /** The receipt in force when it was computed, and the eldest revision that anything in it rests on. */
  readonly consentId: string
  readonly consentRevision: string
  /** Milliseconds since the epoch. */
  readonly computedAt: number
  readonly expiresAt: number
  /** When it is another one although nothing happens; null: never. */
  readonly dueAt: number | null
}

export interface TracedRow extends FeatureRow {
  readonly lineage: Lineage
}

export interface StateKey extends FeatureKey {
  /** The type of event the feature is computed from. It has no space. */
  readonly event: string
}

export interface StateRow extends StateKey {
  readonly state: FeatureState
}

export interface Progress {
  /** Of the last event that is in the values; `0` at the beginning. */
  readonly position: string
  /** When everything up to it had been read; milliseconds since the epoch, 0 at the beginning. */
  readonly asOf: number
  /** Up to which revision new consents were looked at. */
  readonly revision: string
}

export interface Step {
  /** What was true when the step was prepared. */
  readonly after: Progress
  readonly progress: Progress
  readonly now: number
  readonly states: readonly StateRow[]
  readonly rows: readonly TracedRow[]
  /** In whose window there is nothing any more. */
  readonly empty: readonly FeatureKey[]
}

export interface Granted {
  readonly pid: string
  readonly scope: string
  readonly revision: string
}

/** How the receipt of what holds by a policy bundle begins (docs/consent-protocol.md). */
export const BY_POLICY = 'policy:'

export interface PolicyLook {
  /** Under which bundle; null: none. */
  readonly policy: string | null
  /** At whom last; null: at everybody. */
  readonly upTo: string | null
}

export interface FeatureAge {
  readonly feature: string
  readonly values: number
  /** Milliseconds since the epoch: since when the value that waits longest to be computed again does. Null: none waits. */
  readonly dueSince: number | null
}
