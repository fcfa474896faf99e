import { describe, expect, test } from 'vitest'
import { createGrantVerifier, type SignedRequest } from '../../subgraphs/grant-verifier.ts'
import { type SignOptions, signedRequest } from '../support/signed-request.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const KEY = 'the key of the consent subgraph'

describe('A request carries a grant when the gateway signed it', () => {
  test('and the grant is what the body says', () => {
    const lookups = { people: { scopes: ['analytics'] } }
    expect(verifier()(asking({ lookups, actor: 'ada' }))).toEqual({
      grant: {
        subgraph: 'consent',
        client: 'explorer',
        purpose: 'personalization',
        request: 'r1',
        actor: 'ada',
        lookups,
      },
    })
  })

  test('whatever the lookups are called', () => {
    const lookups = Object.fromEntries([['__proto__', { scopes: ['analytics'] }]])
    const verdict = verifier()(asking({ lookups: JSON.parse(JSON.stringify(lookups)) }))
    expect('grant' in verdict && Object.keys(verdict.grant.lookups)).toEqual(['__proto__'])
    expect('grant' in verdict && verdict.grant.lookups['constructor']).toBeUndefined()
  })

  test('and the lease by which it was decided is not over', () => {
    expect(verifier()(asking({ until: String(NOON + 1) }))).toHaveProperty('grant')
  })
})

