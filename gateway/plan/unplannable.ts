import { createHash } from 'node:crypto'
import type { World } from './world.ts'

/**
 * Operations that had no plan in any way. To find that out takes many questions, and whoever asks again and again must
 * not keep the planner from the others. Not for ever: time may have been short.
 */
export const isUnplannable = (text: string, { supergraph }: World): boolean => {
  const until = known.get(supergraph)?.get(digest(text))
  return until !== undefined && until > performance.now()
}

export const setUnplannable = (text: string, { supergraph }: World): void => {
  const texts = known.get(supergraph) ?? new Map<string, number>()
  known.set(supergraph, texts)
  const [oldest] = texts.keys()
  if (oldest !== undefined && texts.size >= MOST) texts.delete(oldest)
  texts.set(digest(text), performance.now() + KEPT_MS)
}

/** Until when, the oldest first. */
const known = new WeakMap<World['supergraph'], Map<string, number>>()

const MOST = 1000
const KEPT_MS = 10 * 60_000

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
