import { type ConstDirectiveNode, type ConstValueNode, Kind } from 'graphql'

/**
 * `@dataContract` says who answers for a part of the graph and on what terms: owner, purposes, classification,
 * freshness, retention (ISO 8601 durations), consumers, and what happens at the end of retention (GDPR Art. 5(1)(e), 30).
 * It grants nothing and withholds nothing; it is what checks, catalogues and retention jobs read.
 */
export const DATA_CONTRACT = 'dataContract'

export const dataContractDefinition =
  'directive @dataContract(owner: String!, purpose: [String!], classification: String, freshness: String, retention: String, consumers: [String!], disposition: String) on OBJECT | INTERFACE | FIELD_DEFINITION | SCALAR | ENUM'

export interface DataContract {
  readonly owner: string
  readonly purpose: readonly string[]
  readonly classification: string | null
  readonly freshness: string | null
  readonly retention: string | null
  readonly consumers: readonly string[]
  readonly disposition: string | null
}

/** Reads the application on a definition, or null when there is none. */
export const readDataContract = (node: {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}): DataContract | null => {
  const application = node.directives?.find((candidate) => candidate.name.value === DATA_CONTRACT)
  if (application === undefined) return null
  const values = new Map(application.arguments?.map((argument) => [argument.name.value, argument.value]))
  const text = (name: string): string | null => textsOf(values.get(name))[0] ?? null
  return {
    owner: text('owner') ?? '',
    purpose: textsOf(values.get('purpose')),
    classification: text('classification'),
    freshness: text('freshness'),
    retention: text('retention'),
    consumers: textsOf(values.get('consumers')),
    disposition: text('disposition'),
  }
}

/** List input coercion: one text stands for a list of one. */
const textsOf = (value: ConstValueNode | undefined): string[] => {
  if (value?.kind === Kind.LIST) return value.values.flatMap(textsOf)
  return value?.kind === Kind.STRING ? [value.value] : []
}