describe('A request carries no grant', () => {
  test.each<[string, string, (signed: SignedRequest) => SignedRequest]>([
    ['without a signature', 'UNSIGNED', (signed) => ({ ...signed, headers: {} })],
    ['when only half of the signature is there', 'MALFORMED', (signed) => without(signed, 'signature')],
    ['when the digest is missing', 'MALFORMED', (signed) => without(signed, 'content-digest')],
    ['when the body was changed', 'DIGEST', (signed) => ({ ...signed, text: `${signed.text} ` })],
    ['when it was sent to another path', 'SIGNATURE', (signed) => ({ ...signed, path: '/changes' })],
    [
      'when its lifetime was prolonged',
      'SIGNATURE',
      (signed) => changed(signed, 'signature-input', /expires=\d+/, 'expires=9999999999'),
    ],
    [
      'when the lease by which it was decided was prolonged',
      'SIGNATURE',
      () => changed(asking({ until: String(NOON + 500) }), 'assent-until', /^/, '9'),
    ],
    [
      'when the end of that lease was taken away',
      'MALFORMED',
      () => without(asking({ until: String(NOON + 500) }), 'assent-until'),
    ],
    [
      'when that it has an end was taken away, too',
      'SIGNATURE',
      () =>
        changed(
          without(asking({ until: String(NOON) }), 'assent-until'),
          'signature-input',
          / "assent-until"/,
          '',
        ),
    ],
    [
      'when the signature was changed',
      'SIGNATURE',
      (signed) => changed(signed, 'signature', /:.{4}/, ':AAAA'),
    ],
    [
      'when fewer components are covered',
      'MALFORMED',
      (signed) => changed(signed, 'signature-input', / "content-digest"/, ''),
    ],
    [
      'when another algorithm is named',
      'MALFORMED',
      (signed) => changed(signed, 'signature-input', /hmac-sha256/, 'none'),
    ],
    [
      'when a header comes twice',
      'MALFORMED',
      (signed) => ({ ...signed, headers: { ...signed.headers, signature: ['a', 'b'] } }),
    ],
  ])('%s', (_when, refused, spoil) => {
    expect(verifier()(spoil(asking()))).toEqual({ refused })
  })

  test.each<[string, string, Partial<SignOptions>]>([
    ['when it was signed with another key', 'SIGNATURE', { key: 'another key' }],
    ['when it has run out this very second', 'EXPIRED', { now: NOON - 30_000 }],
    ['when the lease is over by which it was decided', 'EXPIRED', { until: String(NOON) }],
    ['when the end of that lease is no time', 'MALFORMED', { until: 'never' }],
    ['when it was signed in the future', 'EXPIRED', { now: NOON + 10_000 }],
    ['when it would be valid for hours', 'EXPIRED', { lifetimeSeconds: 7200 }],
    ['when the grant is for another subgraph', 'OTHER_SUBGRAPH', { subgraph: 'features' }],
    ['when the scopes of a lookup are no list', 'MALFORMED', { lookups: { a: { scopes: 'all' as never } } }],
    ['when the lookups are no map', 'MALFORMED', { lookups: [] as never }],
  ])('%s', (_when, refused, options) => {
    expect(verifier()(asking(options))).toEqual({ refused })
  })

  test('when it comes a second time', () => {
    const verify = verifier()
    const request = asking()
    expect(verify(request)).toHaveProperty('grant')
    expect(verify(request)).toEqual({ refused: 'REPLAYED' })
  })

  test('that was served once, for as long as it is good, whatever is served meanwhile', () => {
    let now = NOON
    const verify = createGrantVerifier({ subgraph: 'consent', key: KEY, clock: () => now })
    const once = asking()
    expect(verify(once)).toHaveProperty('grant')
    for (let second = 1; second < 30; second++) {
      now = NOON + second * 1000
      expect(verify(asking({ now }))).toHaveProperty('grant')
      expect(verify(once)).toEqual({ refused: 'REPLAYED' })
    }
    now = NOON + 30_000
    expect(verify(once)).toEqual({ refused: 'EXPIRED' })
  })

  test('and remembers only what is good still', () => {
    let now = NOON
    const verify = createGrantVerifier({ subgraph: 'consent', key: KEY, clock: () => now, nonces: 40 })
    for (let second = 0; second < 600; second++) {
      now = NOON + second * 1000
      expect(verify(asking({ now }))).toHaveProperty('grant')
    }
  })

  test('when no more nonces can be remembered, until some have run out', () => {
    let now = NOON
    const verify = createGrantVerifier({ subgraph: 'consent', key: KEY, clock: () => now, nonces: 2 })
    expect(verify(asking())).toHaveProperty('grant')
    expect(verify(asking())).toHaveProperty('grant')
    expect(verify(asking())).toEqual({ refused: 'REPLAYED' })
    now += 30_000
    expect(verify(asking({ now }))).toHaveProperty('grant')
  })

  test('when a forger fills the memory: a nonce is remembered only of a request that is signed', () => {
    const verify = createGrantVerifier({ subgraph: 'consent', key: KEY, clock: () => NOON, nonces: 1 })
    for (let attempt = 0; attempt < 5; attempt++)
      expect(verify(asking({ key: 'guess' }))).toEqual({ refused: 'SIGNATURE' })
    expect(verify(asking())).toHaveProperty('grant')
  })

  test('when the subgraph was given no key', () => {
    const verify = createGrantVerifier({ subgraph: 'consent', key: null, clock: () => NOON })
    expect(verify(asking())).toEqual({ refused: 'NO_KEY' })
  })
})

function verifier() {
  return createGrantVerifier({ subgraph: 'consent', key: KEY, clock: () => NOON })
}

function asking(options: Partial<SignOptions> = {}): SignedRequest {
  const signed = signedRequest(
    { query: '{ __typename }' },
    { subgraph: 'consent', key: KEY, now: NOON, ...options },
  )
  return { path: signed.url, headers: signed.headers, text: signed.payload, body: JSON.parse(signed.payload) }
}

function without(signed: SignedRequest, header: string): SignedRequest {
  return { ...signed, headers: { ...signed.headers, [header]: undefined } }
}

function changed(signed: SignedRequest, header: string, from: RegExp, to: string): SignedRequest {
  return {
    ...signed,
    headers: { ...signed.headers, [header]: String(signed.headers[header]).replace(from, to) },
  }
}
