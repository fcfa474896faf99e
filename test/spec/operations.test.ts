import { describe, expect, it } from 'vitest'
import { openPersonalShop } from '../support/personal-shop.ts'
import type { Sent } from '../support/world.ts'

/** What went to a subgraph about people, as `subgraph pid inputs`. */
const handedTo = (subgraph: string, sent: readonly Sent[]): string[] =>
  sent
    .filter((request) => request.subgraph === subgraph)
    .flatMap(({ variables }) => Object.values(variables).flat())
    .filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null && 'pid' in one)
    .map(({ pid, features = {}, reachableBy }) => {
      const names = Object.keys(features as object).filter(
        (name) => !['lineage', '__typename'].includes(name),
      )
      return [String(pid), ...names.toSorted(), ...(reachableBy === undefined ? [] : ['reachableBy'])].join(
        ' ',
      )
    })
    .toSorted()

/** What is protected and was asked of the features of anybody: that there are features is open. */
const featuresAsked = (sent: readonly Sent[]): string[] =>
  sent
    .filter(({ subgraph }) => subgraph === 'features')
    .flatMap(
      ({ document }) =>
        document.match(
          /planTier|preferredLanguage|purchases|boughtProducts|lastProduct|cart|sessions|viewed/gi,
        ) ?? [],
    )

const contextOf = (data: unknown) => (data as { visitor: Context }).visitor.recommendationContext
const choicesOf = (data: unknown) => (data as { visitor: Choices }).visitor

interface Context {
  readonly recommendationContext: {
    readonly basis: string
    readonly products: readonly { readonly sku: string }[]
    readonly because: { readonly features: string[]; readonly events: string[]; readonly receipts: string[] }
  }
}

interface Choices {
  readonly profile: { readonly best: { readonly action: string; readonly explanation: string } }
  readonly shopping: { readonly best: { readonly action: string } }
}

describe('Preferences', () => {
  it('are three fields of a person who allows them', async () => {
    const { ask } = await openPersonalShop()
    const { data, withheld } = await ask('Preferences', { pid: 'ada' })
    expect(data).toEqual({
      visitor: { features: { language: 'sv', planTier: 'free' }, channelConsent: ['email'] },
    })
    expect(withheld).toEqual([])
  })

  it('are nothing of a person who does not, and nothing is fetched', async () => {
    const { ask } = await openPersonalShop()
    const { data, sent } = await ask('Preferences', { pid: 'dee' })
    expect(data).toEqual({ visitor: { features: { language: null, planTier: null }, channelConsent: null } })
    expect(featuresAsked(sent)).toEqual([])
    expect(sent.map(({ subgraph }) => subgraph)).not.toContain('consent')
  })
})

