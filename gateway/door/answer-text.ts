import type { GraphQLFormattedError } from 'graphql'
import { JsonText } from '../json-text.ts'

/** What one operation is answered with; without `data` it was refused. */
export interface DoorAnswer {
  readonly data?: unknown
  readonly errors?: readonly GraphQLFormattedError[]
  readonly extensions?: Readonly<Record<string, unknown>>
  /** When the status does not follow from data and errors. */
  readonly status?: number
}

/** The answer as JSON. What is written already goes in as it stands: an answer is not read again to be sent. */
export const answerText = ({ data, errors, extensions }: DoorAnswer): string => {
  const values =
    data === undefined ? '' : `"data":${data instanceof JsonText ? data.text : JSON.stringify(data)}`
  // Errors come first, so that whoever reads a stream of bytes sees them before the data.
  const faults = errors === undefined || errors.length === 0 ? '' : `"errors":${JSON.stringify(errors)}`
  const further = extensions === undefined ? '' : `"extensions":${JSON.stringify(extensions)}`
  if (faults === '' && further === '') return `{${values}}`
  return `{${[faults, values, further].filter((part) => part !== '').join(',')}}`
}
