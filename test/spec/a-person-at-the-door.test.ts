import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createDoor } from '../../subgraphs/consent/door/door.ts'
import type { FirstSeen } from '../../subgraphs/consent/door/first-seen.ts'
import { createMemoryFirstSeen } from '../../subgraphs/consent/door/memory-first-seen.ts'
import { shownReceipt } from '../../subgraphs/consent/door/me.ts'
import { createPersonVerifier } from '../../subgraphs/consent/door/person-token.ts'
import { createNotices } from '../../subgraphs/consent/door/plain-words.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { usesSeenFrom } from '../../subgraphs/consent/shown-use.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { servePersons } from '../../subgraphs/serve-persons.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'
import {
  makeKey,
  type ProofClaims,
  proofOf,
  SHOP,
  type SigningKey,
  TOKEN_SECRET,
  tokenOf,
} from '../support/person.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const URL_OF_DOOR = 'https://consent.shop.example'
const STATEMENTS = '/consent/v1/statements'
const responsible = { controller: 'North Shops AB', recipients: ['North Mail AB'] }
const notice = {
  version: createNotices(standardVocabulary, responsible).get('en')?.version ?? '',
  language: 'en',
}

let now: number
let store: ConsentStore
let policy: PolicyBundle | null
let takesUnbound: boolean
let firstSeen: FirstSeen
let heard: [string, number][]
let app: ReturnType<typeof servePersons>
let key: SigningKey
let token: string

beforeEach(async () => {
  now = NOON
  store = createMemoryConsentStore()
  policy = null
  takesUnbound = true
  firstSeen = createMemoryFirstSeen()
  heard = []
  app = door()
  key = await makeKey()
  token = await tokenOf('ada', now)
})

describe('A person proves who they are', () => {
  test.each<[string, string, () => Promise<string | undefined>]>([
    ['nothing', 'TOKEN_MISSING', async () => undefined],
    ['a token that has run out', 'TOKEN_EXPIRED', () => tokenOf('ada', now - 600_000)],
    ['a token for another service', 'TOKEN_INVALID', () => tokenOf('ada', now, { aud: 'shop' })],
    [
      'a token of another issuer',
      'TOKEN_INVALID',
      () => tokenOf('ada', now, { secret: 'another secret of the same length' }),
    ],
    ['a token that lives long', 'TOKEN_INVALID', () => tokenOf('ada', now, { seconds: 86_400 })],
    ['a token from the future', 'TOKEN_INVALID', () => tokenOf('ada', now + 60_000)],
    ['a token of nobody', 'TOKEN_INVALID', () => tokenOf('anonymous', now)],
    ['a token bound in an unknown way', 'TOKEN_INVALID', () => tokenOf('ada', now, { cnf: { x5t: 'x' } })],
  ])('and is refused with %s: %s', async (_what, code, make) => {
    const bearer = await make()
    const answer = await get(
      '/consent/v1/me',
      bearer === undefined ? { authorization: '' } : { authorization: `Bearer ${bearer}` },
    )
    expect(answer).toMatchObject({ status: 401, body: { errors: [{ extensions: { code } }] } })
  })
})

