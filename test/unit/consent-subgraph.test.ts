import { describe, expect, it } from 'vitest'
import { RECEIPT_STATUSES } from '../../directives/consent-status.ts'
import { createConsentSubgraph } from '../../gateway/adapters/consent-subgraph.ts'
import type { SubgraphClient, SubgraphRequest } from '../../gateway/ports.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')
const sent: SubgraphRequest[] = []

const source = (send: (request: SubgraphRequest) => unknown, timeoutMs = 1000) => {
  sent.length = 0
  const subgraphs: SubgraphClient = {
    send: async (request) => {
      sent.push(request)
      return (await send(request)) as never
    },
  }
  return createConsentSubgraph({ subgraphs, subgraph: 'consent', timeoutMs, clock: () => NOW })
}

const answering = (...consentStates: unknown[]) => source(() => ({ data: { consentStates }, errors: [] }))
const given = { scope: 'analytics', status: 'GIVEN', receipt: 'r1', expiresAt: null }
const ada = { subject: 'ada', revision: '3', blocked: null, scopes: [given] }
const bo = { ...ada, subject: 'bo' }

describe('consent from the consent subgraph', () => {
  it('is asked for all people at once, in the context of the caller', async () => {
    const states = await answering(ada, bo).load(['ada', 'bo'], { region: 'EU' })
    expect([...states.keys()]).toEqual(['ada', 'bo'])
    expect(states.get('ada')).toEqual({
      subject: 'ada',
      revision: '3',
      scopes: new Map([['analytics', { status: 'given', receipt: 'r1', expiresAt: null }]]),
    })
    expect(sent).toHaveLength(1)
    expect(JSON.parse(sent[0]?.variables ?? '')).toEqual({
      subjects: ['ada', 'bo'],
      context: { region: 'EU' },
    })
  })

  it('is asked in portions of 5,000', async () => {
    await answering().load(
      Array.from({ length: 12_000 }, (_, index) => `p${index}`),
      {},
    )
    expect(
      sent.map(({ variables }) => (JSON.parse(variables) as { subjects: string[] }).subjects.length),
    ).toEqual([5000, 5000, 2000])
  })

  it.each(RECEIPT_STATUSES)('reads the state %s', async (status) => {
    const answer = { ...ada, scopes: [{ ...given, status: status.toUpperCase() }] }
    const state = (await answering(answer).load(['ada'], {})).get('ada')
    expect(state?.scopes.get('analytics')?.status).toBe(status)
  })

  it('knows who may not be used at all', async () => {
    expect((await answering({ ...ada, blocked: 'ERASED' }).load(['ada'], {})).get('ada')?.blocked).toBe(
      'ERASED',
    )
  })

  it('is over when its time is over, whatever the subgraph says', async () => {
    const late = { ...given, expiresAt: '2029-12-31T23:59:59Z' }
    const timely = { ...given, scope: 'crm_contact', expiresAt: '2030-01-01T00:00:01+00:00' }
    const state = (await answering({ ...ada, scopes: [late, timely] }).load(['ada'], {})).get('ada')
    expect([...(state?.scopes.values() ?? [])].map(({ status }) => status)).toEqual(['expired', 'given'])
  })

  it.each([
    ['an unknown status', { ...ada, scopes: [{ ...given, status: 'YES' }] }],
    ['a status in another case', { ...ada, scopes: [{ ...given, status: 'given' }] }],
    ['a yes without receipt', { ...ada, scopes: [{ ...given, receipt: null }] }],
    ['an expiry that is a number', { ...ada, scopes: [{ ...given, expiresAt: 1e15 }] }],
    ['an expiry that is no instant', { ...ada, scopes: [{ ...given, expiresAt: 'never' }] }],
    ['the same scope twice', { ...ada, scopes: [given, { ...given, status: 'WITHDRAWN' }] }],
    ['a scope that is no text', { ...ada, scopes: [{ ...given, scope: 1 }] }],
    ['scopes that are no list', { ...ada, scopes: { analytics: true } }],
    ['no revision', { ...ada, revision: undefined }],
    ['an unknown block', { ...ada, blocked: 'MAYBE' }],
    ['a state that is null', null],
    ['a state that is a text', 'ada'],
  ])('is not answered for a person by %s', async (_, state) => {
    expect([...(await answering(state, bo).load(['ada', 'bo'], {})).keys()]).toEqual(['bo'])
  })

  it('is not answered by two answers about one person, nor by answers about others', async () => {
    const states = await answering(ada, { ...ada, scopes: [] }, { ...ada, subject: 'cyd' }, bo).load(
      ['ada', 'bo'],
      {},
    )
    expect([...states.keys()]).toEqual(['bo'])
  })

  it.each([
    ['errors', () => ({ data: { consentStates: [ada] }, errors: [{ message: 'm' }] })],
    ['null', () => ({ data: null, errors: [] })],
    ['another field', () => ({ data: { states: [] }, errors: [] })],
    ['no list', () => ({ data: { consentStates: {} }, errors: [] })],
    ['a failure', () => Promise.reject(new Error('10.0.0.7'))],
  ])('is unavailable when the subgraph answers %s', async (_, send) => {
    await expect(source(send).load(['ada'], {})).rejects.toMatchObject({ code: 'CONSENT_UNAVAILABLE' })
  })

  it('is unavailable when the answer comes too late', async () => {
    await expect(source(() => new Promise(() => undefined), 5).load(['ada'], {})).rejects.toMatchObject({
      code: 'CONSENT_UNAVAILABLE',
    })
  })
})
