import type { PidHolder } from '../pid-holder.ts'
import type { FeatureValue } from './definitions/feature-definition.ts'

/** What is computed about people, one value each, until its time runs out. */
export interface FeaturesStore extends PidHolder {
  /**
   * The rows of exactly these pairs, those only whose `expiresAt` lies after `now`. One query for thousands of pairs;
   * a pair that is not asked for is not read, even when its person and its feature each are.
   */
  read(keys: readonly FeatureKey[], now: number): Promise<readonly FeatureRow[]>
  /** Writes rows, all or none; the last one of a (pid, feature) replaces what was there. */
  write(rows: readonly FeatureRow[]): Promise<void>
  /** Removes the rows whose time has run out, and says how many (GDPR Art. 5(1)(e): storage limitation). */
  purge(now: number): Promise<number>
}

export interface FeatureKey {
  readonly pid: string
  readonly feature: string
}

export interface FeatureRow extends FeatureKey {
  readonly value: FeatureValue
  /** The scope this was collected under, and the receipt that allowed it then. */
  readonly scope: string
  readonly consentId: string
  /** Milliseconds since the epoch. */
  readonly computedAt: number
  readonly expiresAt: number
}
