import type { FeatureValue } from '../definitions/feature-definition.ts'
import type { ConsentRule } from './training-spec.ts'

/** Rows, what they rest on, and what it takes to make the same again. */
export interface TrainingSet {
  /** In the order of pid, time and label. */
  readonly rows: readonly TrainingRow[]
  readonly receipts: readonly UsedReceipt[]
  readonly manifest: Manifest
  /** Who would be in it by the snapshot, and is not any more. Why is nobody’s business here. */
  readonly left: readonly string[]
}

export interface TrainingRow {
  readonly pid: string
  readonly at: number
  readonly label: string | null
  /** By feature, in the order of the spec; null where there was no value then. */
  readonly values: Readonly<Record<string, FeatureValue | null>>
}

/** A receipt together with the events that were used under it; null: the events rest on a contract. */
export interface UsedReceipt {
  readonly pid: string
  readonly scope: string | null
  readonly receipt: string | null
  readonly revision: string | null
  /** Of events, in their order; none for the receipt that allows the computing. */
  readonly positions: readonly string[]
}

/** The same manifest and the same spec give the same bytes, but for people who have left. */
export interface Manifest {
  readonly name: string
  readonly purpose: string
  readonly consent: ConsentRule
  readonly features: readonly { readonly name: string; readonly version: string }[]
  /** Of entities and labels, as they were given. */
  readonly entities: string
  readonly snapshot: Snapshot
  readonly rows: number
  readonly people: number
  readonly leftOut: LeftOut
  /** SHA-256 of the files. */
  readonly digests: { readonly rows: string; readonly receipts: string }
}

/** How many rows were asked for and are not there, by the rule that did it. */
export interface LeftOut {
  readonly notThen: number
  readonly notNow: number
  /** Of people who had agreed, and whom the policy leaves out all the same, by its code: `UNDER_AGE`, for one. */
  readonly byPolicy: Readonly<Record<string, { readonly rows: number; readonly people: number }>>
}

export interface Snapshot {
  /** Events up to here. */
  readonly position: string
  /** What was written about consent up to here. */
  readonly revision: string
  /** The policy bundle that was in force; null: none. */
  readonly policy: string | null
  /** When it was made, ISO 8601; consent “now” is consent at this time. */
  readonly at: string
}