describe('A person reads', () => {
  test('every scope of the vocabulary in plain words, with its state, receipt and the words in force', async () => {
    const { body: sent } = await say({ action: 'give', scopes: ['analytics'], notice })
    const { status, body } = await get('/consent/v1/me')
    expect(status).toBe(200)
    expect(body.scopes).toHaveLength(8)
    expect(body).toMatchObject({
      revision: '1',
      blocked: null,
      notice,
      ...responsible,
      languages: ['en', 'de', 'fr', 'es', 'ar'],
    })
    expect(body.scopes.find((scope: { scope: string }) => scope.scope === 'analytics')).toEqual({
      scope: 'analytics',
      title: 'Usage statistics',
      sentence: expect.stringContaining('We measure'),
      uses: expect.arrayContaining(['understanding how our service is used']),
      status: 'GIVEN',
      receipt: sent.receipts[0].receipt,
      since: '2026-05-01T12:00:00.000Z',
      expiresAt: null,
      holds: 'YES',
      basis: 'CONSENT',
      denied: null,
      heldBack: false,
    })
  })

  test.each([
    ['?language=ar', '', 'ar'],
    ['', 'fr-CA,fr;q=0.9,en;q=0.8', 'fr'],
    ['', 'it, de;q=0.1, es;q=0.5', 'es'],
    ['?language=xx', 'it', 'en'],
  ])('in their language: %s, %s → %s', async (query, accepted, language) => {
    const { body } = await get(`/consent/v1/me${query}`, { 'accept-language': accepted })
    expect(body.notice.language).toBe(language)
  })

  test('their own receipt, and no other person’s', async () => {
    const { body } = await say({ action: 'give', scopes: ['analytics'], notice })
    const id = body.receipts[0].receipt
    expect(await get(`/consent/v1/me/receipts/${id}`)).toMatchObject({ status: 200 })
    const bo = { authorization: `Bearer ${await tokenOf('bo', now)}` }
    expect(await get(`/consent/v1/me/receipts/${id}`, bo)).toMatchObject(refusal(404, 'RECEIPT_UNKNOWN'))
    expect(await get('/consent/v1/me/history', bo)).toMatchObject({
      body: { receipts: [], isComplete: true },
    })
  })

  test('and the signal of their browser is heard', async () => {
    const { body } = await get('/consent/v1/me', { 'sec-gpc': '1' })
    expect(body.signals).toEqual({ globalPrivacyControl: true })
    expect(heard).toEqual([['ada', NOON]])
  })
})

describe('Where a policy bundle has something on unless the person objects', () => {
  beforeEach(() => {
    policy = bundleOf(`${NAMED}brands: [main, outlet]
groups: { EEA: [AT, DE] }
${STRICT('[model, legalBases]')}
regions:
  EEA: { scopes: { crm_contact: { model: notice-only, legalBases: [contract, consent] } } }
  US:
    scopes: { analytics: { model: opt-out, legalBases: [statute, consent] } }
    brands: { outlet: { scopes: { analytics: { model: prohibited } } } }
  US-CA: { scopes: { analytics: { signals: [gpc, tcf, gpp, gcm] } } }
signals: { gpc: [analytics] }
`)
  })

  test.each<[string, string, object]>([
    ['in a place', '?region=US&brand=main', { holds: 'YES', basis: 'STATUTE', denied: null }],
    ['in a part of it', '?region=US-TX&brand=main', { holds: 'YES', basis: 'STATUTE' }],
    ['under another brand', '?region=US&brand=outlet', { holds: 'NO', denied: 'PROHIBITED' }],
    ['under a brand that is not said', '?region=US-TX', { holds: 'IN_SOME_PLACES', denied: 'PROHIBITED' }],
    ['elsewhere', '?region=DE&brand=main', { holds: 'NO', basis: null, denied: 'NOT_ASKED' }],
    ['in a group', '?region=EEA', { holds: 'NO', denied: 'NOT_ASKED' }],
    ['at a place that is not said', '', { holds: 'IN_SOME_PLACES', basis: 'STATUTE', denied: 'NOT_ASKED' }],
  ])('they are told so %s, with what it rests on', async (_where, query, use) => {
    const { body } = await get(`/consent/v1/me${query}`)
    expect(scopeIn(body, 'analytics')).toMatchObject({ status: 'UNKNOWN', receipt: null, ...use })
  })

  test('they object, which is recorded and ends it everywhere', async () => {
    expect(scopeIn((await get('/consent/v1/me?region=DE')).body, 'crm_contact')).toMatchObject({
      holds: 'YES',
      basis: 'CONTRACT',
    })
    expect(await say({ action: 'refuse', scopes: ['crm_contact'] })).toMatchObject({ status: 200 })
    for (const query of ['?region=DE', '?region=AT&brand=main', '']) {
      const { body } = await get(`/consent/v1/me${query}`)
      expect(scopeIn(body, 'crm_contact')).toMatchObject({
        status: 'REFUSED',
        holds: 'NO',
        denied: 'SAID_NO',
      })
    }
    expect(await store.history('ada')).toMatchObject([
      { status: 'refused', scope: 'crm_contact', actor: 'ada' },
    ])
  })

  test('a yes that is not used there is told as not used', async () => {
    await say({ action: 'give', scopes: ['analytics'], notice })
    const { body } = await get('/consent/v1/me?region=US&brand=outlet')
    expect(scopeIn(body, 'analytics')).toMatchObject({ status: 'GIVEN', holds: 'NO', denied: 'PROHIBITED' })
  })

  test('what their browser says counts at once', async () => {
    const { body } = await get('/consent/v1/me?region=US&brand=main', { 'sec-gpc': '1' })
    expect(scopeIn(body, 'analytics')).toMatchObject({ holds: 'NO', denied: 'SIGNAL' })
  })

  test('nothing is used of somebody who must not be used at all', async () => {
    await store.mark('ada', 'suppressed', NOON)
    const { body } = await get('/consent/v1/me?region=US&brand=main')
    expect(scopeIn(body, 'analytics')).toMatchObject({ holds: 'NO', basis: null })
  })

  test.each([
    ['region=XX', 'UNKNOWN_REGION'],
    ['brand=boutique', 'UNKNOWN_BRAND'],
    ['region=<b>', 'INVALID_CONTEXT'],
  ])('a place that nobody knows is refused: %s', async (query, code) => {
    expect(await get(`/consent/v1/me?${query}`)).toMatchObject(refusal(400, code))
  })
})

