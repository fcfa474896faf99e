import type { ConsentProtocol } from '../../gateway/lease/consent-protocol.ts'
import type { Instant } from '../../gateway/lease/lease.ts'

/** What a gateway or a service could do wrong. The code under test is not touched: the faults stand around it. */
export interface Faults {
  /** Looked at when a request is about to be written to a connection. */
  readonly looksAtConnections: boolean
  /** Looked at when an answer is about to be written. */
  readonly looksAtAnswers: boolean
  /** A withdrawal is said to be in force when every holder has acknowledged it or lost the lease. */
  readonly waits: boolean
  instant(instant: () => Instant): () => Instant
  protocol(protocol: ConsentProtocol): ConsentProtocol
}

export const NO_FAULTS: Faults = {
  looksAtConnections: true,
  looksAtAnswers: true,
  waits: true,
  instant: (instant) => instant,
  protocol: (protocol) => protocol,
}

const FAR = '999999999'

export const FAULTS: Readonly<Record<string, Partial<Faults>>> = {
  'a lease that never ends': { instant: () => () => ({ monotonic: 0, wall: 0 }) },
  'a barrier that does not wait': { waits: false },
  'a gateway that acknowledges what it has not heard': {
    protocol: (protocol) => ({
      ...protocol,
      renew: (renewal) => protocol.renew({ ...renewal, acknowledged: FAR }),
    }),
  },
  'a fill that ignores revisions': {
    protocol: (protocol) => ({
      ...protocol,
      async decide(subjects, context) {
        return { ...(await protocol.decide(subjects, context)), revision: FAR }
      },
    }),
  },
  'a gateway that hears of changes and forgets nothing': {
    protocol: (protocol) => ({
      ...protocol,
      async renew(renewal) {
        return { ...(await protocol.renew(renewal)), changes: [] }
      },
    }),
  },
  'a gateway that does not look when the bytes reach the connection': { looksAtConnections: false },
  'a gateway that does not look when the answer leaves': { looksAtAnswers: false },
  'a yes that runs out by the clock of the gateway': {
    protocol: (protocol) => ({
      ...protocol,
      async decide(subjects, context) {
        const { revision, states } = await protocol.decide(subjects, context)
        return { revision, states: states.map(({ until: _until, ...state }) => state) }
      },
    }),
  },
}