describe('The recommendation context', () => {
  it('is made of what Ada bought, and says of what', async () => {
    const { ask } = await openPersonalShop()
    const { data, sent } = await ask('RecommendationContext', { pid: 'ada', first: 2 })
    expect(contextOf(data)).toMatchObject({
      basis: 'PERSON',
      products: [{ sku: 'KIT-2' }, { sku: 'KIT-3' }],
      because: {
        features: ['boughtProducts365d'],
        events: ['event-bought_products_365d-ada'],
        receipts: ['ada/product_recs/1'],
      },
    })
    expect(handedTo('recommendations', sent)).toEqual(['ada boughtProducts365d'])
  })

  it('of who withdrew and agreed again is nobody’s: what was done under the first yes does not come back', async () => {
    const { ask, withdrawAndAgreeAgain } = await openPersonalShop()
    await withdrawAndAgreeAgain('ada', 'product_recs')
    const { data, withheld } = await ask('RecommendationContext', { pid: 'ada', first: 1 })
    expect(withheld, 'it is granted again').toEqual([])
    expect(contextOf(data)).toMatchObject({
      basis: 'NOBODY',
      products: [{ sku: 'KIT-3' }],
      because: { features: [], events: [], receipts: [] },
    })
  })

  it('is nobody’s for Dee, by locale, and nothing of Dee is sent to anybody', async () => {
    const { ask } = await openPersonalShop()
    const variables = { pid: 'dee', first: 1, locale: 'sv-SE' }
    const { data, sent, withheld } = await ask('RecommendationContext', variables)
    expect(contextOf(data)).toEqual({
      basis: 'NOBODY',
      model: null,
      products: [{ sku: 'GAR-2', title: 'Title of GAR-2', category: 'GAR', price: 1 }],
      because: { features: [], events: [], receipts: [] },
    })
    expect(featuresAsked(sent)).toEqual([])
    expect(handedTo('recommendations', sent)).toEqual(['anonymous'])
    expect(withheld).toHaveLength(1)
  })

  it('without a pid is nobody’s, and nobody is asked about', async () => {
    const { ask } = await openPersonalShop()
    const { data, consentCalls } = await ask('RecommendationContext', { first: 1 })
    expect(contextOf(data).basis).toBe('NOBODY')
    expect(consentCalls).toEqual([])
  })

  it('is the same when it is asked again', async () => {
    const { ask } = await openPersonalShop()
    const once = await ask('RecommendationContext', { pid: 'ada' })
    expect((await ask('RecommendationContext', { pid: 'ada' })).data).toEqual(once.data)
  })

  it('takes what Ada looked at for whoever may have both, and Bo’s without', async () => {
    const { world } = await openPersonalShop()
    const query = `{
      ada: visitor(pid: "ada") { recommendationContextOfVisits(first: 2) { basis products { sku } because { features } } }
      bo: visitor(pid: "bo") { recommendationContextOfVisits(first: 2) { basis } recommendationContext { basis } }
    }`
    const { data, sent } = await world.ask(query)
    expect(data).toMatchObject({
      ada: {
        recommendationContextOfVisits: {
          basis: 'PERSON',
          products: [{ sku: 'GAR-2' }, { sku: 'KIT-2' }],
          because: { features: ['boughtProducts365d', 'lastProductViewed'] },
        },
      },
      bo: { recommendationContextOfVisits: { basis: 'NOBODY' }, recommendationContext: { basis: 'PERSON' } },
    })
    expect(handedTo('recommendations', sent)).toEqual([
      'ada boughtProducts365d lastProductViewed',
      'anonymous',
      'bo boughtProducts365d',
    ])
  })

  it.each([0, 21])('of %i products is refused', async (first) => {
    const { ask } = await openPersonalShop()
    const { errors } = await ask('RecommendationContext', { pid: 'ada', first })
    expect(JSON.stringify(errors)).toContain('BAD_USER_INPUT')
  })

  it('is refused for a purpose that does not allow profiling, whoever it is about', async () => {
    const { world } = await openPersonalShop()
    const query = '{ visitor(pid: "ada") { recommendationContext { basis } } }'
    const { data, errors, sent } = await world.ask(query, {
      purpose: 'marketing',
      scopes: ['marketing_email'],
    })
    expect(data).toEqual({ visitor: { recommendationContext: null } })
    expect(JSON.stringify(errors)).toContain('PURPOSE_NOT_ALLOWED')
    expect(handedTo('recommendations', sent)).toEqual(['anonymous'])
  })
})

describe('A person under the age limit of their region', () => {
  it('is answered as nobody is, with the reason, and nothing of them is fetched', async () => {
    const { ask } = await openPersonalShop()
    const young = await ask(
      'RecommendationContext',
      { pid: 'ada', first: 1 },
      { client: 'explorer', headers: { 'assent-age': '12' } },
    )
    expect(contextOf(young.data).basis).toBe('NOBODY')
    expect(young.withheld).toEqual([expect.stringContaining('UNDER_AGE')])
    expect(featuresAsked(young.sent)).toEqual([])
    expect(handedTo('recommendations', young.sent)).toEqual(['anonymous'])
  })

  it('is whoever the policy says: at 16 Ada is answered as Ada', async () => {
    const { ask } = await openPersonalShop()
    const headers = { 'assent-age': '16' }
    const { data } = await ask('RecommendationContext', { pid: 'ada' }, { headers })
    expect(contextOf(data).basis).toBe('PERSON')
  })

  it.each(['', '-1', 'twelve', '200', '12.5'])('of age %j is not a person', async (age) => {
    const { ask } = await openPersonalShop()
    const headers = { 'assent-age': age }
    await expect(ask('RecommendationContext', { pid: 'ada' }, { headers })).rejects.toMatchObject({
      extensions: { code: 'HEADER_INVALID', place: 'assent-age' },
    })
  })
})

