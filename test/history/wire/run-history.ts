import { setTimeout as pause } from 'node:timers/promises'
import type { History, Statement } from '../history.ts'
import { createRandom } from '../random.ts'
import { disturb, type Disturbing, type Thing } from './disturb.ts'
import type { Network, Place } from './network.ts'
import { type Sessions, takePart } from './sessions.ts'

export interface RunOptions {
  readonly network: Network
  readonly seed: number
  readonly clients: number
  readonly seconds: number
  readonly things: readonly Thing[]
  /** Default: everybody, for two seconds at most. */
  readonly disturbed?: readonly Place[]
  readonly longestMs?: number
  /** Looked at now and then; ends it early. */
  readonly isEnough?: (history: History) => boolean
}

export interface Run {
  readonly history: History
  readonly asked: number
  readonly happened: ReadonlyMap<Thing, number>
}

/** Clients ask and change their minds while everything happens, for so many seconds or until it is enough. */
export const runHistory = async (options: RunOptions): Promise<Run> => {
  const { network, seed, clients, seconds, things, longestMs = 2_000, isEnough = () => false } = options
  const { disturbed = [...network.gateways, ...network.replicas] } = options
  const end = performance.now() + seconds * 1_000
  let isFound = false
  const isOver = (): boolean => isFound || performance.now() > end
  const sessions: Sessions = { network, random: createRandom(seed + 1), isOver, said: new Map(), asked: 0 }
  const disturbing: Disturbing = {
    random: createRandom(seed + 2),
    isOver,
    things,
    longestMs,
    happened: new Map(),
    isStarting: false,
  }
  const looking = async (): Promise<void> => {
    while (!isOver()) {
      await pause(500)
      await learnRevisions(network, sessions.said)
      isFound = isEnough(network.history)
    }
  }
  await Promise.all([
    looking(),
    ...Array.from({ length: clients }, () => takePart(sessions)),
    ...disturbed.map((place) => disturb(place, disturbing)),
  ])
  await learnRevisions(network, sessions.said)
  const { statements, requests, answers } = network.history
  // What the database does not know of was never written.
  const written = statements.filter(({ revision }) => revision !== null)
  return {
    history: { statements: written, requests, answers },
    asked: sessions.asked,
    happened: disturbing.happened,
  }
}

/** Who spoke need not have heard at which revision it was written, or whether it was: the database knows. */
const learnRevisions = async (network: Network, said: ReadonlyMap<string, Statement>): Promise<void> => {
  const revisions = await network.revisions()
  for (const [id, statement] of said) statement.revision ??= revisions.get(id) ?? null
}
