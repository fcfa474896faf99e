import type { SubgraphRequest, SubgraphResponse } from '../../gateway/ports.ts'
import { canary } from '../support/people-graph.ts'
import type { Register } from './history.ts'

type Asked = Pick<SubgraphRequest, 'document' | 'variables' | 'grant'>

export interface Received {
  /** Every person that was carried, under each scope that the grant names for them. */
  readonly carried: readonly Register[]
  readonly response: SubgraphResponse
}

interface Representation {
  readonly __typename: string
  readonly id: string
}

/** The subgraphs of the people graph, as far as `people(ids:)` and its values; they answer whatever they are asked. */
export const peopleSubgraphs = ({ document, variables, grant }: Asked): Received => {
  const given = JSON.parse(variables) as Record<string, readonly (Representation & string)[]>
  const data: Record<string, unknown> = {}
  const carried: Register[] = []
  const [, ids = ''] = /\{people\(ids: ?\$(\w+)\)/.exec(document) ?? []
  if (ids !== '') data['people'] = given[ids]?.map((id) => ({ __typename: 'Person', id }))
  for (const [, alias = '', variable = '', fields = ''] of document.matchAll(ENTITIES)) {
    const people = given[variable] ?? []
    for (const { id } of people)
      for (const scope of grant.lookups[alias]?.scopes ?? []) carried.push({ person: id, scope })
    data[alias] = people.map((person) => valuesOf(person, fields.split(' ')))
  }
  return { carried, response: { data, errors: [] } }
}

const ENTITIES = /(\w+): _entities\(representations: \$(\w+)\) \{\.\.\.on Person\{([^}]*)\}\}/g

const valuesOf = ({ __typename, id }: Representation, fields: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    fields.map((field) => [
      field,
      field === '__typename' ? __typename : field === 'id' ? id : canary(id, field),
    ]),
  )
