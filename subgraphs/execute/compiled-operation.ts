import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLField,
  GraphQLObjectType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql'

/** What is asked of an object of a type, by all that stands at one place. */
export type SelectionsOf = (sets: readonly SelectionSetNode[], type: GraphQLObjectType) => Selection

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>

export interface CompiledOperation {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Fragments
  readonly root: Selection
}

/** What is asked of an object of one type. */
export interface Selection {
  readonly fields: readonly AskedField[]
  /** An object with all names and nothing under them: whoever is answered gets one that need not grow name by name. */
  readonly blank: () => Record<string, unknown>
}

/** Of what field of which type a value is, and where it was asked for. */
export interface Place {
  readonly parentType: GraphQLObjectType
  readonly definition: GraphQLField<unknown, unknown>
  readonly nodes: readonly [FieldNode, ...FieldNode[]]
}

export interface AskedField extends Place {
  /** Its name in the answer. */
  readonly key: string
  readonly complete: Complete
}

/** One request. */
export interface Run {
  readonly compiled: CompiledOperation
  readonly context: unknown
  readonly variables: GraphQLResolveInfo['variableValues']
  readonly errors: GraphQLError[]
  /** Where null stands for an error: what fails below it later is not told any more. */
  readonly nulled: Set<Path>
  /** The same for every object that is asked at the same place. */
  readonly given: Map<AskedField, Readonly<Record<string, unknown>>>
}

/** Where a value stands in the answer, from its end to the beginning. */
export type Path = GraphQLResolveInfo['path']

/** What was resolved becomes what is answered, or a promise of it; throws what goes wrong there. */
export type Complete = (run: Run, value: unknown, path: Path) => unknown
