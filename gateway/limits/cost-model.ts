import { type GraphQLSchema, isAbstractType, isCompositeType, isInterfaceType } from 'graphql'
import type { CostWords, ListSize } from '../../directives/cost.ts'

/** What one of everything costs in this graph, and how long its lists are. */
export interface CostModel {
  readonly words: CostWords
  weightOf(type: string, field: string, named: string): number
  listSizeOf(type: string, field: string): ListSize | undefined
}

/**
 * An object costs 1, a scalar or enum nothing, unless `@cost` says otherwise: at the field, or at what it answers with.
 * An interface is no cheaper than the dearest that may stand for it, so nobody saves by asking through one.
 */
export const createCostModel = (words: CostWords, schema: GraphQLSchema): CostModel => {
  const kinds = (name: string): string[] => {
    const type = schema.getType(name)
    return isAbstractType(type)
      ? [name, ...schema.getPossibleTypes(type).map((possible) => possible.name)]
      : [name]
  }
  const dearest = (coordinates: readonly string[]): number | undefined => {
    const found = coordinates.flatMap((coordinate) => words.weights.get(coordinate) ?? [])
    return found.length === 0 ? undefined : Math.max(0, ...found)
  }
  const fieldsAlike = (type: string, field: string): string[] =>
    (isInterfaceType(schema.getType(type)) ? kinds(type) : [type]).map((name) => `${name}.${field}`)
  return {
    words,
    weightOf: (type, field, named) =>
      dearest(fieldsAlike(type, field)) ??
      dearest(kinds(named)) ??
      (isCompositeType(schema.getType(named)) ? 1 : 0),
    listSizeOf: (type, field) =>
      fieldsAlike(type, field)
        .map((coordinate) => words.listSizes.get(coordinate))
        .find((listSize) => listSize !== undefined),
  }
}
