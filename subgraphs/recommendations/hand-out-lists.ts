import { LONGEST_TOLD_AGAIN_MS } from '../../directives/told-again.ts'
import { codedError } from '../coded-error.ts'
import { MOST_RESULTS } from './vectors/chosen-to-hand-out.ts'
import type { HandedOut } from './vectors/vector-store.ts'

/** What is counted of lists of products that are made for a person. */
export interface ListTerms {
  /** How long a product counts after it was given for a person last. */
  readonly windowMs: number
  /** For one client and purpose. */
  readonly listsPerWindow: number
  /** Whose products are counted together for a client and purpose: those of each person (default), or those of all people. */
  readonly cappedPer?: CappedPer
}

export type CappedPer = 'person' | 'client'

/** Products in their order, made of what somebody did; more than are wanted, for when the first may not be given. */
export interface RankedList {
  /** Who asks, and what for: as the gateway has signed it, and nobody else. */
  readonly client: string
  readonly purpose: string
  /** The person it is for. */
  readonly about: string
  readonly model: string
  readonly ranked: readonly string[]
  readonly wanted: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * The lists of one request are counted together: aliases, pages and batches are one, and so are tokens and replicas, since it is
 * counted where it is kept. What was given before is given again for nothing, and at the end of the room nothing else is.
 */
export async function handOutLists(
  lists: readonly RankedList[],
  handedOut: HandedOut,
  { windowMs, listsPerWindow: most, cappedPer = 'person' }: ListTerms,
): Promise<readonly (readonly string[])[]> {
  const [first] = lists
  if (first === undefined) return []
  const { client, purpose, at: now } = first
  const admitted = await handedOut.admit({ client, purpose, searches: lists.length, most, windowMs, now })
  if (admitted === 'full') await handedOut.note({ ...lineOf(first), given: 0, outcome: 'VECTOR_QUOTA_SPENT' })
  if (admitted !== 'admitted') throw codedError('VECTOR_QUOTA_SPENT', purpose)
  return handedOut.handOut(
    lists.map((list) => ({
      line: lineOf(list),
      countedFor: cappedPer === 'client' ? null : list.about,
      found: list.ranked,
      wanted: list.wanted,
      most: MOST_RESULTS,
      // A gateway may tell the list once more where the next one is late: it counts until a window after that.
      windowMs: windowMs + LONGEST_TOLD_AGAIN_MS,
    })),
  )
}

const lineOf = ({ client, purpose, about, model, wanted: k, at }: RankedList) =>
  ({ at, client, purpose, about, among: 'items', model, k }) as const
