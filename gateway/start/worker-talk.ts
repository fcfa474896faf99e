import type { Config } from '../config.ts'

/** What the primary asks a worker. */
export type ToWorker =
  /** Answered at once; the gateway listens when a supergraph is served, or `wait` is asked. */
  | { readonly kind: 'start'; readonly config: Config; readonly worker: number }
  /** Opens the door although there is no supergraph yet. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'load'; readonly supergraph: string }
  | { readonly kind: 'serve' }
  | { readonly kind: 'discard' }
  /** Answered when the door is open, with the url. */
  | { readonly kind: 'listen' }
  | { readonly kind: 'health' }

/** What a worker asks the primary. */
export type ToPrimary =
  /** It listens now; what was said before is not heard (`node:cluster` drops it). */
  | { readonly kind: 'hello' }
  /** How all are. */
  | { readonly kind: 'health' }
