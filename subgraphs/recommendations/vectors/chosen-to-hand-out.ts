import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import type { Handing } from './vector-store.ts'

/** Begins with the first result that is handed out and lasts as long as it lasts, whatever is asked meanwhile. */
export interface Window {
  /** Milliseconds since the epoch. */
  readonly opened: number
  readonly given: ReadonlySet<string>
}

export interface Chosen {
  readonly chosen: readonly string[]
  /** What was not given in this window before. */
  readonly fresh: readonly string[]
  readonly opened: number
}

/** Of lists that are asked for together each one counts for the next. `windows` by `windowOf`; one that is not there opens. */
export function chooseTogether(
  handings: readonly Handing[],
  windows: ReadonlyMap<string, Window>,
): readonly Chosen[] {
  const open = new Map(windows)
  return handings.map((handing) => {
    const key = windowOf(handing)
    const { opened, given } = open.get(key) ?? { opened: handing.line.at, given: new Set<string>() }
    const chosen = chosenToHandOut(handing, given)
    const fresh = chosen.filter((id) => !given.has(id))
    open.set(key, { opened, given: new Set([...given, ...fresh]) })
    return { chosen, fresh, opened }
  })
}

/** Whose results are counted together. */
export const windowOf = ({ line: { client, purpose, among }, countedFor }: Handing): string =>
  JSON.stringify(['assent vectors', client, purpose, countedFor, among])

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
export function outcomeOf(found: readonly string[], chosen: readonly string[]): 'given' | SubgraphErrorCode {
  return found.length > 0 && chosen.length === 0 ? 'VECTOR_CAP_REACHED' : 'given'
}
