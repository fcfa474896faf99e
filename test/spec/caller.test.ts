import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { readContracts } from '../../gateway/adapters/contract-files.ts'
import { DEVELOPMENT_HEADERS, identify } from '../../gateway/caller/identify.ts'
import { AssentError } from '../../gateway/errors.ts'
import type { Caller, TokenVerifier, VerifiedToken } from '../../gateway/ports.ts'
import { REVIEW } from '../support/contract-review.ts'

const PAGE = 'query Page { customers { nodes { pid } } }'
const sha256 = createHash('sha256').update(PAGE).digest('hex')

const contracts = readContracts(
  [
    'client: explorer\npurposes: [personalization, analytics]\ndefaultPurpose: personalization\nscopes: [analytics, personalization, marketing_email]\n',
    'client: shop\npurposes: [personalization]\nscopes: [product_recs, marketing_email]\ncontext:\n  region: EU\n',
    'client: campaigns\npurposes: [marketing, analytics]\nscopes: [marketing_email, analytics]\n',
    `client: partner\npurposes: [analytics, advertising]\nscopes: [analytics, profiling]\noperationsOnly: true\noperations:\n  Page:\n    purpose: advertising\n    sha256: ${sha256}\n`,
  ].map((text, index) => ({ file: `${index}.yaml`, text: `${text}${REVIEW}` })),
  standardVocabulary,
)

/** Tokens of this test are the claims themselves. */
const verifier: TokenVerifier = {
  async verify(token) {
    if (token === 'forged') throw new AssentError('TOKEN_INVALID', 'signature')
    if (token === 'expired') throw new AssentError('TOKEN_EXPIRED', 'claim exp')
    const [client = '', subject, scopes] = token.split('/')
    const verified: VerifiedToken = {
      client,
      subject: subject || null,
      scopes: scopes?.split('+').filter((name) => name !== '') ?? null,
      expiresAt: 0,
    }
    return verified
  },
}

interface Asks {
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
  readonly document?: string
  readonly operationName?: string
}