describe('A person says', () => {
  test('yes to several scopes in one statement, and is told the revision to wait for', async () => {
    const { status, headers, body } = await say({
      action: 'give',
      scopes: ['analytics', 'profiling'],
      notice,
    })
    expect(status).toBe(200)
    expect(headers['x-consent-revision']).toBe('2')
    expect(body).toMatchObject({
      revision: '2',
      effective: 'EFFECTIVE',
      receipts: [
        { scope: 'analytics', status: 'GIVEN', source: 'person' },
        { scope: 'profiling', status: 'GIVEN' },
      ],
    })
  })

  test('no, and it is no', async () => {
    await say({ action: 'give', scopes: ['analytics'], notice })
    await say({ action: 'withdraw', scopes: ['analytics'] })
    await say({ action: 'refuse', scopes: ['profiling'] })
    const { body } = await get('/consent/v1/me')
    const states = Object.fromEntries(
      body.scopes.map(({ scope, status }: Record<string, string>) => [scope, status]),
    )
    expect(states).toMatchObject({ analytics: 'WITHDRAWN', profiling: 'REFUSED', crm_contact: 'UNKNOWN' })
  })

  test('yes only to the words in force; no under any words', async () => {
    const old = { version: '1.0-000000000000', language: 'en' }
    await refused({ action: 'give', scopes: ['analytics'], notice: old }, 409, 'NOTICE_STALE')
    await refused({ action: 'give', scopes: ['analytics'] }, 400, 'STATEMENT_INVALID')
    expect(await say({ action: 'withdraw', scopes: ['analytics'], notice: old })).toMatchObject({
      status: 200,
    })
  })

  test.each<[string, string, object]>([
    ['an unknown scope', 'UNKNOWN_SCOPE', { action: 'withdraw', scopes: ['analytics', 'canary'] }],
    ['no scope', 'NO_SCOPE', { action: 'withdraw', scopes: [] }],
    ['an unknown action', 'STATEMENT_INVALID', { action: 'erase', scopes: ['analytics'] }],
    [
      'a member nobody knows',
      'STATEMENT_INVALID',
      { action: 'withdraw', scopes: ['analytics'], unless: 'canary' },
    ],
    ['another person’s pid', 'STATEMENT_INVALID', { action: 'withdraw', scopes: ['analytics'], pid: 'bo' }],
    ['an id that is none', 'STATEMENT_INVALID', { id: '', action: 'withdraw', scopes: ['analytics'] }],
    [
      'an end that has passed',
      'INVALID_EXPIRY',
      { action: 'give', scopes: ['analytics'], notice, expiresAt: '2026-05-01T12:00:00Z' },
    ],
  ])('nothing at all with %s', async (_what, code, statement) => {
    await refused(statement, 400, code)
  })

  test('once, however often it is sent under its id', async () => {
    const id = randomUUID()
    const first = await say({ id, action: 'give', scopes: ['analytics', 'profiling'], notice })
    await say({ action: 'withdraw', scopes: ['analytics'] })
    now += 30_000
    const again = await say({
      id,
      action: 'give',
      scopes: ['analytics', 'profiling'],
      notice,
      secondsAgo: 30,
    })
    expect(again.body.receipts).toEqual(first.body.receipts)
    expect(await store.history('ada')).toHaveLength(3)
  })

  test('with the words, the surface and the signature kept as evidence', async () => {
    const { proof, statement } = await sayWithProof({
      action: 'give',
      scopes: ['analytics'],
      notice,
      surface: 'checkout',
    })
    expect(await store.history('ada')).toMatchObject([
      {
        actor: 'ada',
        source: 'person',
        surface: 'checkout',
        notice,
        statement,
        proof,
        ...responsible,
        legalBasis: 'dpv-gdpr:A6-1-a',
        withdrawalMethod: 'preference centre',
      },
    ])
  })

  test('late, and what they said since is not undone by a yes; a no counts whenever it comes', async () => {
    await say({ action: 'withdraw', scopes: ['analytics'] })
    now += 60_000
    const late = { scopes: ['analytics'], secondsAgo: 3_600 }
    await refused({ ...late, action: 'give', notice }, 409, 'CONSENT_CHANGED_MEANWHILE')
    expect(await say({ ...late, action: 'withdraw' })).toMatchObject({ status: 200 })
  })

  test('another thing under the same id: refused', async () => {
    const id = randomUUID()
    await say({ id, action: 'withdraw', scopes: ['analytics'] })
    const answer = await say({ id, action: 'give', scopes: ['analytics'], notice })
    expect(answer).toMatchObject(refusal(409, 'STATEMENT_ID_REUSED'))
    expect(await store.revision()).toBe('1')
  })
})

