import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { answerInTime } from '../../gateway/in-time/answer-in-time.ts'
import { createLifetime } from '../../gateway/lifetime.ts'
import type { GatewayRequest } from '../../gateway/request.ts'
import { handOutLists } from '../../subgraphs/recommendations/hand-out-lists.ts'
import { createMemoryVectors } from '../../subgraphs/recommendations/vectors/memory-vectors.ts'

const MINUTE = 60_000
const WINDOW = 15 * MINUTE
const MOST = 20

interface Left {
  readonly at: number
  readonly skus: readonly string[]
}

/** A gateway that tells a late answer as it was before, around lists that are counted. What it answers is what left. */
const openLists = () => {
  const state = { now: 0, shelf: 'A', isLate: false }
  const ledger = createMemoryVectors()
  const left: Left[] = []
  let expire = (): void => undefined
  const answer = answerInTime({
    clock: () => state.now,
    timer: (_ms, run) => {
      expire = run
      return () => undefined
    },
    consent: { changes: { holds: () => true } } as never,
    decisionLog: { write: async () => undefined },
    execute: async ({ caller, variables }, log) => {
      if (variables['pid'] !== 'ada') return { data: null }
      if (state.isLate) {
        setImmediate(() => expire())
        return new Promise(() => undefined)
      }
      const { client, purpose } = caller
      const ranked = Array.from({ length: MOST }, (__, n) => `${state.shelf}-${n}`)
      const asked = {
        client,
        purpose: purpose ?? '',
        about: 'ada',
        model: 'm',
        ranked,
        wanted: MOST,
        at: state.now,
      }
      const terms = { windowMs: WINDOW, listsPerWindow: 1_000 }
      const [skus] = await handOutLists([asked], ledger, terms)
      await log.write([{ people: [['ada']] }] as never)
      return { data: { skus } as never, mayLeave: () => true }
    },
  })
  const request = {
    document: parse('{ list }'),
    variables: { pid: 'ada' },
    incoming: () => undefined,
    requestId: 'r',
    lifetime: createLifetime(Number.MAX_SAFE_INTEGER),
    caller: {
      client: 'shop',
      purpose: 'personalization',
      scopes: new Set(),
      actor: null,
      context: {},
      personal: ['pid'],
      contract: {},
    },
  } as unknown as GatewayRequest
  return {
    state,
    left,
    async ask(at: number, { shelf = 'A', isLate = false } = {}) {
      Object.assign(state, { now: at, shelf, isLate })
      const { data } = await answer(request, 50)
      left.push({ at, skus: (data as { skus?: string[] } | null)?.skus ?? [] })
      return left.at(-1)?.skus ?? []
    },
  }
}

const mostInAWindow = (left: readonly Left[]): number =>
  Math.max(
    ...left.map(({ at: begin }) => {
      const within = left.filter(({ at }) => at >= begin && at < begin + WINDOW)
      return new Set(within.flatMap(({ skus }) => skus)).size
    }),
  )

describe('A list that is told again since the next one is late', () => {
  it('counts from when it was told last: no more than twenty products leave in any time of a window’s length', async () => {
    const { ask, left } = openLists()
    const first = await ask(0)
    expect(first).toHaveLength(MOST)
    expect(await ask(MINUTE - 1_000, { isLate: true })).toEqual(first)
    for (let at = WINDOW; at < WINDOW + 3 * MINUTE; at += 1_000)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask(at, { shelf: 'B' })
    expect(left.at(-1)?.skus).toHaveLength(MOST)
    expect(mostInAWindow(left)).toBe(MOST)
  })

  it('is told until a minute after it was asked for, and no longer', async () => {
    const { ask } = openLists()
    const first = await ask(0)
    expect(await ask(MINUTE, { isLate: true })).toEqual(first)
    expect(await ask(MINUTE + 1, { isLate: true })).toEqual([])
  })
})
