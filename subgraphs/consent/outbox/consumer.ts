import type { Change, Revision } from '../store.ts'

/** What was agreed with somebody who has to hear of changes. */
export interface ConsumerTerms {
  readonly name: string
  /** `pull` fetches and acknowledges; `webhook` is posted to; `nats` is a JetStream stream. */
  readonly kind: 'pull' | 'webhook' | 'nats'
  /** Null: changes of every scope. What concerns a person as a whole is told to everybody. */
  readonly scopes: readonly string[] | null
  readonly url: string | null
  /** How old a change may become before it is acknowledged, in milliseconds. */
  readonly slaMs: number
}

export interface Consumer extends ConsumerTerms {
  /** `gone`: the consumer said so itself (410); nothing is sent until somebody resumes it. */
  readonly status: 'active' | 'gone'
  /** Everything up to here was acknowledged, or given up and is kept as escalated. */
  readonly position: Revision
  /** Everything up to here was handed out. */
  readonly handedOut: Revision
  /** Deliveries that nobody tries any more until they are redelivered. */
  readonly escalated: number
  /** Deliveries that failed and are tried again. */
  readonly retrying: number
}

/** Whether a consumer has to hear of this change. */
export function concerns(
  { scopes }: Pick<ConsumerTerms, 'scopes'>,
  { scope }: Pick<Change, 'scope'>,
): boolean {
  return scope === null || scopes === null || scopes.includes(scope)
}
