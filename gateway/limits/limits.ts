/**
 * How much one operation may be: one number a limit, named as in the settings (`limits.depth`). A client's contract may
 * name any of them to hold that client closer, or to let it have more, up to `limits.contractFactor` times as much.
 */
export type Limits = { readonly [Name in LimitName]: number }

export type LimitName = (typeof LIMIT_NAMES)[number]

export const LIMIT_NAMES = [
  'tokens',
  'operations',
  'fragments',
  'directives',
  'directivesPerElement',
  'depth',
  'aliases',
  'rootFields',
  'selections',
  'fieldPairs',
  'inputDepth',
  'variables',
  'variableBytes',
  'textLength',
  'listItems',
  'pageSize',
  'cost',
  'subjects',
] as const

/** What a limit says of the operation, in the words of the settings and of `docs/config.md`. */
export const LIMITS: {
  readonly [Name in LimitName]: { readonly default: number; readonly sentence: string }
} = {
  tokens: { default: 5000, sentence: 'Lexical tokens of a document.' },
  operations: { default: 20, sentence: 'Operations in a document.' },
  fragments: { default: 200, sentence: 'Named fragments in a document.' },
  directives: { default: 100, sentence: 'Directives in a document.' },
  directivesPerElement: {
    default: 10,
    sentence: 'Directives on one field, fragment, variable or operation.',
  },
  depth: { default: 20, sentence: 'Nested fields, fragments counted where they are spread.' },
  aliases: { default: 100, sentence: 'Aliased fields, fragments counted where they are spread.' },
  rootFields: { default: 20, sentence: 'Fields at the top of an operation.' },
  selections: { default: 3000, sentence: 'Selections in all, fragments counted where they are spread.' },
  fieldPairs: {
    default: 20_000,
    sentence: 'Pairs of fields under one response key, each of which validation compares.',
  },
  inputDepth: { default: 30, sentence: 'Lists and objects inside one another in an argument or variable.' },
  variables: { default: 100, sentence: 'Variables of an operation, or values sent for them.' },
  variableBytes: {
    default: 131_072,
    sentence: 'Bytes of the values of all variables as JSON, escapes not counted.',
  },
  textLength: { default: 65_536, sentence: 'Characters of one text inside the variables.' },
  listItems: { default: 10_000, sentence: 'Items of one list inside the variables.' },
  pageSize: {
    default: 100_000,
    sentence: 'Items of one list that an operation asks for with `first`, `limit` and the like.',
  },
  cost: {
    default: 500_000,
    sentence:
      'Cost of an operation, by `@cost` and `@listSize` and the page sizes it asks for; see `limits.costMode`.',
  },
  subjects: { default: 10_000, sentence: 'People whose consent one request asks about.' },
}

export const DEFAULT_LIMITS = Object.freeze(
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, LIMITS[name].default])),
) as Limits

/** The limits of one client. Kept beside its contract, for they are asked for by every request. */
export const limitsOfClients = (
  limits: Limits,
): ((contract: { readonly limits?: Readonly<Partial<Limits>> }) => Limits) => {
  const known = new WeakMap<object, Limits>()
  return (contract) => {
    if (contract.limits === undefined) return limits
    const found = known.get(contract.limits)
    if (found !== undefined) return found
    const own = { ...limits, ...contract.limits }
    known.set(contract.limits, own)
    return own
  }
}

/** How what an operation costs is worked out, and whether it matters. */
export interface CostSettings {
  /** `measure` only tells; `enforce` refuses what is over `limits.cost`. */
  readonly costMode: 'measure' | 'enforce'
  /** Length of a list of which nothing is known. */
  readonly assumedListSize: number
  /** Names of arguments that say how long a list will be. */
  readonly slicingArguments: readonly string[]
}

export const DEFAULT_COST_SETTINGS: CostSettings = {
  costMode: 'enforce',
  assumedListSize: 10,
  slicingArguments: ['first', 'last', 'limit', 'pageSize', 'take', 'size', 'count'],
}
