import type { DocumentNode } from 'graphql'
import type { ClientContract } from '../ports.ts'
import { checkDocument } from './check-document.ts'
import { checkVariables } from './check-variables.ts'
import { type Limits, limitsOfClients } from './limits.ts'
import type { OperationMeasure } from './measure-document.ts'
import { refuseAbove } from './refuse-above.ts'

export interface LimitedRequest {
  readonly document: DocumentNode
  readonly operationName?: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly caller: { readonly contract: ClientContract }
  /** Given when the request is one of several that came together. */
  readonly batch?: Batch
}

/** What the operations of one batch are together: no more than one operation may be alone. */
export interface Batch {
  aliases: number
  rootFields: number
  selections: number
}

export const createBatch = (): Batch => ({ aliases: 0, rootFields: 0, selections: 0 })

export interface OperationLimits {
  /** Throws when the operation is more than the limits of its caller, with the limit, how much it is and may be. */
  admit(request: LimitedRequest): void
}

/** The one place that every operation passes, whichever way it came, before it is planned. */
export const createOperationLimits = (limits: Limits): OperationLimits => {
  const limitsOf = limitsOfClients(limits)
  return {
    admit({ document, operationName, variables, caller, batch }) {
      const own = limitsOf(caller.contract)
      const { operations } = checkDocument(document, own)
      checkVariables(variables, own)
      const operation = operations.find(
        ({ node }) => operationName === undefined || node.name?.value === operationName,
      )
      if (batch !== undefined && operation !== undefined) addToBatch(batch, operation, own)
    },
  }
}

const addToBatch = (batch: Batch, operation: OperationMeasure, limits: Limits): void => {
  for (const name of ['aliases', 'rootFields', 'selections'] as const) {
    batch[name] += operation[name]
    refuseAbove(limits, name, batch[name])
  }
}
