import { setTimeout as pause } from 'node:timers/promises'
import { CommandFailure } from './command-failure.ts'
import { probeRound, type Probing } from './probe-round.ts'

interface Keeping {
  readonly probing: Probing
  readonly isOver: () => boolean
  /** Each reason once: a gateway that is away would say the same every second. */
  readonly tell: (sentence: string) => void
  readonly pauseMs?: number
}

/**
 * Rounds of one canary, one after the other. A round that fails is a figure as well: who watches for months must not cease to
 * because a gateway was started anew. What would be refused each time ends it.
 */
export const keepProbing = async (
  subject: string,
  { probing, isOver, tell, pauseMs = AFTER_FAILURE_MS }: Keeping,
): Promise<void> => {
  const told = new Set<string>()
  while (!isOver())
    try {
      await probeRound(subject, probing)
    } catch (error) {
      if (error instanceof CommandFailure) throw error
      probing.figures.failed()
      const { message } = error as Error
      if (!told.has(message)) tell(message)
      told.add(message)
      await pause(pauseMs)
    }
}

const AFTER_FAILURE_MS = 1_000
