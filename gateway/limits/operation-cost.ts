import { type DocumentNode, type GraphQLSchema, Kind } from 'graphql'
import type { OperationDefinitionNode } from 'graphql'
import { readCostWords } from '../../directives/cost.ts'
import { AssentError } from '../errors.ts'
import { type Amount, type Reading, valueOf } from './amount.ts'
import { costFormula } from './cost-formula.ts'
import { type CostModel, createCostModel } from './cost-model.ts'
import type { CostSettings, Limits } from './limits.ts'
import { refuseAbove } from './refuse-above.ts'

/** What one operation costs with the variables it came with, and what it may. */
export interface OperationCost {
  readonly cost: number
  readonly most: number
}

/** The graph that costs are of. */
export interface CostedGraph {
  readonly apiSchema: GraphQLSchema
  /** The supergraph, with its directives. */
  readonly document: DocumentNode
}

export interface CostedOperation {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly variables: Readonly<Record<string, unknown>>
}

export type CostOf = (costed: CostedOperation, limits: Limits) => OperationCost

/**
 * Works the cost out of every operation, whatever caches its plan is in (a limit that is skipped for what was planned
 * before is none); the formula is made once an operation. In `enforce` it refuses what asks for too much.
 */
export const createCostOf = (
  { apiSchema: schema, document }: CostedGraph,
  settings: CostSettings,
): CostOf => {
  const model = createCostModel(readCostWords(document), schema)
  const slicingArguments = new Set(settings.slicingArguments)
  const formulas = new WeakMap<OperationDefinitionNode, Amount>()
  const formulaOf = ({ document: asked, operation }: CostedOperation): Amount => {
    const found = formulas.get(operation)
    if (found !== undefined) return found
    const { assumedListSize } = settings
    const fragments = new Map(
      asked.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    )
    const formula = costFormula(operation, { schema, model, fragments, assumedListSize, slicingArguments })
    formulas.set(operation, formula)
    return formula
  }
  return (costed, limits) => {
    const reading: Reading = { values: costed.variables, unsized: new Set(), largestPage: 0 }
    const cost = valueOf(formulaOf(costed), reading)
    if (settings.costMode === 'enforce') refuse(cost, reading, { model, limits })
    return { cost, most: limits.cost }
  }
}

const refuse = (
  cost: number,
  { unsized, largestPage }: Reading,
  { model, limits }: { readonly model: CostModel; readonly limits: Limits },
): void => {
  const [coordinate] = unsized
  if (coordinate !== undefined) throw unsizedList(coordinate, model)
  refuseAbove(limits, 'pageSize', largestPage)
  refuseAbove(limits, 'cost', cost)
}

const unsizedList = (coordinate: string, model: CostModel): AssentError => {
  const [type = '', field = ''] = coordinate.split('.')
  const { slicingArguments = [] } = model.listSizeOf(type, field) ?? {}
  return new AssentError('PAGE_SIZE_MISSING', coordinate, {
    detail: slicingArguments.join(', '),
    extensions: { arguments: slicingArguments },
  })
}
