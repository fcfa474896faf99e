import type { GraphQLFormattedError } from 'graphql'
import { AssentError } from '../errors.ts'
import { JsonText } from '../json-text.ts'
import { toldError } from './present-error.ts'

/** What one operation is answered with; without `data` it was refused. */
export interface DoorAnswer {
  readonly data?: unknown
  readonly errors?: readonly GraphQLFormattedError[]
  readonly extensions?: Readonly<Record<string, unknown>>
  /** Set on each part of an answer that comes in parts. */
  readonly hasNext?: boolean
  /** What was deferred and is told now. */
  readonly incremental?: readonly DoorIncrement[]
  /** When the status does not follow from data and errors. */
  readonly status?: number
  /** Whether it may still be written, at the very moment when it is. */
  readonly mayLeave?: () => boolean
}

/** What is written in place of an answer that was overtaken on its way: somebody's consent has changed. */
export const leaving = (answer: DoorAnswer): DoorAnswer =>
  answer.mayLeave?.() === false ? overtaken(answer) : answer

const overtaken = ({ hasNext, incremental }: DoorAnswer): DoorAnswer => {
  const errors = [toldError(new AssentError('CONSENT_OVERTAKEN', 'answer'))]
  if (incremental !== undefined) return { incremental: [{ path: [], errors }], hasNext: hasNext === true }
  return hasNext === undefined ? { errors } : { errors, hasNext }
}

/** One deferred fragment at one place (incremental delivery, `deferSpec=20220824`). */
export interface DoorIncrement extends Pick<DoorAnswer, 'data' | 'errors' | 'extensions'> {
  readonly path: readonly (string | number)[]
  readonly label?: string
}

/** The answer as JSON. What is written already goes in as it stands: an answer is not read again to be sent. */
export const answerText = (answer: DoorAnswer): string => {
  const { hasNext, incremental } = answer
  const text = partText(answer)
  if (hasNext === undefined) return text
  const increments = incremental?.map(incrementText) ?? []
  const further = increments.length === 0 ? '' : `"incremental":[${increments.join(',')}],`
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}${further}"hasNext":${String(hasNext)}}`
}

const incrementText = ({ path, label, ...answer }: DoorIncrement): string => {
  const place = `"path":${JSON.stringify(path)}`
  const named = label === undefined ? place : `"label":${JSON.stringify(label)},${place}`
  return `${partText(answer).slice(0, -1)},${named}}`
}

const partText = ({ data, errors, extensions }: DoorAnswer): string => {
  const values =
    data === undefined ? '' : `"data":${data instanceof JsonText ? data.text : JSON.stringify(data)}`
  // Errors come first, so that whoever reads a stream of bytes sees them before the data.
  const faults = errors === undefined || errors.length === 0 ? '' : `"errors":${JSON.stringify(errors)}`
  const further = extensions === undefined ? '' : `"extensions":${JSON.stringify(extensions)}`
  if (faults === '' && further === '') return `{${values}}`
  return `{${[faults, values, further].filter((part) => part !== '').join(',')}}`
}
