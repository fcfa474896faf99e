import type { Revision } from './standing.ts'

/** What an owner of rows asks of the consent service: docs/consent-protocol.md. */
export interface ConsentView {
  /** Every word after a revision, oldest first; at most `limit`, by default as many as the service tells at once. */
  changes(after: Revision, limit?: number): Promise<ToldChanges>
  /** What holds now, wherever it is used. */
  decide(pids: readonly string[]): Promise<Decided>
  /** Answered at once where something has changed, else when something does or when `waitMs` is over. */
  renew(renewal: Renewal, isOver: AbortSignal): Promise<Renewed>
  release(holder: string): Promise<void>
}

export interface ToldChanges {
  /** The newest there is: less than what was asked after where the service was set back. */
  readonly newest: Revision
  /** Everything up to this is told. */
  readonly upTo: Revision
  /** Whether that is all there was. */
  readonly isWhole: boolean
  readonly changes: readonly ToldChange[]
}

export interface ToldChange {
  readonly revision: Revision
  readonly subject: string
  /** Who else may stand otherwise by it: who is one person with the subject. */
  readonly concerned: readonly string[]
  readonly kind: ChangeKind
  /** Of a word; else null. */
  readonly scope: string | null
  /** Whether it was said of every channel, region and brand. */
  readonly everywhere: boolean
  /** Milliseconds since the epoch, by the service. */
  readonly recordedAt: number
  readonly expiresAt: number | null
  /** Of a link: all whom it makes one. */
  readonly pids: readonly string[]
}

/** A link that gives a person another pid changes nothing about what was said. */
export type ChangeKind = 'yes' | 'no' | 'suppressed' | 'erased' | 'lifted' | 'linked' | 'unlinked' | 'renamed'

export interface Decided {
  /** The states are as new as this. */
  readonly revision: Revision
  /** The bundle that was applied; null: none. */
  readonly policy: string | null
  readonly states: ReadonlyMap<string, DecidedState>
}

export interface DecidedState {
  /** The last write about this person, or who is one with them. */
  readonly revision: Revision
  readonly blocked: string | null
  /** Scopes that are granted. */
  readonly granted: ReadonlyMap<string, Granted>
  /** Scopes to which the person says yes, and which a policy does not let count at present. */
  readonly waiting?: ReadonlyMap<string, Granted>
}

export interface Granted {
  readonly receipt: string
  readonly expiresAt: number | null
}

export interface Renewal {
  readonly holder: string
  readonly after: Revision
  /** Everything up to this is written down. */
  readonly acknowledged: Revision
  readonly waitMs: number
}

export interface Renewed {
  readonly revision: Revision
  /** How long it lasts, counted from before it was asked for. */
  readonly leaseMs: number
  readonly policy: string | null
  readonly hasChanged: boolean
}
