import type { OperationDefinitionNode } from 'graphql'
import type { DataObject } from '../execute/targets.ts'
import { switchesIn } from '../fence/conditions.ts'
import type { Scene } from './asked-fields.ts'
import { objectWriter, type ObjectWriter } from './value-writer.ts'
import type { Projection } from './walk.ts'

/**
 * Merged data → the answer as text, in the shape that was asked for and in one pass. Nothing that was not granted gets
 * through here, whatever subgraphs sent. What does not depend on the data is worked out once an operation.
 */
export interface Projector {
  project(data: DataObject, variables: Variables, projection: Projection): string
}

type Variables = Readonly<Record<string, unknown>>

/** `@skip` and `@include` make an operation several; with n variables there may be 2^n of them. */
const MOST = 32

export const createProjector = (
  operation: OperationDefinitionNode,
  { world, schema, denied }: Omit<Scene, 'switches'>,
): Projector => {
  const root = schema.getRootType(operation.operation)
  const names = switchesIn(operation.selectionSet.selections)
  const writers = new Map<string, ObjectWriter>()
  const writerFor = (variables: Variables): ObjectWriter | null => {
    if (root === null || root === undefined) return null
    const key = names.length === 0 ? '' : names.map((name) => (variables[name] === true ? '1' : '0')).join('')
    const known = writers.get(key)
    if (known !== undefined) return known
    const switches = Object.fromEntries(names.map((name) => [name, variables[name] === true]))
    const writer = objectWriter(root, [operation.selectionSet], { world, schema, denied, switches })
    if (writers.size >= MOST) writers.clear()
    writers.set(key, writer)
    return writer
  }
  return {
    project: (data, variables, { ledger, withheld, errors, callerDenial, meta }) => {
      const walk = { ledger, withheld, errors, callerDenial, meta, path: [], decisions: undefined }
      return writerFor(variables)?.(data, walk) ?? 'null'
    },
  }
}
