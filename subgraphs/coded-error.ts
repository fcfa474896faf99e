import { GraphQLError } from 'graphql'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'

/**
 * An error that the asking side can act on. Only these leave a subgraph with their own message: it says what was
 * wrong and where, never with which value.
 */
export function codedError(code: SubgraphErrorCode, place?: string): GraphQLError {
  return new GraphQLError(sentenceOf(code, place), { extensions: { code } })
}
