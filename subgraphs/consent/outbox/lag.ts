import type { Change, ConsentStore, Revision } from '../store.ts'
import { concerns, type Consumer } from './consumer.ts'

/** How far a consumer is behind, at one moment. */
export interface Lag {
  readonly consumer: Consumer
  /** Revisions between its position and the newest one; 0 when nothing of them concerns it. */
  readonly behind: number
  /** How long the oldest change that it has not acknowledged has been waiting, in milliseconds; null when none does. */
  readonly oldestMs: number | null
  readonly state: 'gone' | 'late' | 'escalated' | 'retrying' | 'behind' | 'ok'
}

const PAGE = 500

/** Measures lag. What was looked through once and concerns nobody is not looked through again. */
export function createLagMeasure(
  store: Pick<ConsentStore, 'changesAfter' | 'revision'>,
  clock: () => number,
): (consumer: Consumer) => Promise<Lag> {
  const lookedThrough = new Map<string, Revision>()
  const oldestOf = async (consumer: Consumer): Promise<Change | null> => {
    let after = later(consumer.position, lookedThrough.get(consumer.name) ?? '0')
    for (;;) {
      const page = await store.changesAfter(after, PAGE)
      const found = page.find((change) => concerns(consumer, change))
      if (found) return found
      after = page.at(-1)?.revision ?? after
      lookedThrough.set(consumer.name, after)
      if (page.length < PAGE) return null
    }
  }
  return async (consumer) => {
    const oldest = await oldestOf(consumer)
    const oldestMs = oldest === null ? null : Math.max(0, clock() - oldest.recordedAt)
    const behind = oldest === null ? 0 : Number(BigInt(await store.revision()) - BigInt(consumer.position))
    return { consumer, behind, oldestMs, state: stateOf(consumer, oldestMs) }
  }
}

function stateOf({ status, slaMs, escalated, retrying }: Consumer, oldestMs: number | null): Lag['state'] {
  if (status === 'gone') return 'gone'
  if (oldestMs !== null && oldestMs > slaMs) return 'late'
  if (escalated > 0) return 'escalated'
  if (retrying > 0) return 'retrying'
  return oldestMs === null ? 'ok' : 'behind'
}

function later(one: Revision, other: Revision): Revision {
  return BigInt(one) > BigInt(other) ? one : other
}