describe('A submission is signed, bound to where it is made, and sent once', () => {
  const body = JSON.stringify({ id: randomUUID(), action: 'withdraw', scopes: ['analytics'] })

  test('without a proof it is refused', async () => {
    expect(await post(body)).toMatchObject(refusal(401, 'PROOF_MISSING'))
  })

  test('altered on the way it is refused', async () => {
    const proof = await prove(body)
    const altered = body.replace('analytics', 'profiling')
    expect(await post(altered, { 'consent-proof': proof })).toMatchObject(refusal(401, 'PROOF_INVALID'))
    await nothingWritten()
  })

  test.each<[string, string, ProofClaims]>([
    ['another method', 'PROOF_INVALID', { htm: 'GET' }],
    ['another address', 'PROOF_INVALID', { htu: `https://other.example${STATEMENTS}` }],
    ['another origin', 'PROOF_INVALID', { origin: 'https://evil.example' }],
    ['another token', 'PROOF_INVALID', { ath: 'x' }],
    ['no id worth the name', 'PROOF_INVALID', { jti: '1' }],
    ['a minute and more ago', 'PROOF_STALE', { iat: NOON / 1000 - 61 }],
    ['the future', 'PROOF_STALE', { iat: NOON / 1000 + 11 }],
  ])('signed for %s it is refused: %s', async (_what, code, claims) => {
    const proof = await prove(body, claims)
    expect(await post(body, { 'consent-proof': proof })).toMatchObject(refusal(401, code))
    await nothingWritten()
  })

  test('sent a second time it is refused, by whichever replica it reaches', async () => {
    const proof = { 'consent-proof': await prove(body) }
    expect(await post(body, proof)).toMatchObject({ status: 200 })
    expect(await post(body, proof)).toMatchObject(refusal(409, 'PROOF_REPLAYED'))
    app = door()
    expect(await post(body, proof)).toMatchObject(refusal(409, 'PROOF_REPLAYED'))
    now += 60_999
    expect((await post(body, { ...proof, authorization: `Bearer ${token}` })).status).not.toBe(200)
    expect(await store.revision()).toBe('1')
  })

  test('from a page of another origin it is refused, and the page may not even read the refusal', async () => {
    const proof = await prove(body, { origin: 'https://evil.example' })
    const answer = await post(body, { 'consent-proof': proof, origin: 'https://evil.example' })
    expect(answer).toMatchObject(refusal(403, 'ORIGIN_NOT_ALLOWED'))
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    await nothingWritten()
  })

  test('without a browser it names an allowed origin all the same', async () => {
    const evil = await prove(body, { origin: 'https://evil.example' })
    expect(await post(body, { 'consent-proof': evil, origin: undefined })).toMatchObject(
      refusal(403, 'ORIGIN_NOT_ALLOWED'),
    )
    expect(await post(body, { 'consent-proof': await prove(body), origin: undefined })).toMatchObject({
      status: 200,
    })
  })

  test('with a token of one key it is not taken with another', async () => {
    token = await tokenOf('ada', now, { cnf: { jkt: key.thumbprint } })
    const thief = await makeKey()
    expect(await post(body, { 'consent-proof': await prove(body, {}, thief) })).toMatchObject(
      refusal(401, 'PROOF_OF_ANOTHER_KEY'),
    )
    expect(await post(body, { 'consent-proof': await prove(body) })).toMatchObject({ status: 200 })
  })

  test('with a token that names no key, the first key that signs is its key from then on', async () => {
    expect(await post(body, { 'consent-proof': await prove(body) })).toMatchObject({ status: 200 })
    const thief = await makeKey()
    app = door()
    expect(await post(body, { 'consent-proof': await prove(body, {}, thief) })).toMatchObject(
      refusal(401, 'PROOF_OF_ANOTHER_KEY'),
    )
  })

  test('with a token that names no key it is refused where those are not accepted: reading is all it is good for', async () => {
    takesUnbound = false
    app = door()
    expect(await post(body, { 'consent-proof': await prove(body) })).toMatchObject(
      refusal(401, 'TOKEN_NOT_BOUND'),
    )
    await nothingWritten()
    expect(await get('/consent/v1/me')).toMatchObject({ status: 200 })
    token = await tokenOf('ada', now, { cnf: { jkt: key.thumbprint } })
    expect(await post(body, { 'consent-proof': await prove(body) })).toMatchObject({ status: 200 })
  })

  test('with a private key inside, or of another kind, it is refused', async () => {
    for (const jwk of [
      { ...key.jwk, d: 'AAAA' },
      { kty: 'oct', k: 'AAAA' },
    ]) {
      const proof = await prove(body, {}, { ...key, jwk })
      expect(await post(body, { 'consent-proof': proof })).toMatchObject(refusal(401, 'PROOF_INVALID'))
    }
    await nothingWritten()
  })
})

