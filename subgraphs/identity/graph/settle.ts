import type { ConsentWork } from './consent-work.ts'
import type { LinkedConsent } from './linked-consent.ts'

export interface Settled {
  /** Decisions that are in force now and were not. */
  readonly effective: readonly string[]
  /** Whether consent could be told of everything; what it was not told of goes on waiting. */
  readonly isDone: boolean
}

/**
 * Tells consent what it has to know, links first: while an unmerge waits to be heard of, two people restrict each other.
 * What fails is left for the next time.
 */
export async function settle(
  work: ConsentWork,
  consent: LinkedConsent,
  clock: () => number,
): Promise<Settled> {
  const effective: string[] = []
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- each round sees what the last one left
      const done = await linkSome(work, consent, clock)
      effective.push(...done)
      if (done.length === 0) break
    }
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop
      const ended = await work.unheard(BATCH)
      if (ended.length === 0) return { effective, isDone: true }
      // oxlint-disable-next-line no-await-in-loop
      await consent.unlink(ended)
      // oxlint-disable-next-line no-await-in-loop
      await work.heard(ended.map(({ decisionId }) => decisionId))
    }
  } catch {
    return { effective, isDone: false }
  }
}

const BATCH = 100

async function linkSome(work: ConsentWork, consent: LinkedConsent, clock: () => number): Promise<string[]> {
  const pending = await work.pending(BATCH)
  if (pending.length === 0) return []
  await consent.link([
    ...new Map(pending.flatMap(({ links }) => links).map((link) => [link.decisionId, link])).values(),
  ])
  const effective: string[] = []
  for (const { decisionId } of pending) {
    // oxlint-disable-next-line no-await-in-loop -- in the order they were decided
    if (await work.setEffective(decisionId, clock())) effective.push(decisionId)
  }
  return effective
}
