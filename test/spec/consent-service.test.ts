import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readVocabulary } from '../../directives/read-vocabulary.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { ReceiptConflict, type ConsentStore } from '../../subgraphs/consent/store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { signedRequest } from '../support/signed-request.ts'

const KEY = 'the key of the consent subgraph'
const NOON = Date.UTC(2026, 4, 1, 12)

let now: number
let store: ConsentStore
let app: Awaited<ReturnType<typeof serveSubgraph>>

beforeEach(async () => {
  now = NOON
  store = createMemoryConsentStore()
  app = await serve(createConsentSubgraph({ store, expiryClock: () => now }))
})
afterEach(() => app.close())

describe('Consent is told to deciders only', () => {
  test.each([
    '{ consentStates(subjects: ["ada"]) { subject } }',
    '{ consentChanges { revision } }',
    'mutation { giveConsent(input: { pid: "ada", scopes: ["analytics"], source: "form" }) { consentId } }',
    'mutation { withdrawConsent(input: { pid: "ada", scopes: ["analytics"], source: "form" }) { consentId } }',
  ])('%s without a signature', async (query) => {
    const answer = await send({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ query }),
    })
    expect(answer).toMatchObject({ data: null, errors: [{ extensions: { code: 'GRANT_MISSING' } }] })
    expect(await store.revision()).toBe('0')
  })
})

describe('A decider that asks about many people', () => {
  test('gets one state for each of them, once', async () => {
    await give('ada', ['analytics'])
    await give('bo', ['analytics'])
    await store.mark('bo', 'suppressed', now)
    await store.mark('cyd', 'erased', now)
    expect(await states(['ada', 'bo', 'cyd', 'dee', 'ada'])).toEqual([
      { subject: 'ada', revision: '1', blocked: null, scopes: [{ scope: 'analytics', status: 'GIVEN' }] },
      { subject: 'bo', revision: '3', blocked: 'SUPPRESSED', scopes: [] },
      { subject: 'cyd', revision: '4', blocked: 'ERASED', scopes: [] },
      { subject: 'dee', revision: '0', blocked: null, scopes: [] },
    ])
  })

  test.each(['anonymous', '', 'ada bo', 'ada\n', 'x'.repeat(129), "'; drop"])(
    'is told that %j is nobody',
    async (subject) => {
      expect(await states([subject])).toEqual([
        { subject, revision: '0', blocked: 'UNKNOWN_SUBJECT', scopes: [] },
      ])
    },
  )

  test('is told about the channel and region it names', async () => {
    await give('ada', ['analytics'], 'region: "DE"')
    const at = async (region: string) =>
      (await states(['ada'], `, context: { region: "${region}" }`))[0].scopes[0].status
    expect(await at('DE')).toBe('GIVEN')
    expect(await at('FR')).toBe('OTHER_REGION')
  })

  test('asks the store once, for thousands as for one', async () => {
    let calls = 0
    const { records } = store
    store.records = (subjects) => (calls++, records(subjects))
    await states(Array.from({ length: 5000 }, (_, index) => `person-${index}`))
    expect(calls).toBe(1)
  })

  test('is refused when it asks about more than twenty thousand', async () => {
    const answer = await ask('query ($s: [ID!]!) { consentStates(subjects: $s) { subject } }', {
      s: Array.from({ length: 20_001 }, (_, index) => `p${index}`),
    })
    expect(answer.errors[0].extensions.code).toBe('TOO_MANY_SUBJECTS')
  })
})