describe('When the store does not answer', () => {
  test('nothing is said to be written, and when to try again is told', async () => {
    store.append = async () => {
      throw new Error('canary')
    }
    const answer = await say({ action: 'withdraw', scopes: ['analytics'] })
    expect(answer).toMatchObject(refusal(503, 'STORE_UNAVAILABLE'))
    expect(answer.headers['retry-after']).toBe('5')
    expect(JSON.stringify(answer.body)).not.toContain('canary')
  })
})

describe('A person who asks too often', () => {
  test('is told when to come back; saying no is counted apart from reading', async () => {
    for (let read = 0; read < 20; read++) expect(await get('/consent/v1/me')).toMatchObject({ status: 200 })
    const answer = await get('/consent/v1/me')
    expect(answer).toMatchObject(refusal(429, 'TOO_MANY_REQUESTS'))
    expect(answer.headers['retry-after']).toBe('3')
    expect(await say({ action: 'withdraw', scopes: ['analytics'] })).toMatchObject({ status: 200 })
    now += 3_000
    expect(await get('/consent/v1/me')).toMatchObject({ status: 200 })
  })
})

describe('Pages of the shop', () => {
  test('may read answers, and send what they need', async () => {
    const asked = await app.inject({ method: 'OPTIONS', url: STATEMENTS, headers: { origin: SHOP } })
    expect(asked.statusCode).toBe(204)
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': expect.stringContaining('consent-proof'),
    })
    expect((await get('/consent/v1/me', { origin: SHOP })).headers['access-control-allow-origin']).toBe(SHOP)
  })

  test('of nobody known may not', async () => {
    const asked = await app.inject({
      method: 'OPTIONS',
      url: STATEMENTS,
      headers: { origin: 'https://evil.example' },
    })
    expect(asked.statusCode).toBe(403)
    expect(asked.headers['access-control-allow-origin']).toBeUndefined()
  })
})

