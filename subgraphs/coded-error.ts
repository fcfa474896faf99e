import { GraphQLError } from 'graphql'

/**
 * An error that the asking side can act on. Only these leave a subgraph with their own message: it says what was
 * wrong and where, never with which value.
 */
export function codedError(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}
