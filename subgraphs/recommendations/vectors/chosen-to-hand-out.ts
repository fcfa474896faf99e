import type { SubgraphErrorCode } from '../../error-catalogue.ts'

/** Of what was found, in its order: what was handed out already, and new ones as long as there is room. */
export function chosenToHandOut(
  found: readonly string[],
  already: ReadonlySet<string>,
  most: number,
): string[] {
  let room = Math.max(0, most - already.size)
  return found.filter((id) => {
    if (already.has(id)) return true
    room -= 1
    return room >= 0
  })
}

/** How a search ends for the record. */
export function outcomeOf(found: readonly string[], chosen: readonly string[]): 'given' | SubgraphErrorCode {
  return found.length > 0 && chosen.length === 0 ? 'VECTOR_CAP_REACHED' : 'given'
}
