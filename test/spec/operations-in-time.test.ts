import { describe, expect, it } from 'vitest'
import type { DecisionRecord } from '../../gateway/ports.ts'
import { openPersonalShop } from '../support/personal-shop.ts'
import { NOW } from '../support/world.ts'

interface Told {
  readonly visitor: {
    readonly recommendationContext: { readonly basis: string; readonly products: object[] }
  }
}

/** A shop whose features do not answer while they hang, budgets that run out when the test says, and changes of consent that are heard of. */
const openSlowShop = async ({ isHeard = true, items = 0 } = {}) => {
  const state = { hangs: false, holds: true, now: NOW }
  const changed: string[] = []
  const records: DecisionRecord[] = []
  let expire = (): void => undefined
  let hung = (): void => undefined
  let isReady = (): void => undefined
  /** Nobody's answer was fetched, which is kept ready beside Ada's. */
  const ready = new Promise<void>((resolve) => (isReady = resolve))
  const changes = {
    holds: () => state.holds,
    position: () => changed.length,
    after: (position: number) => changed.slice(position),
    // Nothing is waited for that does not come.
    reach: () => (state.holds ? Promise.resolve() : Promise.reject(new Error('no lease'))),
  }
  const shop = await openPersonalShop({
    clock: () => state.now,
    moreProducts: items,
    timer: (_ms, run) => {
      expire = run
      return () => undefined
    },
    ...(isHeard && { consent: { changes } }),
    connecting: ({ subgraph }) => {
      if (!state.hangs || subgraph !== 'features') return
      hung()
      return new Promise(() => undefined)
    },
    answering: ({ document, variables }) => {
      if (document.includes('_entities') && JSON.stringify(variables).includes('"anonymous"')) isReady()
    },
    decisionLog: { write: async (written) => void records.push(...written) },
  })
  return {
    ...shop,
    state,
    records,
    hear: (pid: string) => void changed.push(pid),
    ask: (variables: Record<string, unknown>, headers = {}) =>
      shop.ask('RecommendationContext', { first: 2, ...variables }, { headers }),
    /** Asks, and lets the budget run out as soon as the features hang. */
    async askLate(variables: Record<string, unknown>, headers = {}) {
      state.hangs = true
      const hanging = new Promise<void>((resolve) => (hung = resolve))
      const answer = shop.ask('RecommendationContext', { first: 2, ...variables }, { headers })
      await Promise.race([hanging, answer.catch(() => undefined)])
      expire()
      return answer
    },
    /** Whatever is kept ready beside an answer is there. */
    async settled() {
      await ready
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const contextOf = ({ data }: { readonly data?: unknown }) => (data as Told).visitor.recommendationContext
const answeredBy = ({ extensions }: { readonly extensions?: Record<string, unknown> }) =>
  (extensions?.['operation'] as { answeredBy?: string } | undefined)?.answeredBy

describe('An operation that is late', () => {
  it('is told as it was answered before, and who is told is on record again', async () => {
    const { ask, askLate, records, settled } = await openSlowShop()
    const before = await ask({ pid: 'ada' })
    await settled()
    records.length = 0
    const late = await askLate({ pid: 'ada' })
    expect(late.data).toEqual(before.data)
    expect(contextOf(late).basis).toBe('PERSON')
    expect(answeredBy(late)).toBe('SNAPSHOT')
    expect(answeredBy(before)).toBeUndefined()
    expect(
      records.some(({ granted, people }) => {
        return (
          granted['Customer.recommendationContext'] !== undefined && people.some(([pid]) => pid === 'ada')
        )
      }),
    ).toBe(true)
  })

  it.each([
    ['that was heard of', {}, true],
    ['that the person tells of', { 'x-consent-revision': '99' }, false],
  ])('is not told as before after a withdrawal %s: nobody’s answer is', async (_, headers, isHeard) => {
    const { ask, askLate, withdraw, hear, settled } = await openSlowShop()
    await ask({ pid: 'ada' })
    await settled()
    await withdraw('ada', 'product_recs')
    if (isHeard) hear('ada')
    const late = await askLate({ pid: 'ada' }, headers)
    expect(contextOf(late).basis).toBe('NOBODY')
    expect(JSON.stringify(late)).not.toContain('KIT-2')
  })

  it('is not told as before once the lease on consent is lost', async () => {
    const { ask, askLate, state, settled } = await openSlowShop()
    await ask({ pid: 'ada' })
    await settled()
    state.holds = false
    const late = await askLate({ pid: 'ada' })
    expect(contextOf(late).basis).toBe('NOBODY')
  })

  it('is not told as before after a minute, nor where changes of consent are not heard of', async () => {
    const aged = await openSlowShop()
    await aged.ask({ pid: 'ada' })
    await aged.settled()
    aged.state.now += 60_001
    expect(answeredBy(await aged.askLate({ pid: 'ada' }))).toBe('NOBODY')
    const deaf = await openSlowShop({ isHeard: false })
    await deaf.ask({ pid: 'ada' })
    await deaf.settled()
    expect(answeredBy(await deaf.askLate({ pid: 'ada' }))).toBe('NOBODY')
  })

  it('is nobody’s for ten minutes, and then nothing', async () => {
    const { ask, askLate, settled, state } = await openSlowShop()
    await ask({ pid: 'ada' })
    await settled()
    state.now += 600_001
    await expect(askLate({ pid: 'ada' })).rejects.toMatchObject({ code: 'OPERATION_LATE' })
  })

  it('of somebody else, of another purpose or age is not theirs', async () => {
    const { ask, askLate, settled } = await openSlowShop()
    await ask({ pid: 'ada' })
    await settled()
    expect(answeredBy(await askLate({ pid: 'bo' }))).toBe('NOBODY')
    expect(answeredBy(await askLate({ pid: 'ada' }, { 'assent-age': '40' }))).toBe('NOBODY')
  })

  it('is nobody’s by locale and category where nothing was answered before', async () => {
    const { ask, askLate, settled } = await openSlowShop()
    await ask({ pid: 'ada', locale: 'sv-SE', category: 'GAR' })
    await settled()
    const late = await askLate({ pid: 'bo', locale: 'sv-SE', category: 'GAR' })
    expect(contextOf(late)).toMatchObject({ basis: 'NOBODY', products: [{ sku: 'GAR-2' }, { sku: 'GAR-1' }] })
    await expect(askLate({ pid: 'bo', locale: 'de-DE' })).rejects.toMatchObject({
      extensions: { code: 'OPERATION_LATE' },
    })
  })

  it('is nobody’s for the same device: of a phone as many as a phone shows, and no other device’s', async () => {
    const { askLate, settled, ...shop } = await openSlowShop({ items: 12 })
    const asked = { pid: 'ada', first: null, device: 'MOBILE' }
    await shop.ask(asked)
    await settled()
    const late = await askLate({ ...asked, pid: 'bo' })
    expect(answeredBy(late)).toBe('NOBODY')
    expect(contextOf(late).products).toHaveLength(6)
    await expect(askLate({ ...asked, pid: 'bo', device: 'DESKTOP' })).rejects.toMatchObject({
      extensions: { code: 'OPERATION_LATE' },
    })
  })

  it('is stopped: what it had not sent yet is not sent', async () => {
    const { ask, askLate, settled } = await openSlowShop()
    await ask({ pid: 'ada' })
    await settled()
    const { sent } = await askLate({ pid: 'ada' })
    expect(sent.map(({ subgraph }) => subgraph)).toEqual(['recommendations'])
  })
})
