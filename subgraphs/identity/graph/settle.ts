import type { ConsentWork, PendingLink } from './consent-work.ts'
import { type LinkedConsent, LinkRefused } from './linked-consent.ts'

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
  let isRefused = false
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- each round sees what the last one left
      const done = await linkSome(work, consent, clock)
      effective.push(...done.effective)
      isRefused = done.refused.length > 0
      if (done.effective.length === 0) break
    }
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop
      const ended = await work.unheard(BATCH)
      if (ended.length === 0) return { effective, isDone: !isRefused }
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

async function linkSome(work: ConsentWork, consent: LinkedConsent, clock: () => number): Promise<Linked> {
  const pending = await work.pending(BATCH)
  if (pending.length === 0) return NOTHING
  const effective: string[] = []
  const refused: string[] = []
  for (const batch of await taken(pending, consent, refused))
    // oxlint-disable-next-line no-await-in-loop -- in the order they were decided
    if (await work.setEffective(batch.decisionId, clock())) effective.push(batch.decisionId)
  return { effective, refused }
}

interface Linked {
  readonly effective: readonly string[]
  /** They stay as they are and are asked for again: who looks after merges that wait too long is told. */
  readonly refused: readonly string[]
}

const NOTHING: Linked = { effective: [], refused: [] }

/** One link that consent will never take holds up nobody else's. */
async function taken(
  pending: readonly PendingLink[],
  consent: LinkedConsent,
  refused: string[],
): Promise<readonly PendingLink[]> {
  const links = new Map(pending.flatMap((one) => one.links).map((link) => [link.decisionId, link]))
  try {
    await consent.link([...links.values()])
    return pending
  } catch (error) {
    if (!(error instanceof LinkRefused)) throw error
    const [first] = pending
    if (pending.length === 1 && first) refused.push(first.decisionId)
    if (pending.length === 1) return []
    const each: PendingLink[] = []
    // oxlint-disable-next-line no-await-in-loop -- each is taken before the next is asked for
    for (const one of pending) each.push(...(await taken([one], consent, refused)))
    return each
  }
}