describe('What a person says', () => {
  test('becomes the successor of what they said before', async () => {
    const [first] = await give('ada', ['analytics'])
    now += 1000
    const [second] = await give('ada', ['analytics'])
    now += 1000
    const [third] = await withdraw('ada', ['analytics'])
    expect([first, second, third]).toMatchObject([
      { status: 'GIVEN', version: 1, predecessor: null },
      { status: 'RENEWED', version: 2, predecessor: first.consentId },
      { status: 'WITHDRAWN', version: 3, predecessor: second.consentId },
    ])
    expect((await states(['ada']))[0].scopes).toEqual([{ scope: 'analytics', status: 'WITHDRAWN' }])
  })

  test('counts from the next question on', async () => {
    await give('ada', ['analytics', 'product_recs'])
    await withdraw('ada', ['analytics'])
    expect((await states(['ada']))[0].scopes).toEqual([
      { scope: 'analytics', status: 'WITHDRAWN' },
      { scope: 'product_recs', status: 'GIVEN' },
    ])
  })

  test('runs out when it said so', async () => {
    await give('ada', ['analytics'], 'expiresAt: "2026-05-01T12:00:01Z"')
    now = NOON + 999
    expect((await states(['ada']))[0].scopes[0].status).toBe('GIVEN')
    now = NOON + 1000
    expect((await states(['ada']))[0].scopes[0].status).toBe('EXPIRED')
  })

  test.each<[string, string, string]>([
    [
      'a scope that is not in the vocabulary',
      'UNKNOWN_SCOPE',
      'pid: "ada", scopes: ["analytics", "canary"], source: "form"',
    ],
    ['no scope', 'NO_SCOPE', 'pid: "ada", scopes: [], source: "form"'],
    [
      'the person that is nobody',
      'INVALID_SUBJECT',
      'pid: "anonymous", scopes: ["analytics"], source: "form"',
    ],
    [
      'a pid that is none',
      'INVALID_SUBJECT',
      'pid: "canary@mail.example", scopes: ["analytics"], source: "form"',
    ],
    [
      'a source that is a sentence',
      'INVALID_CONTEXT',
      'pid: "ada", scopes: ["analytics"], source: "canary said so"',
    ],
    [
      'an end that has passed',
      'INVALID_EXPIRY',
      'pid: "ada", scopes: ["analytics"], source: "form", expiresAt: "2026-05-01T12:00:00Z"',
    ],
    [
      'an end on a day that is in no calendar',
      'INVALID_EXPIRY',
      'pid: "ada", scopes: ["analytics"], source: "form", expiresAt: "2028-02-30"',
    ],
    [
      'an end that is no instant',
      'INVALID_EXPIRY',
      'pid: "ada", scopes: ["analytics"], source: "form", expiresAt: "canary"',
    ],
  ])('is refused with %s, and nothing is written', async (_what, code, input) => {
    const answer = await ask(`mutation { giveConsent(input: { ${input} }) { consentId } }`)
    expect(answer.errors[0].extensions.code).toBe(code)
    expect(JSON.stringify(answer)).not.toContain('canary')
    expect(await store.revision()).toBe('0')
  })

  test('is refused as a yes when nothing about the person may be used, and taken as a no', async () => {
    await store.mark('ada', 'suppressed', now)
    const yes = await ask(
      'mutation { giveConsent(input: { pid: "ada", scopes: ["analytics"], source: "form" }) { version } }',
    )
    expect(yes.errors[0].extensions.code).toBe('SUBJECT_BLOCKED')
    expect(await withdraw('ada', ['analytics'])).toMatchObject([{ status: 'WITHDRAWN' }])
  })

  test('is not taken as a yes when something was said in between', async () => {
    interfere(1)
    const yes = await ask(
      'mutation { giveConsent(input: { pid: "ada", scopes: ["analytics"], source: "form" }) { version } }',
    )
    expect(yes.errors[0].extensions.code).toBe('CONSENT_CHANGED_MEANWHILE')
  })

  test('is taken as a no whatever was said in between', async () => {
    interfere(3)
    expect(await withdraw('ada', ['analytics'])).toMatchObject([{ status: 'WITHDRAWN' }])
  })
})

/** The next appends find that somebody else has written. */
function interfere(times: number): void {
  const { append } = store
  let left = times
  store.append = async (receipts) => {
    if (left-- > 0) throw new ReceiptConflict()
    return append(receipts)
  }
}

describe('Consent is a person’s own act', () => {
  const giving =
    'mutation { giveConsent(input: { pid: "ada", scopes: ["analytics"], source: "form" }) { status } }'
  const refusal = { errors: [{ extensions: { code: 'NOT_THEIR_CONSENT' } }] }

  test('Ada gives her own', async () => {
    expect(await askFor({ actor: 'ada' }, giving)).toEqual({ data: { giveConsent: [{ status: 'GIVEN' }] } })
  })

  test('the service desk records what Ada said', async () => {
    expect(await askFor({ purpose: 'customer_service' }, giving)).toEqual({
      data: { giveConsent: [{ status: 'GIVEN' }] },
    })
  })

  test('nobody else gives it for her, and nothing is written', async () => {
    expect(await askFor({ actor: 'bo' }, giving)).toMatchObject(refusal)
    expect(await askFor({ purpose: 'marketing' }, giving)).toMatchObject(refusal)
    expect(await store.revision()).toBe('0')
  })
})

