import { getOperationAST, type GraphQLFormattedError } from 'graphql'
import type { DoorAnswer } from './answer-text.ts'
import type { AskingInParts, DoorRequest, DoorResult, Executing } from './door-request.ts'
import { limitedLifetime } from './request-lifetime.ts'

/**
 * An answer in parts, in the order they are told; it never rejects. A part with neither data nor more to come is the last:
 * it says what ended the rest.
 */
export interface DoorParts extends AsyncIterableIterator<DoorAnswer> {
  /** Of one answer, rather than of a subscription. */
  readonly areDeferred: boolean
  return(): Promise<IteratorResult<DoorAnswer>>
}

/** How results and problems are put for clients. */
export interface Telling {
  readonly tell: (result: DoorResult) => DoorAnswer
  readonly told: (problem: unknown, requestId: string) => GraphQLFormattedError
}

export const isInParts = (answer: DoorAnswer | DoorParts): answer is DoorParts =>
  Symbol.asyncIterator in answer

type Opening = Executing & Telling

/** Runs one operation that was let in: a subscription opens, anything else is answered within its time. */
export const openParts = async (
  request: DoorRequest,
  asking: AskingInParts,
  opening: Opening,
): Promise<DoorAnswer | DoorParts> => {
  const operation = getOperationAST(request.document, request.operationName)
  if (operation?.operation === 'subscription')
    return toldParts(await opening.subscribe(request), request.requestId, opening)
  let done: () => void = () => undefined
  const lifetime = limitedLifetime(request.lifetime, asking.requestTimeoutMs, (stop) => (done = stop))
  try {
    return opening.tell(await opening.execute({ ...request, lifetime }))
  } finally {
    done()
  }
}

const toldParts = (
  results: AsyncIterator<DoorResult>,
  requestId: string,
  { tell, told }: Telling,
): DoorParts => {
  let isOver = false
  const end = (): IteratorResult<DoorAnswer> => {
    isOver = true
    return { done: true, value: undefined }
  }
  return {
    areDeferred: false,
    async next() {
      if (isOver) return end()
      try {
        const { done, value } = await results.next()
        return done === true ? end() : { done: false, value: tell(value) }
      } catch (problem) {
        isOver = true
        return { done: false, value: { errors: [told(problem, requestId)] } }
      }
    },
    async return() {
      await results.return?.()
      return end()
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
