import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'
import { fragmentsOf } from './fragments-of.ts'

/**
 * How many fields a document names, each as often as the fragments it stands in are spread: a text of a few lines can name
 * millions. A fragment is counted once, so that counting is quick. `document` need not be valid.
 */
export const extentOf = (document: DocumentNode): number => {
  const fragments = fragmentsOf(document)
  const counted = new Map<string, number>()
  const ofFragment = (name: string): number => {
    const known = counted.get(name)
    if (known !== undefined) return known
    const fragment = fragments[name]
    if (fragment === undefined) return 0
    // Within itself it is nothing: validation refuses what goes round.
    counted.set(name, 0)
    const extent = ofSet(fragment.selectionSet)
    counted.set(name, extent)
    return extent
  }
  const ofSet = ({ selections }: SelectionSetNode): number => {
    let extent = 0
    for (const one of selections) {
      if (one.kind === Kind.FRAGMENT_SPREAD) extent += 1 + ofFragment(one.name.value)
      else extent += 1 + (one.selectionSet === undefined ? 0 : ofSet(one.selectionSet))
    }
    return extent
  }
  let extent = 0
  for (const one of document.definitions)
    if (one.kind === Kind.OPERATION_DEFINITION) extent += ofSet(one.selectionSet)
    else if (one.kind === Kind.FRAGMENT_DEFINITION) extent += ofFragment(one.name.value)
  return extent
}
