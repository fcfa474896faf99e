import { GraphQLError } from 'graphql'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'

/**
 * An error that the asking side can act on. Only these leave a subgraph with their own message: it says what was
 * wrong and where, never with which value.
 */
export function codedError(code: SubgraphErrorCode, place?: string): GraphQLError {
  return new GraphQLError(sentenceOf(code, place), { extensions: { code } })
}

/** A number that is asked for is out of its bounds: the gateway tells its caller which ones, by the form of this place. */
export function outOfBounds(
  coordinate: string,
  argument: string,
  bounds: readonly [number, number],
): GraphQLError {
  const code: SubgraphErrorCode = 'BAD_USER_INPUT'
  const place = `${coordinate}(${argument}:), ${bounds[0]} to ${bounds[1]}`
  return new GraphQLError(sentenceOf(code, place), { extensions: { code, place } })
}
