import type { SentLine } from '../flow.ts'
import type { Intake } from './intake.ts'

/** One event of a subject. */
export interface Message {
  readonly sent: SentLine
  /** It is committed, to the store or to quarantine. */
  ack(): void
  /** It comes again after so long. */
  nak(ms: number): void
}

/**
 * Each message is answered by what came of it alone: one that cannot be judged brings none of its neighbours again. Throws when
 * not one of them could be; says how many could not.
 */
export async function takeMessages(
  messages: readonly Message[],
  { submit }: Pick<Intake, 'submit'>,
  pauseMs: number,
): Promise<number> {
  const errors: unknown[] = []
  let taken = 0
  await Promise.all(
    messages.map(async (message) => {
      try {
        const outcomes = await submit([message.sent])
        if (outcomes === null) return message.nak(pauseMs)
        for (const one of outcomes) if (one.outcome === 'unjudged') throw one.error
        taken += 1
        message.ack()
      } catch (error) {
        errors.push(error)
        message.nak(pauseMs)
      }
    }),
  )
  if (errors.length > 0 && taken === 0) throw errors[0]
  return errors.length
}
