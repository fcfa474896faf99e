import type { PidHolder } from '../../pid-holder.ts'
import type { RecordNode } from '../graph/decision.ts'
import type { GraphStore } from '../graph/graph-port.ts'
import type { LinkedConsent } from '../graph/linked-consent.ts'
import type { KeyRotation } from '../pseudonyms/key-rotation.ts'
import type { Pseudonymizer } from '../pseudonyms/pseudonym.ts'

/** Everything a rotation of the keys touches. Each part may be called twice with the same. */
export interface RotationPorts {
  readonly keys: KeyRotation
  readonly pseudonymizer: Pseudonymizer
  readonly graph: GraphStore
  readonly raw: RawIdentities
  /** A renamed pid is the same person: consent has to hear of it before anybody is called by it. */
  readonly consent: Pick<LinkedConsent, 'link'>
  /** Whoever keeps something under pids beside identity and consent, in this house. */
  readonly holders: readonly PidHolder[]
  readonly hearing: Hearing
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly pause: (ms: number) => Promise<void>
}

/** Where the values are that tokens are made of. */
export interface RawIdentities {
  /** By the number of the record; what cannot be read is missing. Gone records are not asked for. */
  read(nodes: readonly RecordNode[]): Promise<ReadonlyMap<number, RawIdentity>>
}

export interface RawIdentity {
  /** What its own pid is made of. */
  readonly name: string
  readonly email: string | null
  readonly phone: string | null
  readonly loyalty: string | null
  readonly household: string | null
  readonly account: string | null
  readonly devices: readonly string[]
  /** Whose national phone numbers these are. ISO 3166-1 alpha-2, or empty. */
  readonly region: string
}

/** Who has to hear that pids have changed. */
export interface Hearing {
  /** Names of the consumers who have not heard of everything by now; empty: all have. */
  behind(): Promise<readonly string[]>
}
