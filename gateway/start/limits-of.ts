import type { Config } from '../config.ts'
import { LIMIT_NAMES, type Limits } from '../limits/limits.ts'

/** The limits of an operation, out of all settings. */
export const limitsOf = (config: Config): Limits => ({
  tokens: config.maxTokens,
  operations: config.maxOperations,
  fragments: config.maxFragments,
  directives: config.maxDirectives,
  directivesPerElement: config.maxDirectivesPerElement,
  depth: config.maxDepth,
  aliases: config.maxAliases,
  rootFields: config.maxRootFields,
  selections: config.maxSelections,
  fieldPairs: config.maxFieldPairs,
  inputDepth: config.maxInputDepth,
  variables: config.maxVariables,
  variableBytes: config.maxVariableBytes,
  textLength: config.maxTextLength,
  listItems: config.maxListItems,
  pageSize: config.maxPageSize,
  cost: config.maxCost,
  subjects: config.maxSubjects,
})

/** How far a client's contract may go. */
export const widestLimitsOf = (config: Config): Limits => {
  const limits = limitsOf(config)
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, limits[name] * config.contractFactor])) as Limits
}
