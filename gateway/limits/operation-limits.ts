import type { DocumentNode } from 'graphql'
import type { ClientContract } from '../ports.ts'
import { checkDocument } from './check-document.ts'
import { checkVariables } from './check-variables.ts'
import { type CostSettings, DEFAULT_COST_SETTINGS, type Limits, limitsOfClients } from './limits.ts'
import type { OperationMeasure } from './measure-document.ts'
import { type CostedGraph, createCostOf, type OperationCost } from './operation-cost.ts'
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
  cost: number
}

export const createBatch = (): Batch => ({ aliases: 0, rootFields: 0, selections: 0, cost: 0 })

export interface OperationLimits {
  /**
   * Throws when the operation is more than the limits of its caller, with the limit, how much it is and may be. Variables
   * are looked at as they came, defaults filled in: what they coerce to is the same, or they are refused later.
   */
  admit(request: LimitedRequest): OperationCost
}

export interface LimitOptions {
  readonly limits: Limits
  readonly costs?: CostSettings
}

/** The one place that every operation passes, whichever way it came, before it is planned. */
export const createOperationLimits = (
  graph: CostedGraph,
  { limits, costs = DEFAULT_COST_SETTINGS }: LimitOptions,
): OperationLimits => {
  const limitsOf = limitsOfClients(limits)
  const costOf = createCostOf(graph, costs)
  return {
    admit({ document, operationName, variables, caller, batch }) {
      const own = limitsOf(caller.contract)
      const { operations } = checkDocument(document, own)
      checkVariables(variables, own)
      const asked = operations.find(
        ({ node }) => operationName === undefined || node.name?.value === operationName,
      )
      // There is none of that name, and whoever chooses the operation says so.
      if (asked === undefined) return { cost: 0, most: own.cost }
      const cost = costOf({ document, operation: asked.node, variables }, own)
      if (batch !== undefined)
        addToBatch(
          batch,
          { ...asked, ...cost },
          costs.costMode === 'enforce' ? own : { ...own, cost: Infinity },
        )
      return cost
    },
  }
}

const addToBatch = (batch: Batch, operation: OperationMeasure & OperationCost, limits: Limits): void => {
  for (const name of ['aliases', 'rootFields', 'selections', 'cost'] as const) {
    batch[name] += operation[name]
    refuseAbove(limits, name, batch[name])
  }
}
