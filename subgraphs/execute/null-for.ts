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
  if (isTold(run, path)) return null
  run.nulled.add(path)
  run.errors.push(located)
  return null
}

/** What was under way when null took the place of something above it. */
const isTold = ({ nulled }: Run, path: Path): boolean => {
  if (nulled.size === 0) return false
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) if (nulled.has(at)) return true
  return false
}
