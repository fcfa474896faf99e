import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createMemoryVectors,
  type MemoryVectors,
} from '../../subgraphs/recommendations/vectors/memory-vectors.ts'
import { type CountedShop, openCountedShop } from '../support/counted-shop.ts'

const CATEGORIES = ['KIT', 'GAR', 'BOO', 'OUT']

const listOf = (pid: string, more = '', field = 'recommendations') =>
  field === 'recommendations'
    ? `visitor(pid: "${pid}") { recommendations${more} { sku } }`
    : `visitor(pid: "${pid}") { ${field}${more} { products { sku } } }`

const query = (...fields: readonly string[]) => ({
  query: `{ ${fields.map((field, n) => `a${n}: ${field}`).join(' ')} }`,
})

const distinct = (...answers: readonly { readonly skus: readonly string[] }[]): number =>
  new Set(answers.flatMap(({ skus }) => skus)).size

describe('Products that are chosen for a person', () => {
  let ledger: MemoryVectors
  let shop: CountedShop

  beforeEach(async () => {
    ledger = createMemoryVectors()
    shop = await openCountedShop(ledger, { windowMs: 3_600_000, listsPerWindow: 40 })
  })
  afterEach(() => shop.close())

  it('are twenty for a client, however many aliases ask for different ones', async () => {
    const ask = await shop.client()
    const answer = await ask(
      query(...CATEGORIES.map((category) => listOf('ada', `(first: 10, category: "${category}")`))),
    )
    expect(answer.codes).toEqual([])
    expect(distinct(answer)).toBe(20)
    expect(answer.skus).toHaveLength(20)
  })

  it.each([
    ['DESKTOP', 10],
    ['TABLET', 10],
    ['MOBILE', 6],
  ])(
    'are as many as a page of a %s shows when no number is asked, for somebody and for nobody',
    async (device, shown) => {
      const ask = await shop.client()
      for (const pid of ['ada', 'dee']) {
        const { skus } = await ask(query(listOf(pid, `(device: ${device})`, 'recommendationContext')))
        expect(skus).toHaveLength(shown)
      }
    },
  )

  it('are twenty in a batch, over pages that grow, by every field, and with every token of the client', async () => {
    const one = await shop.client()
    const other = await shop.client()
    const answers = [
      await one(CATEGORIES.map((category) => query(listOf('ada', `(first: 7, category: "${category}")`)))),
      await one(query(listOf('ada', '(first: 10)'), listOf('ada', '(first: 20, locale: "de-DE")'))),
      await other(query(listOf('ada', '(first: 20, category: "OUT")', 'recommendationContext'))),
      await other(query(listOf('ada', '(first: 20)', 'recommendationContext'))),
    ]
    expect(answers.flatMap(({ codes }) => codes)).toEqual([])
    expect(distinct(...answers)).toBe(20)
    const again = await Promise.all(
      [one, other].map((ask) => ask(query(listOf('ada', '(first: 20, category: "GAR")')))),
    )
    expect(distinct(...answers, ...again)).toBe(20)
  })

  it('are twenty when everything is asked at once', async () => {
    const clients = [await shop.client(), await shop.client()]
    const answers = await Promise.all(
      CATEGORIES.flatMap((category) =>
        clients.map((ask) => ask(query(listOf('ada', `(first: 15, category: "${category}")`)))),
      ),
    )
    expect(distinct(...answers)).toBe(20)
  })

  it('are the same when they are asked again, and those already given fill a list when there is no room', async () => {
    const ask = await shop.client()
    const first = await ask(query(listOf('ada', '(first: 10)')))
    expect((await ask(query(listOf('ada', '(first: 10)')))).bodies).toEqual(first.bodies)
    const kitchen = await ask(query(listOf('ada', '(first: 20, category: "KIT")')))
    const short = await ask(query(listOf('ada', '(first: 20, category: "OUT")')))
    expect((await ask(query(listOf('ada', '(first: 20, category: "KIT")')))).bodies).toEqual(kitchen.bodies)
    expect(short.codes).toEqual([])
    expect(short.skus).toEqual([])
    const all = await ask(query(listOf('ada', '(first: 20)')))
    expect(all.skus).not.toEqual([])
    expect(all.skus.filter((sku) => ![...first.skus, ...kitchen.skus].includes(sku))).toEqual([])
  })

  it('are counted for each person and client apart; whom a header names is not asked', async () => {
    const ask = await shop.client()
    const ofAda = await ask(query(listOf('ada', '(first: 20, category: "KIT")')))
    const ofBo = await ask(query(listOf('bo', '(first: 20, category: "GAR")')))
    expect([distinct(ofAda), distinct(ofBo)]).toEqual([20, 20])
    const disguised = await ask(query(listOf('ada', '(first: 20, category: "OUT")')), {
      'x-assent-client': 'storefront',
    })
    expect(disguised.skus).toEqual([])
    const storefront = await shop.client('storefront')
    const theirs = await storefront(query(listOf('ada', '(first: 20, category: "OUT")')))
    expect(distinct(theirs)).toBe(20)
  })

  it('are on record, each list once, and nothing is of lists that are the same for all', async () => {
    const ask = await shop.client()
    const nobody = await ask(
      query(...CATEGORIES.map((category) => listOf('dee', `(first: 10, category: "${category}")`))),
    )
    expect(distinct(nobody)).toBe(40)
    expect(await ledger.retrievals(10)).toEqual([])
    await ask(query(listOf('ada', '(first: 3)'), listOf('ada', '(first: 12, category: "GAR")')))
    const line = { client: 'explorer', purpose: 'personalization', about: 'ada', among: 'items' }
    const lines = await ledger.retrievals(10)
    expect(lines.toSorted((a, b) => a.k - b.k)).toMatchObject([
      { ...line, k: 3, given: 3, outcome: 'given', model: 'test/1' },
      { ...line, k: 12, given: 12, outcome: 'given', model: 'test/1' },
    ])
    expect(JSON.stringify(lines)).not.toContain('KIT-')
  })

  it('are let in together when they are asked for together, also where one has to be filled with what is popular', async () => {
    const ask = await shop.client()
    const admit = vi.spyOn(ledger, 'admit')
    const { skus } = await ask(
      query(
        listOf('ada', '(first: 3)'),
        listOf('ada', '(first: 20, category: "KIT")'),
        listOf('bo', '(first: 2)'),
        listOf('dee'),
      ),
    )
    expect(skus.length).toBeGreaterThan(20)
    expect(admit.mock.calls.map(([{ searches }]) => searches)).toEqual([3])
  })

  it.each(['recommendations', 'recommendationContext', 'recommendationContextOfVisits'])(
    'are no more than twenty in one %s: who asks for more is told so, and nothing is counted',
    async (field) => {
      const ask = await shop.client()
      for (const first of [0, 21]) {
        const { bodies, skus } = await ask(query(listOf('ada', `(first: ${first})`, field)))
        const [{ errors = [] } = {}] = bodies as readonly { errors?: readonly object[] }[]
        const place = `Customer.${field}(first:), 1 to 20`
        expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', place } }])
        expect(skus).toEqual([])
      }
      expect(await ledger.retrievals(1)).toEqual([])
    },
  )

  it('are refused past the quota of lists, and for a purpose that allows no profile', async () => {
    const ask = await shop.client()
    const many = Array.from({ length: 10 }, (_, n) => listOf('ada', `(first: ${n + 1})`))
    for (let turn = 0; turn < 4; turn += 1)
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      expect((await ask(query(...many))).codes).toEqual([])
    const refused = await ask(query(...many))
    expect(new Set(refused.codes)).toEqual(new Set(['VECTOR_QUOTA_SPENT']))
    expect(refused.skus).toEqual([])
    const lines = await ledger.retrievals(1_000)
    expect(lines.filter(({ outcome }) => outcome === 'VECTOR_QUOTA_SPENT')).toHaveLength(1)
    const marketing = { 'assent-purpose': 'marketing' }
    const context = await ask(query(listOf('bo', '', 'recommendationContext')), marketing)
    expect(context.codes).toEqual(['PURPOSE_NOT_ALLOWED'])
    expect(context.skus).toEqual([])
    const ofBo = await ask(query(listOf('bo')), marketing)
    expect(ofBo.skus).toEqual((await ask(query(listOf('dee')))).skus)
    expect(await ledger.retrievals(1_000)).toHaveLength(lines.length)
  })

  it('are twenty for all people of a client together where they are capped per client', async () => {
    const strict = await openCountedShop(createMemoryVectors(), {
      windowMs: 3_600_000,
      listsPerWindow: 40,
      cappedPer: 'client',
    })
    try {
      const ask = await strict.client()
      const answers = [
        await ask(query(listOf('ada', '(first: 12, category: "KIT")'))),
        await ask(query(listOf('bo', '(first: 20, category: "GAR")'))),
      ]
      expect(answers.map(({ skus }) => skus.length)).toEqual([12, 8])
      expect(distinct(...answers)).toBe(20)
    } finally {
      await strict.close()
    }
  })
})
