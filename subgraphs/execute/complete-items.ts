import type { GraphQLOutputType } from 'graphql'
import { awaitAll, isPromise, settleThenThrow } from './await-all.ts'
import type { Complete, Path, Place, Run } from './compiled-operation.ts'
import { nullFor } from './null-for.ts'

interface Item {
  readonly type: GraphQLOutputType
  readonly complete: Complete
  readonly nodes: Place['nodes']
}

interface Items {
  readonly items: Iterable<unknown>
  /** Of the list. */
  readonly path: Path
}

/** What goes wrong with one item is told at its place, and is nobody else's. */
export const completeItems = (run: Run, item: Item, { items, path }: Items): unknown => {
  const completed: unknown[] = []
  let isWaiting = false
  try {
    for (const value of items) {
      const one = completeItem(run, item, {
        value,
        path: { prev: path, key: completed.length, typename: undefined },
      })
      isWaiting ||= isPromise(one)
      completed.push(one)
    }
  } catch (error) {
    if (isWaiting) return settleThenThrow(completed, error)
    throw error
  }
  return isWaiting ? awaitAll(completed) : completed
}

interface One {
  readonly value: unknown
  readonly path: Path
}

const completeItem = (run: Run, { type, complete, nodes }: Item, { value, path }: One): unknown => {
  const refuse = (error: unknown): null => nullFor(run, { type, nodes, path }, error)
  try {
    const completed = isPromise(value)
      ? value.then((resolved) => complete(run, resolved, path))
      : complete(run, value, path)
    return isPromise(completed) ? completed.then(undefined, refuse) : completed
  } catch (error) {
    return refuse(error)
  }
}