describe('The next best action', () => {
  it('of Ada is decided by each basis with its own inputs alone', async () => {
    const { ask } = await openPersonalShop()
    const { data, sent } = await ask('NextBestAction', { pid: 'ada' })
    expect(choicesOf(data)).toMatchObject({
      profile: {
        best: {
          action: 'offer_premium',
          channel: 'WEB',
          explanation: 'The plan is free; the next one has more.',
          because: { features: ['planTier'], receipts: ['ada/personalization/1'] },
        },
      },
      shopping: { best: { action: 'show_accessories', because: { receipts: ['ada/product_recs/1'] } } },
    })
    expect(handedTo('recommendations', sent).join(' ')).not.toContain('cartActive24h')
  })

  it('of Bo, who allows what was bought alone, is made of that; the rest is the neutral one', async () => {
    const { ask } = await openPersonalShop()
    const { data, sent, withheld } = await ask('NextBestAction', { pid: 'bo' })
    expect(choicesOf(data)).toMatchObject({
      profile: { best: { action: 'welcome', explanation: 'What we show everybody.' } },
      shopping: { best: { action: 'show_accessories' } },
    })
    expect(withheld).toHaveLength(1)
    expect(handedTo('recommendations', sent)).toEqual([
      'anonymous',
      'bo lastProductBought purchases30d purchases365d reachableBy',
    ])
  })

  it.each(['dee', 'who-is-this', null])('of %s is the neutral one', async (pid) => {
    const { ask } = await openPersonalShop()
    const { data } = await ask('NextBestAction', { pid })
    expect(choicesOf(data)).toMatchObject({
      profile: { best: { action: 'welcome' } },
      shopping: { best: { action: 'welcome' } },
    })
  })

  it('by e-mail needs that they agreed to be reached there', async () => {
    const { ask } = await openPersonalShop()
    const shopping = async (pid: string) =>
      choicesOf((await ask('NextBestAction', { pid, channel: 'EMAIL' })).data).shopping.best.action
    expect(await shopping('ada')).toBe('show_accessories')
    expect(await shopping('bo')).toBe('welcome')
  })

  it('is another one while the first cools down', async () => {
    const { ask } = await openPersonalShop()
    const shown = [{ action: 'offer_premium', at: '2026-01-14T12:00:00Z' }]
    const { data } = await ask('NextBestAction', { pid: 'ada', shown })
    expect(choicesOf(data).profile.best.action).toBe('welcome')
  })
})

describe('Eligibility', () => {
  it('says of each action what stands against it', async () => {
    const { ask } = await openPersonalShop()
    const actions = ['offer_premium', 'win_back', 'show_accessories']
    const { data } = await ask('Eligibility', { pid: 'ada', actions, channel: 'EMAIL' })
    expect(data).toEqual({
      visitor: {
        profile: {
          eligibility: [
            { action: 'show_accessories', eligible: false, reasons: ['OTHER_BASIS'] },
            { action: 'win_back', eligible: false, reasons: ['OTHER_BASIS'] },
            { action: 'offer_premium', eligible: false, reasons: ['CHANNEL'] },
          ],
        },
        shopping: {
          eligibility: [
            { action: 'show_accessories', eligible: true, reasons: [] },
            { action: 'win_back', eligible: false, reasons: ['CONDITION'] },
            { action: 'offer_premium', eligible: false, reasons: ['OTHER_BASIS'] },
          ],
        },
      },
    })
  })
})

describe('Consent validation', () => {
  const input = {
    pids: ['ada', 'bo', 'dee'],
    scopes: ['marketing_email', 'product_recs'],
    purpose: 'marketing',
  }

  it('says per person and scope whether it may be used, by which receipt, in one question', async () => {
    const { ask, withdraw } = await openPersonalShop()
    const no = (scope: string, reason: string) => ({ scope, granted: false, receipt: null, reason })
    const { data } = await ask('ConsentValidation', { input }, { client: 'campaigns' })
    expect(data).toMatchObject({
      consentValidation: [
        {
          pid: 'ada',
          scopes: [
            { scope: 'marketing_email', granted: true, receipt: 'ada/marketing_email/1', reason: null },
            no('product_recs', 'PURPOSE'),
          ],
        },
        { pid: 'bo', scopes: [no('marketing_email', 'NOT_GIVEN'), no('product_recs', 'PURPOSE')] },
        { pid: 'dee', revision: '0', scopes: [{ granted: false }, { granted: false }] },
      ],
    })
    await withdraw('ada', 'marketing_email')
    const after = await ask('ConsentValidation', { input }, { client: 'campaigns' })
    expect(after.data).toMatchObject({
      consentValidation: [{ scopes: [no('marketing_email', 'WITHDRAWN'), {}] }, {}, {}],
    })
  })

  it('of a child is a no, and says why', async () => {
    const { ask } = await openPersonalShop()
    const child = { ...input, age: 9, scopes: ['marketing_email'], pids: ['ada'] }
    const { data } = await ask('ConsentValidation', { input: child }, { client: 'campaigns' })
    expect(data).toMatchObject({ consentValidation: [{ scopes: [{ granted: false, reason: 'UNDER_AGE' }] }] })
  })

  it('tells nobody what holds for a purpose that they have not declared', async () => {
    const { ask } = await openPersonalShop()
    const other = { ...input, purpose: 'personalization' }
    const { data, errors } = await ask('ConsentValidation', { input: other }, { client: 'campaigns' })
    expect(data).toBeNull()
    expect(JSON.stringify(errors)).toContain('PURPOSE_NOT_ALLOWED')
  })

  it('is not there for a client whose contract does not say so', async () => {
    const { world } = await openPersonalShop()
    const query = `{ consentValidation(input: { pids: ["ada"], scopes: ["analytics"], purpose: "personalization" }) { pid } }`
    const { sent, errors } = await world.ask(query)
    expect(errors).toHaveLength(1)
    expect(sent).toEqual([])
  })
})
