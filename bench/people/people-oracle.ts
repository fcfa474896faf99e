import { buildSubgraphSchema } from '@apollo/subgraph'
import { buildSchema, execute, parse } from 'graphql'
import type { Oracle } from '../oracle.ts'
import { ANSWERS, consentInMemory, type Says } from './people-consent.ts'
import { peopleSubgraphs, SCOPE_OF } from './people-schemas.ts'

/** The subgraphs of people, as their owners answer them; consent says what each person has said, all different. */
export const peopleOracles = (): ReadonlyMap<string, Oracle> => {
  const { people = '', crm = '' } = peopleSubgraphs(false)
  const consent = buildSchema(CONSENT)
  const known = consentInMemory(ANSWERS.different)
  return new Map<string, Oracle>([
    ['people', subgraph(people)],
    ['crm', subgraph(crm)],
    [
      'consent',
      async ({ query, variables }) => {
        const { subjects } = variables as { subjects: readonly string[] }
        const states = await known.load(subjects, {})
        const consentStates = [...states.values()].map(({ scopes, ...state }) => ({
          ...state,
          scopes: [...scopes].map(([scope, { status, receipt }]) => ({
            scope,
            status: status.toUpperCase(),
            receipt,
          })),
        }))
        return execute({
          schema: consent,
          document: parse(query),
          rootValue: { consentStates },
          ...(variables && { variableValues: variables }),
        })
      },
    ],
  ])
}

/** What must be answered: null where a person has refused. */
export const peopleAnswer = (first: number, says: Says): unknown => ({
  data: {
    people: Array.from({ length: first }, (_, index) => {
      const { __typename: _name, ...known } = person(`p${index}`)
      const withheld = Object.keys(SCOPE_OF).filter((_field, scope) => !says(index, scope))
      return { ...known, ...Object.fromEntries(withheld.map((field) => [field, null])) }
    }),
  },
})

export const person = (id: string) => ({
  __typename: 'Person',
  id,
  name: `name of ${id}`,
  email: `${id}@mail.example`,
  visits: `${id.length} visits`,
  greeting: `Hello ${id}, good to see you again`,
  suggestion: `something like what ${id} has`,
})

const subgraph = (sdl: string): Oracle => {
  const resolvers = { Person: { __resolveReference: ({ id }: { readonly id: string }) => person(id) } }
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers })
  const rootValue = {
    people: ({ first }: { readonly first: number }) =>
      Array.from({ length: first }, (_, index) => person(`p${index}`)),
  }
  return async ({ query, variables = {} }) =>
    execute({ schema, document: parse(query), rootValue, variableValues: variables })
}

const CONSENT = `
  type Query { consentStates(subjects: [ID!]!, context: ConsentContextInput): [ConsentState!]! }
  input ConsentContextInput { channel: String region: String brand: String }
  type ConsentState { subject: ID! revision: String! blocked: String scopes: [ScopeState!]! }
  type ScopeState { scope: String! status: String! receipt: String expiresAt: String }`
