import { type GraphQLSchema, GraphQLError, parse, validate } from 'graphql'
import type { Check } from '../check-context.ts'
import { clientsOf } from '../clients-of.ts'
import type { Told } from '../tell.ts'

/** What a client has registered is asked as it was written: an operation that does not fit the graph fails for all its users. */
export const operations: Check = ({ base, head }) => {
  if (head.graph === null) return []
  const { schema } = head.graph
  const before = base.graph?.schema ?? null
  return [...clientsOf(head).clients.values()].flatMap(({ client, owner, documents }) =>
    documents.flatMap(({ id, text, source }): Told[] => {
      const known = new Set(before === null ? [] : faultsOf(before, text))
      // What did not fit before either is no change, unless it is said nowhere else.
      const fresh = faultsOf(schema, text).filter((fault) => !known.has(fault))
      if (fresh.length === 0) return []
      return [
        {
          code: 'CLIENT_OPERATION_BROKEN',
          coordinate: `client ${client} operation ${id}`,
          source,
          ...(owner === '' ? {} : { owner }),
          detail: fresh.join(' '),
        },
      ]
    }),
  )
}

const faultsOf = (schema: GraphQLSchema, text: string): string[] => {
  try {
    return validate(schema, parse(text, { noLocation: true })).map(({ message }) => message)
  } catch (error) {
    return [error instanceof GraphQLError ? error.message : 'It cannot be read.']
  }
}
