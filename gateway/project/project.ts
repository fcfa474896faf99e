import type { OperationDefinitionNode } from 'graphql'
import type { DataObject } from '../execute/targets.ts'
import type { Scene } from './asked-fields.ts'
import { objectWriter } from './value-writer.ts'
import type { Projection } from './walk.ts'

/**
 * Merged data → the answer as text, in the shape that was asked for and in one pass. Nothing that was not granted gets
 * through here, whatever subgraphs sent. What does not depend on the data is worked out once a plan.
 */
export interface Projector {
  project(data: DataObject, projection: Projection): string
}

export const createProjector = (operation: OperationDefinitionNode, scene: Scene): Projector => {
  const root = scene.schema.getRootType(operation.operation)
  const write =
    root === null || root === undefined ? () => null : objectWriter(root, [operation.selectionSet], scene)
  return {
    project: (data, { ledger, withheld, errors, callerDenial, meta }) => {
      const walk = { ledger, withheld, errors, callerDenial, meta, path: [], decisions: undefined }
      return write(data, walk) ?? 'null'
    },
  }
}
