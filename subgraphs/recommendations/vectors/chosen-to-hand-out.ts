import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import type { Handing, RetrievalLine } from './vector-store.ts'

/** No answer is longer, and in a window no client is given more different results for one purpose. */
export const MOST_RESULTS = 20

export interface Chosen {
  readonly chosen: readonly string[]
  /** With how many were given and how it ended. */
  readonly line: RetrievalLine
  /** Given now, which counts from now on, also of what was given before. */
  readonly given: readonly GivenResult[]
}

export interface GivenResult {
  readonly client: string
  readonly purpose: string
  readonly countedFor: string | null
  readonly among: RetrievalLine['among']
  readonly result: string
  /** Until a window after this it counts. */
  readonly at: number
}

/**
 * Of lists that are asked for together each one counts for the next. `already` is what of each window was given in it, by
 * `windowOf`. In whatever time of the length of a window, no more different ones leave than `most`: each counts from when it left
 * last, so all that left in such a time are counted when the last of them does.
 */
export function chooseTogether(
  handings: readonly Handing[],
  already: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Chosen[] {
  const counted = new Map(already)
  return handings.map((handing) => {
    const { line, countedFor, found, windowMs } = handing
    const key = windowOf(handing)
    const before = counted.get(key) ?? new Set<string>()
    const chosen = chosenToHandOut(handing, before)
    counted.set(key, new Set([...before, ...chosen]))
    const { client, purpose, among } = line
    const at = countedFrom(line.at, windowMs)
    return {
      chosen,
      line: { ...line, given: chosen.length, outcome: outcomeOf(found, chosen) },
      given: chosen.map((result) => ({ client, purpose, countedFor, among, result, at })),
    }
  })
}

/** Whose results are counted together. */
export const windowOf = ({ line: { client, purpose, among }, countedFor }: Handing): string =>
  JSON.stringify(['assent vectors', client, purpose, countedFor, among])

/** Steps of a window: a page that is loaded again and again writes what it shows once a step. */
const STEPS = 60

/** Counted a step longer, never shorter. */
function countedFrom(at: number, windowMs: number): number {
  const step = Math.max(1, Math.floor(windowMs / STEPS))
  return Math.ceil(at / step) * step
}

/** Of what was found, in its order: what was handed out already, and new ones as long as there is room. */
function chosenToHandOut(
  { found, wanted, most }: Pick<Handing, 'found' | 'wanted' | 'most'>,
  already: ReadonlySet<string>,
): readonly string[] {
  let room = Math.max(0, most - already.size)
  const chosen: string[] = []
  for (const id of found) {
    if (chosen.length === wanted) break
    const isNew = !already.has(id)
    if (isNew && room === 0) continue
    if (isNew) room -= 1
    chosen.push(id)
  }
  return chosen
}

/** How a search ends for the record. */
function outcomeOf(found: readonly string[], chosen: readonly string[]): 'given' | SubgraphErrorCode {
  return found.length > 0 && chosen.length === 0 ? 'VECTOR_CAP_REACHED' : 'given'
}
