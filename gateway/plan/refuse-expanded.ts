import { Kind, type SelectionSetNode } from 'graphql'
import { AssentError } from '../errors.ts'

/**
 * A field asked of each type apart is there once a type, and so is all below it: nested, that multiplies. The parts are
 * shared, so counting them is quick; planning them would not be.
 */
export const refuseExpanded = (set: SelectionSetNode): void => {
  const sizes = new Map<SelectionSetNode, number>()
  const sizeOf = (one: SelectionSetNode): number => {
    const known = sizes.get(one)
    if (known !== undefined) return known
    let size = 0
    for (const selection of one.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue
      size += 1 + (selection.selectionSet === undefined ? 0 : sizeOf(selection.selectionSet))
    }
    sizes.set(one, size)
    return size
  }
  const size = sizeOf(set)
  if (size > MOST_SELECTIONS)
    throw new AssentError('OPERATION_TOO_LARGE', 'limits.selections', {
      detail: `more than ${MOST_SELECTIONS} where types are asked apart`,
    })
}

const MOST_SELECTIONS = 20_000
