import { describe, expect, it } from 'vitest'
import { createGrantSigner, subgraphKey } from '../../gateway/adapters/grant-signer.ts'
import { createGrantVerifier } from '../../subgraphs/grant-verifier.ts'

const secret = 'a secret that is long enough for a test'
const grant = {
  subgraph: 'features',
  client: 'shop',
  purpose: 'analytics',
  request: 'r1',
  actor: null,
  lookups: { _entities: { scopes: ['analytics'] } },
}
const text = JSON.stringify({ query: '{ a }', variables: {}, extensions: { assent: grant } })

const verify = (now: number, key = subgraphKey(secret, 'features')) =>
  createGrantVerifier({ subgraph: 'features', key, clock: () => now })

describe('a signed subgraph request', () => {
  const now = 1_900_000_000_000
  const sign = createGrantSigner({ secret, clock: () => now, seconds: 30 })
  const headers = { ...sign('features', '/graphql', text) }
  const request = { path: '/graphql', headers, text, body: JSON.parse(text) as unknown }

  it('is understood by the subgraph it is for', () => expect(verify(now)(request)).toEqual({ grant }))

  it('is refused when body, path, key or time differ', () => {
    expect(verify(now)({ ...request, text: text.replace('shop', 'spy') })).toEqual({ refused: 'DIGEST' })
    expect(verify(now)({ ...request, path: '/other' })).toEqual({ refused: 'SIGNATURE' })
    expect(verify(now, subgraphKey(secret, 'identity'))(request)).toEqual({ refused: 'SIGNATURE' })
    expect(verify(now + 31_000)(request)).toEqual({ refused: 'EXPIRED' })
  })

  it('is good for one use', () => {
    const once = verify(now)
    expect(once(request)).toEqual({ grant })
    expect(once(request)).toEqual({ refused: 'REPLAYED' })
    expect(sign('features', '/graphql', text)['signature-input']).not.toBe(headers['signature-input'])
  })

  it('is good for as long as the lease by which it was decided, by the clock that the lease is told by', () => {
    const skewed = createGrantSigner({ secret, clock: () => now + 3_600_000, seconds: 30 })
    const leased = (leftMs: number) => {
      const term = { until: now + leftMs, leftMs }
      return { ...request, headers: { ...skewed('features', '/graphql', text, term) } }
    }
    expect(verify(now + 699)(leased(700))).toEqual({ grant })
    expect(verify(now + 700)(leased(700))).toEqual({ refused: 'EXPIRED' })
    expect(verify(now + 31_000)(leased(60_000))).toEqual({ refused: 'EXPIRED' })
    expect(verify(now)({ ...request, headers: { ...skewed('features', '/graphql', text) } })).toEqual({
      refused: 'EXPIRED',
    })
  })

  it('gives each subgraph a key of its own', () =>
    expect(subgraphKey(secret, 'a')).not.toBe(subgraphKey(secret, 'b')))
})
