import { ConsentError, type ConsentErrorCode } from './consent-error.ts'
import { inTurn } from './outside.ts'
import type { Service } from './service.ts'
import type { Settled, Waiting, WaitingList } from './waiting-list.ts'

/** The statement itself is at fault: sent again it would be refused again. Everything else waits and is tried again. */
const FINAL: ReadonlySet<ConsentErrorCode> = new Set<ConsentErrorCode>([
  'REQUEST_INVALID',
  'STATEMENT_INVALID',
  'STATEMENT_ID_REUSED',
  'NOTICE_STALE',
  'NO_SCOPE',
  'UNKNOWN_SCOPE',
  'INVALID_CONTEXT',
  'INVALID_EXPIRY',
  'SUBJECT_BLOCKED',
  'CONSENT_CHANGED_MEANWHILE',
])

export interface SendingParts {
  readonly name: string
  readonly list: WaitingList
  readonly service: Service
  readonly isClosed: () => boolean
  readonly onSettled: (statement: Waiting, outcome: Settled) => void
}

/**
 * Sends what this person said, one at a time, by one tab at a time, the oldest first. Stops at the first that is not taken
 * for now: nothing said later may overtake it. Answers why it stopped; null when nothing is left.
 */
export function sendInOrder(
  { name, list, service, isClosed, onSettled }: SendingParts,
  person: string,
): Promise<ConsentError | null> {
  return inTurn(`${name}:send`, async () => {
    for (;;) {
      const statement = list.first(person)
      if (statement === undefined || isClosed()) return null
      const outcome = await send(service, statement, person)
      if (outcome instanceof ConsentError) return outcome
      await list.settle(outcome)
      onSettled(statement, outcome)
    }
  })
}

async function send(service: Service, statement: Waiting, person: string): Promise<Settled | ConsentError> {
  const { id } = statement
  try {
    return { id, answer: await service.submit(JSON.stringify(statement), person), code: null, message: '' }
  } catch (thrown) {
    const error = thrown instanceof ConsentError ? thrown : new ConsentError('UNEXPECTED', String(thrown))
    return FINAL.has(error.code) ? { id, answer: null, code: error.code, message: error.message } : error
  }
}
