import type { CheckOptions } from '../schema/check/check.ts'
import type { Contracts } from '../schema/check/contracts.ts'
import type { Report } from '../schema/check/finding.ts'
import { inThread } from './in-thread.ts'

/** What the thread is given. */
export interface ToCheck {
  readonly base: Contracts
  readonly head: Contracts
  readonly options: Omit<CheckOptions, 'compose'>
}

/** A large check is made in a thread, and its two sides are composed in two others. What is small is sooner made here. */
export const checkInThread = async (
  base: Contracts,
  head: Contracts,
  options: ToCheck['options'],
): Promise<Report> => {
  const size = [...base.subgraphs, ...head.subgraphs].reduce((sum, { sdl }) => sum + sdl.length, 0)
  if (size >= WORTH_A_THREAD && import.meta.url.endsWith('.js'))
    return inThread(new URL('check-thread.js', import.meta.url), { base, head, options } satisfies ToCheck)
  const { check } = await import('../schema/check/check.ts')
  return check(base, head, options)
}

/** Below it a thread takes longer to begin than to check. */
const WORTH_A_THREAD = 400_000
