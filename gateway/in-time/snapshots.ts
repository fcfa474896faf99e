import type { DocumentNode } from 'graphql'
import { LONGEST_TOLD_AGAIN_MS } from '../../directives/told-again.ts'
import type { ClientContract, Clock, DecisionLog, DecisionRecord, DecisionRecords } from '../ports.ts'
import type { GatewayRequest, GatewayResult } from '../request.ts'

/** What was answered, who was decided about for it, and which headers of the request were read for it. */
interface Answered {
  readonly result: GatewayResult
  readonly records: readonly DecisionRecord[]
  readonly headers: ReadonlyMap<string, string | undefined>
  /** When it was asked for, which is before anything of it was counted. */
  readonly at: number
}

interface Snapshot extends Answered {
  readonly contract: ClientContract
}

export interface Snapshots {
  /** Keeps what may be told again: an answer without errors that knows until when it may leave, by whom it was decided about. */
  keep(request: GatewayRequest, answered: Answered): void
  /** Only while all it was decided by is so still. Who is told it again is on record again, before it leaves. */
  tell(request: GatewayRequest, log: DecisionLog): Promise<GatewayResult | null>
}

const MOST_PER_DOCUMENT = 500

/**
 * Answers that may be told again when a later one is late. Consent is not looked up for it but asked at that very moment, by
 * the same question that lets any answer leave: whether everything it was decided by holds. A withdrawal that was heard of, a
 * consent that has run out or a lease that is lost ends the answer with it (GDPR Art. 7(3)).
 */
export const createSnapshots = (clock: Clock): Snapshots => {
  const kept = new WeakMap<DocumentNode, Map<string, Snapshot>>()
  return {
    keep(request, { result, records, headers, at }) {
      if (result.errors !== undefined || result.mayLeave === undefined) return
      // Where nobody was decided about, nothing would tell that it holds no more.
      if (!records.some(({ people }) => people.length > 0)) return
      const known = kept.get(request.document) ?? new Map<string, Snapshot>()
      kept.set(request.document, known)
      known.delete(keyOf(request))
      known.set(keyOf(request), { result, records, headers, contract: request.caller.contract, at })
      const [eldest] = known.keys()
      if (known.size > MOST_PER_DOCUMENT && eldest !== undefined) known.delete(eldest)
    },
    async tell(request, log) {
      // Who has withdrawn something, and says so, is told nothing that was decided before.
      if (request.incoming('x-consent-revision') !== undefined) return null
      const known = kept.get(request.document)
      const snapshot = known?.get(keyOf(request))
      if (snapshot === undefined || !isAskedAlike(snapshot, request)) return null
      const { result, records, at } = snapshot
      if (result.mayLeave?.() !== true || clock() - at > LONGEST_TOLD_AGAIN_MS) {
        known?.delete(keyOf(request))
        return null
      }
      const again = { at: new Date(clock()).toISOString(), request: request.requestId }
      if (records.length > 0) await log.write(recordsOf(records.map((record) => ({ ...record, ...again }))))
      return result
    },
  }
}

/** What differs from one request to the next by itself, and no subgraph answers otherwise for. */
const OF_THE_REQUEST = ['traceparent', 'tracestate', 'x-consent-revision']

/** By the same contract as it stands now, and with the same in every header that anybody looked at. */
const isAskedAlike = ({ contract, headers }: Snapshot, { caller, incoming }: GatewayRequest): boolean =>
  contract === caller.contract &&
  [...headers].every(([name, value]) => OF_THE_REQUEST.includes(name) || incoming(name) === value)

/** Everything else that the same document is answered differently for. */
const keyOf = ({ caller, variables, operationName, incoming }: GatewayRequest): string =>
  JSON.stringify([
    caller.client,
    caller.purpose,
    caller.actor,
    [...caller.scopes].toSorted(),
    caller.proof === undefined ? null : [...caller.proof.scopes].toSorted(),
    caller.context,
    operationName ?? null,
    incoming('sec-gpc') ?? null,
    incoming('assent-age') ?? null,
    variables,
  ])

const recordsOf = (records: readonly DecisionRecord[]): DecisionRecords => ({
  length: records.length,
  [Symbol.iterator]: () => records[Symbol.iterator](),
  lines: () => records.map((record) => `${JSON.stringify(record)}\n`).join(''),
})
