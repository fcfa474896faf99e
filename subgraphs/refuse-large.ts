import { type DocumentNode, GraphQLError, parse } from 'graphql'
import { codedError } from './coded-error.ts'
import { extentOf } from './execute/extent.ts'

/**
 * What a gateway asks has passed the gateway's limits. Anybody else asks for little at once: to validate and to answer a text
 * can take far longer than to send it.
 */
export function refuseLarge(query: string): void {
  const document = query.length > LONGEST ? null : read(query)
  if (document !== null && extentOf(document) <= MOST_FIELDS) return
  throw codedError('OPERATION_TOO_LARGE', `query, ${LONGEST} characters and ${MOST_FIELDS} fields`)
}

const LONGEST = 20_000
const MOST_FIELDS = 2000

const NOTHING: DocumentNode = parse('{ __typename }')

function read(query: string): DocumentNode {
  try {
    return parse(query, { noLocation: true })
  } catch (error) {
    // The engine says what is wrong, and where.
    if (error instanceof GraphQLError) return NOTHING
    throw error
  }
}
