import { ConsentNotCurrent } from '../event-store.ts'
import type { Flow, SentLine } from '../flow.ts'
import type { Intake } from './intake.ts'

/** One event of a subject. */
export interface Message {
  /** The same each time it comes. */
  readonly key: string
  readonly sent: SentLine
  /** It is committed, to the store or to quarantine. */
  ack(): void
  /** It comes again after so long. */
  nak(ms: number): void
}

/** How often each message has failed while others could be judged. */
export interface Failures {
  /** Once more; says how often by now. */
  count(key: string): number
  of(key: string): number
  forget(key: string): void
}

export interface TakingTerms {
  readonly intake: Pick<Intake, 'submit'>
  readonly flow: Pick<Flow, 'tryNeighbours' | 'giveUp'>
  readonly failures: Failures
  /** So often a message fails before it is given up. */
  readonly maxDeliveries: number
  /** How long one that has failed once waits; each time more twice as long. */
  readonly pauseMs: number
  readonly onGivenUp: (message: Message, cause: unknown) => void
}

/** In pauses: what is mended meanwhile is not waited for much longer than it took. */
const LONGEST_PAUSE = 30

/** Of so many: what failed first is forgotten first, and begins anew. */
export function createFailures(most: number): Failures {
  const failed = new Map<string, number>()
  return {
    count(key) {
      const times = (failed.get(key) ?? 0) + 1
      failed.set(key, times)
      for (const first of failed.keys()) {
        if (failed.size <= most) break
        failed.delete(first)
      }
      return times
    },
    of: (key) => failed.get(key) ?? 0,
    forget: (key) => void failed.delete(key),
  }
}

interface Failed {
  readonly message: Message
  readonly error: unknown
}

/**
 * Each message is answered by what came of it alone: one that cannot be judged brings none of its neighbours again. It comes
 * later each time, and what has failed so often while everybody who is asked about events does answer is given up, into
 * quarantine. What fails because one of them is away waits as long as that lasts. Throws when nothing could be taken because of
 * that; says how many come again.
 */
export async function takeMessages(messages: readonly Message[], terms: TakingTerms): Promise<number> {
  const { failures, flow, pauseMs } = terms
  const failed: Failed[] = []
  let taken = 0
  await Promise.all(
    messages.map(async (message) => {
      try {
        if (!(await isTaken(message, terms))) return message.nak(pauseMs)
        taken += 1
        failures.forget(message.key)
        message.ack()
      } catch (error) {
        failed.push({ message, error })
      }
    }),
  )
  const [first] = failed
  if (first === undefined) return 0
  try {
    await flow.tryNeighbours()
  } catch {
    for (const { message } of failed) message.nak(pauseMs)
    if (taken === 0) throw first.error
    return failed.length
  }
  let again = 0
  // oxlint-disable-next-line no-await-in-loop -- they are few, and each is tried alone
  for (const one of failed) if (!(await isSettled(one, terms))) again += 1
  return again
}

/** False: the queue is full. Throws what it cannot be judged for. */
async function isTaken({ sent }: Message, { intake }: TakingTerms): Promise<boolean> {
  const outcomes = await intake.submit([sent])
  for (const one of outcomes ?? []) if (one.outcome === 'unjudged') throw one.error
  return outcomes !== null
}

/** Whether it need not come again: it was given up, or could be judged alone. */
async function isSettled({ message, error }: Failed, terms: TakingTerms): Promise<boolean> {
  const { failures, maxDeliveries, pauseMs } = terms
  // Nobody knows what people consent to: waiting is right, however long it takes.
  if (error instanceof ConsentNotCurrent) {
    message.nak(pauseMs)
    return false
  }
  const times = failures.count(message.key)
  if (times >= maxDeliveries && (await isGoneFor(message, terms))) {
    failures.forget(message.key)
    message.ack()
    return true
  }
  message.nak(Math.min(pauseMs * 2 ** Math.min(times - 1, LONGEST_PAUSE), pauseMs * LONGEST_PAUSE))
  return false
}

/** Tried once more, alone: who only shared the fate of others is taken. */
async function isGoneFor(message: Message, terms: TakingTerms): Promise<boolean> {
  try {
    return await isTaken(message, terms)
  } catch (cause) {
    if (cause instanceof ConsentNotCurrent) return false
    try {
      await terms.flow.giveUp(message.sent)
    } catch {
      return false
    }
    terms.onGivenUp(message, cause)
    return true
  }
}
