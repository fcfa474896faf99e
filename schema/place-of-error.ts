import { GraphQLError } from 'graphql'
import type { Violation } from './violation.ts'

/** Where a text could not be read, as far as the parser knows. */
export const placeOfError = (error: unknown): Pick<Violation, 'line' | 'column'> => {
  const [place] = error instanceof GraphQLError ? (error.locations ?? []) : []
  return place === undefined ? { line: null } : { line: place.line, column: place.column }
}
