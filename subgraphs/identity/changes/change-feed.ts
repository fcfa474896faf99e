import type { IdentityChange } from '../graph/decision.ts'

/**
 * What became of pids, in one order for all who hold them: who was merged, told apart, renamed or deleted. Nothing but pids and
 * ids of decisions is in it. A consumer goes through it at its own pace and acknowledges; until all have, a pid that was
 * lost goes on leading to the person it belongs to.
 */
export interface ChangeFeed {
  /** Adds what is not there yet, by id, in this order. */
  append(changes: readonly IdentityChange[]): Promise<void>

  /** What comes behind a position, oldest first. */
  after(position: Position, limit: number): Promise<readonly FedChange[]>

  /** The last position; `0` when nothing was ever written. */
  newest(): Promise<Position>

  /**
   * Makes consumers that are new, at their start; of the others only the terms change, never the position. Who is not among
   * them is waited for no longer, and goes on where it was when it comes back.
   */
  configure(consumers: readonly (ConsumerTerms & { readonly start: Position })[]): Promise<void>

  consumers(): Promise<readonly FeedConsumer[]>

  /** A consumer was handed everything up to there. */
  handOut(consumer: string, upTo: Position): Promise<void>

  /** False, and nothing is moved, when this was never handed out. A position never goes back. */
  acknowledge(consumer: string, upTo: Position): Promise<boolean>

  /** Whether every consumer that is waited for has acknowledged these changes; of one that was never written, not. */
  areHeard(ids: readonly string[]): Promise<boolean>

  /** Who delivers to a consumer, for so many milliseconds; false while another one does. */
  take(lease: DeliveryLease): Promise<boolean>

  /** Called after each write through this object; another replica's are seen by asking. */
  onWrite(listener: () => void): () => void
}

/** Decimal digits, larger for what was written later. */
export type Position = string

export interface FedChange extends Omit<IdentityChange, 'position'> {
  readonly position: Position
  /** When the feed took it, by the clock of the store, in milliseconds since the epoch. */
  readonly recordedAt: number
}

export interface ConsumerTerms {
  readonly name: string
  /** `pull` fetches and acknowledges; `webhook` is posted to. */
  readonly kind: 'pull' | 'webhook'
  /** How old a change may become before it is acknowledged, in milliseconds. */
  readonly slaMs: number
}

export interface FeedConsumer extends ConsumerTerms {
  /** Everything up to here was acknowledged. */
  readonly position: Position
  readonly handedOut: Position
}

export interface DeliveryLease {
  readonly consumer: string
  readonly holder: string
  readonly ms: number
}

/** What a consumer is told. */
export interface IdentityEvent {
  /** A form that a consumer does not know it must not take for another one. */
  readonly type: `identity.${IdentityChange['type']}.v1`
  readonly id: string
  readonly position: Position
  readonly decision: string | null
  /** ISO 8601. */
  readonly at: string
  /** Pids before and after. */
  readonly from: readonly string[]
  readonly to: readonly string[]
}

export function toIdentityEvent({ type, id, position, decisionId, at, from, to }: FedChange): IdentityEvent {
  return {
    type: `identity.${type}.v1`,
    id,
    position,
    decision: decisionId,
    at: new Date(at).toISOString(),
    from,
    to,
  }
}

export function isPosition(value: unknown): value is Position {
  return typeof value === 'string' && /^\d{1,18}$/.test(value)
}