function door() {
  return servePersons(
    createDoor({
      store,
      firstSeen,
      vocabulary: standardVocabulary,
      clock: () => now,
      verify: createPersonVerifier({
        secret: TOKEN_SECRET,
        issuer: null,
        audience: 'assent-consent',
        longestSeconds: 900,
        clock: () => now,
      }),
      settings: {
        url: () => URL_OF_DOOR,
        origins: [SHOP],
        proofSeconds: 60,
        requestsPerMinute: 20,
        takesUnbound,
      },
      effectivenessOf: async () => 'EFFECTIVE',
      responsible,
      exportReceipt: shownReceipt,
      usesSeenFrom: (place) => usesSeenFrom(policy, place),
      globalPrivacyControl: (subject, at) => void heard.push([subject, at]),
    }),
  )
}

function scopeIn(body: { scopes: readonly { scope: string }[] }, name: string) {
  return body.scopes.find(({ scope }) => scope === name)
}

function refusal(status: number, code: string) {
  return { status, body: { errors: [{ extensions: { code } }] } }
}

async function get(url: string, headers: Record<string, string> = {}) {
  const {
    statusCode: status,
    headers: answered,
    payload,
  } = await app.inject({
    method: 'GET',
    url,
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  return { status, headers: answered, body: JSON.parse(payload) }
}

async function post(body: string, headers: Record<string, string | undefined> = {}) {
  const all = {
    authorization: `Bearer ${token}`,
    origin: SHOP,
    'content-type': 'application/json',
    ...headers,
  }
  const sent = Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  const {
    statusCode: status,
    headers: answered,
    payload,
  } = await app.inject({
    method: 'POST',
    url: STATEMENTS,
    headers: sent,
    payload: body,
  })
  return { status, headers: answered, body: JSON.parse(payload) }
}

function prove(body: string, claims: ProofClaims = {}, by = key) {
  return proofOf(by, { url: URL_OF_DOOR + STATEMENTS, token, body, now }, claims)
}

async function say(statement: object) {
  const body = JSON.stringify({ id: randomUUID(), ...statement })
  return post(body, { 'consent-proof': await prove(body) })
}

async function sayWithProof(statement: object) {
  const id = randomUUID()
  const body = JSON.stringify({ id, ...statement })
  const proof = await prove(body)
  await post(body, { 'consent-proof': proof })
  return { proof, statement: id }
}

async function refused(statement: object, status: number, code: string) {
  const before = await store.revision()
  const answer = await say(statement)
  expect(answer).toMatchObject(refusal(status, code))
  expect(JSON.stringify(answer.body)).not.toContain('canary')
  expect(await store.revision()).toBe(before)
}

async function nothingWritten() {
  expect(await store.revision()).toBe('0')
}