describe('The preference centre', () => {
  const query = `query ($people: [_Any!]!) { people: _entities(representations: $people) {
    ... on Customer { consents { scope status receipt holds basis } } } }`

  test('shows every scope of the vocabulary, for people the caller may know of', async () => {
    const [receipt] = await give('ada', ['analytics'])
    const answer = await ask(query, { people: [{ __typename: 'Customer', pid: 'ada' }] }, ['crm_contact'])
    const { consents } = answer.data.people[0]
    expect(consents).toHaveLength(8)
    expect(consents).toContainEqual({
      scope: 'analytics',
      status: 'GIVEN',
      receipt: receipt.consentId,
      holds: 'YES',
      basis: 'CONSENT',
    })
    expect(consents).toContainEqual({
      scope: 'profiling',
      status: 'UNKNOWN',
      receipt: null,
      holds: 'NO',
      basis: null,
    })
  })

  test('shows nothing without the scope', async () => {
    const answer = await ask(query, { people: [{ __typename: 'Customer', pid: 'ada' }] }, ['analytics'])
    expect(answer).toMatchObject({
      data: { people: [{ consents: null }] },
      errors: [{ extensions: { code: 'GRANT_MISSING' } }],
    })
  })
})

describe('A project with words of its own', () => {
  const vocabulary = readVocabulary({
    version: '1.0-shop.1',
    scopes: {
      loyalty_points: {
        sentence: 'Count the points of a purchase.',
        dpv: 'dpv:Personalisation',
        fides: 'personalize',
      },
    },
  })

  test('has people consent to them, beside the standard ones', async () => {
    await app.close()
    app = await serve(createConsentSubgraph({ store, vocabulary }))
    expect(await give('ada', ['loyalty_points', 'analytics'])).toMatchObject([
      { status: 'GIVEN' },
      { status: 'GIVEN' },
    ])
    expect(await states(['ada'])).toMatchObject([
      { scopes: [{ scope: 'loyalty_points', status: 'GIVEN' }, { scope: 'analytics' }] },
    ])
  })
})

function serve(subgraph: ReturnType<typeof createConsentSubgraph>): ReturnType<typeof serveSubgraph> {
  return serveSubgraph({ ...subgraph, name: 'consent', grantKey: KEY, clock: () => now })
}

async function send(request: {
  method: 'POST'
  url: string
  headers: Readonly<Record<string, string>>
  payload: string
}) {
  return JSON.parse((await app.inject({ ...request, headers: { ...request.headers } })).payload)
}

function ask(query: string, variables: object = {}, scopes: readonly string[] = []) {
  return askFor({ purpose: 'customer_service' }, query, { variables, scopes })
}

function askFor(
  who: { purpose?: string; actor?: string },
  query: string,
  { variables = {}, scopes = [] }: { variables?: object; scopes?: readonly string[] } = {},
) {
  const options = { subgraph: 'consent', key: KEY, now, lookups: { people: { scopes } }, ...who }
  return send(signedRequest({ query, variables }, options))
}

async function states(subjects: readonly string[], more = '') {
  const query = `query ($s: [ID!]!) { consentStates(subjects: $s${more}) { subject revision blocked scopes { scope status } } }`
  return (await ask(query, { s: subjects })).data.consentStates
}

async function give(pid: string, scopes: readonly string[], more = '') {
  return said('giveConsent', pid, scopes, more)
}

async function withdraw(pid: string, scopes: readonly string[]) {
  return said('withdrawConsent', pid, scopes, '')
}

async function said(mutation: string, pid: string, scopes: readonly string[], more: string) {
  const input = `{ pid: "${pid}", scopes: ${JSON.stringify(scopes)}, source: "form" ${more} }`
  const answer = await ask(
    `mutation { ${mutation}(input: ${input}) { consentId status version predecessor } }`,
  )
  return answer.data[mutation]
}
