import type { ConsumerTerms } from './consumer.ts'
import type { RetryTerms } from '../../delivery/retry.ts'

/** One consumer as the settings have it: its terms, and what it takes to reach it or to be reached by it. */
export interface ConsumerSettings extends ConsumerTerms {
  /** Where a new one starts: at the beginning of the log, or with what is written from now on. */
  readonly from: 'beginning' | 'now'
  /** What a `pull` consumer proves itself with, and what NATS is told; null: nothing. */
  readonly token: string | null
  /** What a `webhook` is signed with (`whsec_…`); several while one is changed. */
  readonly secrets: readonly string[]
  /** The stream of `nats`. */
  readonly stream: string
}

export interface DeliveryTerms extends RetryTerms {
  /** How long one attempt may take. */
  readonly timeoutMs: number
  /** Attempts under way to one consumer at once. */
  readonly concurrency: number
  /** How long each delivery that was settled keeps a row of its own; then its day is summarised. */
  readonly keepDays: number
}
