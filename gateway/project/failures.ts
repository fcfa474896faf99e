import type { FieldError } from '../execute/field-errors.ts'
import type { ResponsePath } from '../execute/targets.ts'
import { clientKey } from '../plan/response-keys.ts'

/** Failures that wait to be told, by their place in the answer. */
export interface Failures {
  /**
   * Takes out whatever explains that there is nothing at a place: failures there, and those further down, of values that a
   * subgraph found missing and for which it has emptied this place itself.
   */
  take(path: ResponsePath): readonly FieldError[]
  /** What has explained nothing. */
  rest(): readonly FieldError[]
}

interface Node {
  failure: FieldError | undefined
  readonly below: Map<string | number, Node>
}

export const createFailures = (failures: readonly FieldError[]): Failures => {
  if (failures.length === 0) return NO_FAILURES
  const root = createNode()
  for (const failure of failures) enter(root, { ...failure, path: failure.path.map(toClient) })
  return {
    take: (path) => {
      const found = cutOff(root, path)
      return found === undefined ? [] : within(found)
    },
    rest: () => within(root),
  }
}

const NO_FAILURES: Failures = { take: () => [], rest: () => [] }

const createNode = (): Node => ({ failure: undefined, below: new Map() })

/** One error a path: a subgraph may report thousands of them. */
const enter = (root: Node, failure: FieldError): void => {
  let node = root
  for (const segment of failure.path) {
    const next = node.below.get(segment) ?? createNode()
    node.below.set(segment, next)
    node = next
  }
  node.failure ??= failure
}

const cutOff = (root: Node, path: ResponsePath): Node | undefined => {
  let node = root
  for (const segment of path.slice(0, -1)) {
    const next = node.below.get(segment)
    if (next === undefined) return undefined
    node = next
  }
  const last = path.at(-1) ?? ''
  const found = node.below.get(last)
  node.below.delete(last)
  return found
}

const within = ({ failure, below }: Node): FieldError[] => [
  ...(failure === undefined ? [] : [failure]),
  ...[...below.values()].flatMap(within),
]

const toClient = (segment: string | number): string | number =>
  typeof segment === 'string' ? clientKey(segment) : segment
