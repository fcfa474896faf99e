/** Why an event was not taken. Words of ours, never the other side's. */
export type Refusal =
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'REDIRECTED'
  /** It was answered with a page: somebody else answered, such as a proxy that asks to log in. */
  | 'NOT_AN_ACKNOWLEDGEMENT'
  | 'GONE'
  | `HTTP_${number}`
  | `NATS_${string}`

export type Outcome =
  | { readonly isTaken: true }
  | {
      readonly isTaken: false
      readonly reason: Refusal
      /** The other side asks for this much patience, with everything. */
      readonly retryAfterMs?: number
    }

/** Tells one consumer of one event. Never throws: what goes wrong is an outcome. */
export interface Sender<E extends object = object> {
  /** The key is the same for each attempt to tell one consumer of one event. */
  send(event: E, key: string): Promise<Outcome>
  close(): Promise<void>
}
