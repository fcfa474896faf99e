import { Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'
import type { ResponsePath } from '../execute/targets.ts'

/** The part of a path that the client has asked for: what we fetched for ourselves is not named to it. */
export const askedPath = (path: ResponsePath, { selectionSet }: OperationDefinitionNode): ResponsePath => {
  let sets: readonly SelectionSetNode[] = [selectionSet]
  for (const [index, segment] of path.entries()) {
    if (typeof segment === 'number') continue
    const found = sets.map((set) => setsUnder(set, segment))
    if (found.every((one) => one === null)) return path.slice(0, index)
    sets = found.flatMap((one) => one ?? [])
  }
  return path
}

/** Selections on the value of a key; null where no field has that key. */
const setsUnder = (set: SelectionSetNode, key: string): SelectionSetNode[] | null => {
  let found: SelectionSetNode[] | null = null
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD && (selection.alias ?? selection.name).value === key)
      found = [...(found ?? []), ...(selection.selectionSet === undefined ? [] : [selection.selectionSet])]
    if (selection.kind !== Kind.INLINE_FRAGMENT) continue
    const inner = setsUnder(selection.selectionSet, key)
    if (inner !== null) found = [...(found ?? []), ...inner]
  }
  return found
}
