import { ConsentError, type ConsentErrorCode } from './consent-error.ts'
import { inTurn } from './outside.ts'
import type { Service } from './service.ts'
import type { Entry, Settled, Waiting, WaitingList } from './waiting-list.ts'

/** The statement itself is at fault: sent again it would be refused again. Everything else waits and is tried again. */
const FINAL: ReadonlySet<ConsentErrorCode> = new Set<ConsentErrorCode>([
  'REQUEST_INVALID',
  'STATEMENT_INVALID',
  'STATEMENT_ID_REUSED',
  'NOTICE_STALE',
  'NO_SCOPE',
  'UNKNOWN_SCOPE',
  'UNKNOWN_REGION',
  'UNKNOWN_BRAND',
  'INVALID_CONTEXT',
  'INVALID_EXPIRY',
  'SUBJECT_BLOCKED',
  'STATUS_CANNOT_FOLLOW',
  'INVALID_CIRCUMSTANCE',
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
      const entry = list.first(person)
      if (entry === undefined || isClosed()) return null
      const outcome = await send(service, entry)
      if (outcome instanceof ConsentError) return outcome
      await list.settle(outcome)
      onSettled(entry.statement, outcome)
    }
  })
}

/** What the service takes. */
const MOST_SECONDS_AGO = 400 * 86_400

/**
 * How long ago it was said; null where the clock was set in between, so that nobody knows. Then a no holds from now on, and a yes
 * not at all: somebody may have said no since.
 */
function ageOf({ said, statement: { action } }: Entry): number | null {
  const seconds = Math.floor((Date.now() - said) / 1000)
  if (seconds >= -1 && seconds <= MOST_SECONDS_AGO) return Math.max(0, seconds)
  return action === 'give' ? null : 0
}

async function send(service: Service, entry: Entry): Promise<Settled | ConsentError> {
  const { person, statement } = entry
  const { id } = statement
  const secondsAgo = ageOf(entry)
  if (secondsAgo === null)
    return {
      id,
      answer: null,
      code: 'CONSENT_CHANGED_MEANWHILE',
      message: 'It is not known when this was said.',
    }
  const body = JSON.stringify({ ...statement, ...(secondsAgo > 0 && { secondsAgo }) })
  try {
    return { id, answer: await service.submit(body, person), code: null, message: '' }
  } catch (thrown) {
    const error = thrown instanceof ConsentError ? thrown : new ConsentError('UNEXPECTED', String(thrown))
    return FINAL.has(error.code) ? { id, answer: null, code: error.code, message: error.message } : error
  }
}