const ask =
  (profile: 'development' | 'production') =>
  ({ headers = {}, token, document, operationName }: Asks): Promise<Caller> => {
    const all = new Map(
      Object.entries(token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` }),
    )
    return identify(
      { header: (name) => all.get(name), document, operationName },
      { profile, contracts, verifier, vocabulary: standardVocabulary },
    )
  }

const inProduction = ask('production')
const inDevelopment = ask('development')

const refused = (asking: Promise<unknown>): Promise<string> =>
  asking.then(
    () => 'served',
    (problem: AssentError) =>
      `${(problem.extensions['http'] as { status: number }).status} ${problem.code} ${String(problem.extensions['place'])}`,
  )

const scopesOf = ({ scopes }: Caller): string[] => [...scopes].toSorted()

describe('in production a caller', () => {
  it('has the scopes of its contract that its purpose allows, and no other', async () => {
    const caller = await inProduction({ token: 'shop/pid-ada' })
    expect(caller).toMatchObject({
      client: 'shop',
      purpose: 'personalization',
      actor: 'pid-ada',
      context: { region: 'EU' },
    })
    expect(scopesOf(caller)).toEqual(['product_recs'])
  })

  it('has fewer scopes when its token names fewer, never more', async () => {
    expect(
      scopesOf(
        await inProduction({ token: 'campaigns//analytics', headers: { 'assent-purpose': 'marketing' } }),
      ),
    ).toEqual([])
    expect(scopesOf(await inProduction({ token: 'shop//product_recs+crm_contact+marketing_email' }))).toEqual(
      ['product_recs'],
    )
  })

  it.each([
    ['says nothing of scopes', 'explorer', ['analytics', 'personalization']],
    [
      'names none of the vocabulary',
      'explorer//openid+profile+read.orders',
      ['analytics', 'personalization'],
    ],
    ['names some of the vocabulary beside others', 'explorer//openid+analytics', ['analytics']],
    ['names one of the vocabulary that its contract has not', 'explorer//openid+crm_contact', []],
    ['was given none at all', 'explorer//', []],
  ])('has of its contract what fits when its token %s', async (_, asking, scopes) => {
    expect(
      scopesOf(await inProduction({ token: asking, headers: { 'assent-purpose': 'personalization' } })),
    ).toEqual(scopes)
  })

  it('declares its purpose by header when the contract has several', async () => {
    expect(
      scopesOf(await inProduction({ token: 'campaigns', headers: { 'assent-purpose': 'marketing' } })),
    ).toEqual(['marketing_email'])
    expect(
      scopesOf(await inProduction({ token: 'campaigns', headers: { 'assent-purpose': 'analytics' } })),
    ).toEqual(['analytics'])
    expect(await refused(inProduction({ token: 'campaigns' }))).toBe('400 PURPOSE_UNDECLARED assent-purpose')
  })

  it.each(['personalisation', 'marketing, analytics', '', '__proto__', 'constructor'])(
    'is refused for the unknown purpose %j',
    async (purpose) => {
      expect(
        await refused(inProduction({ token: 'campaigns', headers: { 'assent-purpose': purpose } })),
      ).toBe('400 PURPOSE_UNKNOWN assent-purpose')
    },
  )

  it('is refused for a purpose outside its contract', async () => {
    expect(await refused(inProduction({ token: 'shop', headers: { 'assent-purpose': 'marketing' } }))).toBe(
      '403 PURPOSE_NOT_IN_CONTRACT assent-purpose',
    )
  })

  it('is refused without a token, with a bad one, or without a contract', async () => {
    expect(await refused(inProduction({}))).toBe('401 CALLER_UNAUTHENTICATED authorization')
    expect(await refused(inProduction({ headers: { authorization: 'Basic YTpi' } }))).toBe(
      '401 CALLER_UNAUTHENTICATED authorization',
    )
    expect(await refused(inProduction({ headers: { authorization: 'Bearer a, Bearer b' } }))).toBe(
      '401 CALLER_UNAUTHENTICATED authorization',
    )
    expect(await refused(inProduction({ token: 'forged' }))).toBe('401 TOKEN_INVALID signature')
    expect(await refused(inProduction({ token: 'expired' }))).toBe('401 TOKEN_EXPIRED claim exp')
    for (const client of ['nobody', '__proto__'])
      expect(await refused(inProduction({ token: client }))).toBe('403 CLIENT_UNKNOWN client')
  })

  it.each(DEVELOPMENT_HEADERS)(
    'is refused with the development header %s, even with a good token',
    async (name) => {
      expect(await refused(inProduction({ token: 'shop', headers: { [name]: 'x' } }))).toBe(
        `400 DEVELOPMENT_HEADER_REFUSED ${name}`,
      )
      expect(await refused(inProduction({ headers: { [name]: '' } }))).toBe(
        `400 DEVELOPMENT_HEADER_REFUSED ${name}`,
      )
    },
  )
})

describe('a registered operation', () => {
  it('brings its purpose, and wins over the header', async () => {
    for (const operationName of ['Page', undefined]) {
      const caller = await inProduction({
        token: 'partner',
        headers: { 'assent-purpose': 'analytics' },
        document: PAGE,
        ...(operationName && { operationName }),
      })
      expect(caller.purpose).toBe('advertising')
    }
  })

  it('is refused with another text', async () => {
    const document = 'query Page { customers { nodes { pid email } } }'
    expect(await refused(inProduction({ token: 'partner', document }))).toBe('403 OPERATION_ALTERED query')
  })

  it.each([
    ['another name', 'query Other { customers { nodes { pid } } }', undefined],
    ['no name', '{ customers { nodes { pid } } }', undefined],
    ['a name it does not have', PAGE, 'Other'],
    ['two operations', `${PAGE} query Other { me { pid } }`, undefined],
    ['no document', undefined, undefined],
    ['a document that does not parse', 'query Page {', undefined],
  ])('is all that its client may send: %s is refused', async (_, document, operationName) => {
    const asks = { token: 'partner', ...(document && { document }), ...(operationName && { operationName }) }
    expect(await refused(inProduction(asks))).toBe('403 OPERATION_NOT_REGISTERED operationName')
  })
})

describe('in development a caller', () => {
  it('without a token is the explorer with purpose personalization', async () => {
    const caller = await inDevelopment({})
    expect(caller).toMatchObject({ client: 'explorer', purpose: 'personalization', actor: null })
    expect(scopesOf(caller)).toEqual(['analytics', 'personalization'])
  })

  it('chooses another registered client and purpose by header', async () => {
    const headers = {
      'x-assent-client': 'campaigns',
      'x-assent-purpose': 'marketing',
      'x-assent-actor': 'pid-bo',
    }
    expect(await inDevelopment({ headers })).toMatchObject({
      client: 'campaigns',
      purpose: 'marketing',
      actor: 'pid-bo',
    })
    expect(await refused(inDevelopment({ headers: { 'x-assent-client': 'nobody' } }))).toBe(
      '403 CLIENT_UNKNOWN client',
    )
    expect(await refused(inDevelopment({ headers: { 'x-assent-purpose': 'marketing' } }))).toBe(
      '403 PURPOSE_NOT_IN_CONTRACT assent-purpose',
    )
  })

  it('with a token is who the token says, and nobody else', async () => {
    expect(await inDevelopment({ token: 'shop/pid-ada' })).toMatchObject({ client: 'shop', actor: 'pid-ada' })
    for (const name of ['x-assent-client', 'x-assent-actor']) {
      expect(await refused(inDevelopment({ token: 'shop', headers: { [name]: 'explorer' } }))).toBe(
        `400 HEADER_INVALID ${name} beside authorization`,
      )
    }
    expect(await refused(inDevelopment({ token: 'forged' }))).toBe('401 TOKEN_INVALID signature')
  })

  it('may not declare two purposes', async () => {
    const headers = { 'x-assent-purpose': 'analytics', 'assent-purpose': 'personalization' }
    expect(await refused(inDevelopment({ headers }))).toBe(
      '400 HEADER_INVALID x-assent-purpose beside assent-purpose',
    )
  })
})
