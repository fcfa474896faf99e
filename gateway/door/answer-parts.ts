import { type DocumentNode, getOperationAST, type GraphQLFormattedError, visit } from 'graphql'
import type { DoorAnswer } from './answer-text.ts'
import type { GatewayIncrement, GatewayRequest, GatewayResult } from '../request.ts'
import type { AskingInParts, Executing } from './asking.ts'
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
  readonly tell: (result: GatewayResult) => DoorAnswer
  readonly told: (problem: unknown, requestId: string) => GraphQLFormattedError
}

export const isInParts = (answer: DoorAnswer | DoorParts): answer is DoorParts =>
  Symbol.asyncIterator in answer

type Opening = Executing & Telling

/** Runs one operation that was let in: a subscription opens, anything else is answered within its time. */
export const openParts = async (
  request: GatewayRequest,
  asking: AskingInParts,
  opening: Opening,
): Promise<DoorAnswer | DoorParts> => {
  const operation = getOperationAST(request.document, request.operationName)
  if (operation?.operation === 'subscription')
    return toldParts(await opening.subscribe(request), request.requestId, opening)
  let done: () => void = () => undefined
  const lifetime = limitedLifetime(request.lifetime, asking.requestTimeoutMs, (stop) => (done = stop))
  const limited = { ...request, lifetime }
  let isOpen = false
  try {
    const inParts =
      asking.tellsDeferred && defers(request.document) ? await opening.executeInParts(limited) : null
    if (inParts === null) return opening.tell(await opening.execute(limited))
    const { first, rest } = inParts
    if (rest === null) return opening.tell(first)
    isOpen = true
    return deferredParts({ first, rest }, { requestId: request.requestId, done }, opening)
  } finally {
    if (!isOpen) done()
  }
}

/** Whether a document has the word; which of its operations, and whether it means it, is found out later. */
const defers = (document: DocumentNode): boolean => {
  const known = deferring.get(document)
  if (known !== undefined) return known
  let found = false
  visit(document, {
    Directive: ({ name }) => {
      found ||= name.value === 'defer'
    },
  })
  deferring.set(document, found)
  return found
}

const deferring = new WeakMap<DocumentNode, boolean>()

interface Rest {
  readonly first: GatewayResult
  readonly rest: () => Promise<readonly GatewayIncrement[]>
}

/** First what was not deferred, then all that was. */
const deferredParts = (
  { first, rest }: Rest,
  { requestId, done }: { readonly requestId: string; readonly done: () => void },
  { tell, told }: Telling,
): DoorParts => {
  const parts: (() => Promise<DoorAnswer>)[] = [
    async () => ({ ...tell(first), hasNext: true }),
    async () => {
      try {
        const increments = await rest()
        const incremental = increments.map(({ path, label, ...result }) => {
          const { status: _, mayLeave: __, ...answer } = tell(result)
          return { ...answer, path, ...(label !== undefined && { label }) }
        })
        const mayLeave = (): boolean => increments.every((one) => one.mayLeave?.() !== false)
        return { incremental, hasNext: false, mayLeave }
      } catch (problem) {
        return { incremental: [{ path: [], errors: [told(problem, requestId)] }], hasNext: false }
      } finally {
        done()
      }
    },
  ]
  const end = (): IteratorResult<DoorAnswer> => {
    parts.length = 0
    done()
    return { done: true, value: undefined }
  }
  return {
    areDeferred: true,
    async next() {
      const part = parts.shift()
      return part === undefined ? end() : { done: false, value: await part() }
    },
    return: async () => end(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const toldParts = (
  results: AsyncIterator<GatewayResult>,
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
