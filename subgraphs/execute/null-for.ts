import { type GraphQLOutputType, isNonNullType, locatedError, responsePathAsArray } from 'graphql'
import type { Path, Place, Run } from './compiled-operation.ts'

interface Failed {
  readonly type: GraphQLOutputType
  readonly nodes: Place['nodes']
  readonly path: Path
}

/** What could not be answered is null, with the error beside it; where null may not stand, the next field above is asked. */
export const nullFor = (run: Run, { type, nodes, path }: Failed, error: unknown): null => {
  const located = locatedError(error, nodes, responsePathAsArray(path))
  if (isNonNullType(type)) throw located
  run.errors.push(located)
  return null
}
