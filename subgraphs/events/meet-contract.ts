import type { ContractBook, FlowContract } from './contract-book.ts'
import type { Envelope } from './envelope.ts'
import { fault, passed, type Step } from './fault.ts'

/** An event whose data are as its contract says. */
export interface Contracted {
  readonly envelope: Envelope
  readonly contract: FlowContract
}

export interface ContractTerms {
  readonly contracts: ContractBook
  readonly now: number
  /** How far the clock of a source may go ahead, in milliseconds. */
  readonly toleranceMs: number
}

/** Second stage: the contract of its type says what an event is, what it needs and how long it may be kept. */
export function meetContract(
  envelope: Envelope,
  { contracts, now, toleranceMs }: ContractTerms,
): Step<Contracted> {
  const contract = contracts.find(envelope.type, envelope.version, now)
  if (contract === 'unknown_type') return fault('EVENT_TYPE_UNKNOWN', 'contract', 'type')
  if (contract === 'unknown_version') return fault('EVENT_VERSION_UNKNOWN', 'contract', 'version')
  if (contract === 'retired_version') return fault('EVENT_VERSION_RETIRED', 'contract', 'version')
  if (envelope.occurredAt > now + toleranceMs) return fault('EVENT_FROM_THE_FUTURE', 'contract', 'occurredAt')
  if (contract.endOf(envelope.occurredAt) <= now)
    return fault('EVENT_PAST_RETENTION', 'contract', 'occurredAt')
  const place = contract.fault(envelope.data)
  if (place !== null) return fault('EVENT_BREAKS_CONTRACT', 'contract', place)
  return passed({ envelope, contract })
}
