import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { denialOfScope } from '../../gateway/fence/decide.ts'
import { readConsentStates } from '../../gateway/adapters/consent-states.ts'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'
import { tcStringOf } from '../support/policy/tc-string-of.ts'
import { signedRequest } from '../support/signed-request.ts'

const KEY = 'the key of the consent subgraph'
const NOON = Date.UTC(2026, 4, 1, 12)

const policy = bundleOf(`${NAMED}brands: [main, outlet]
${STRICT('[model, legalBases, minimumAge]')}
regions:
  US: { scopes: { analytics: { model: opt-out, legalBases: [statute, consent], minimumAge: 13 } } }
  CN: { defaults: { model: prohibited } }
signals:
  gpc: [analytics]
  tcf: { analytics: { purposes: [1, 8] } }
`)

type App = Awaited<ReturnType<typeof serveSubgraph>>

let store: ConsentStore
/** Served once; each test has a store of its own behind them. */
let apps: ReadonlyMap<PolicyBundle | null, App>

beforeAll(async () => {
  const current = new Proxy({} as ConsentStore, { get: (_, name) => Reflect.get(store, name) as unknown })
  const serve = (bundle: PolicyBundle | null): Promise<App> => {
    const subgraph = createConsentSubgraph({ store: current, policy: bundle, clock: () => NOON })
    return serveSubgraph({ ...subgraph, name: 'consent', grantKey: KEY, clock: () => NOON })
  }
  store = createMemoryConsentStore()
  apps = new Map([
    [policy, await serve(policy)],
    [null, await serve(null)],
  ])
})
beforeEach(() => {
  store = createMemoryConsentStore()
})
afterAll(async () => {
  for (const app of apps.values()) await app.close()
})

/** `analytics` of one person, in one context, as the consent service answers. */
const analyticsOf = async (
  subject: string,
  context: string,
  bundle: PolicyBundle | null = policy,
): Promise<string> => {
  const { data, errors } = await ask(
    `{ consentStates(subjects: ["${subject}"], context: {${context}}) { policy scopes { scope status receipt } } }`,
    bundle,
  )
  if (errors) return errors[0]?.extensions.code ?? ''
  const state = data.consentStates[0]
  expect(state?.policy).toBe(bundle?.id ?? null)
  const found = state?.scopes.find(({ scope }) => scope === 'analytics')
  return found === undefined
    ? 'nothing'
    : `${found.status} ${found.receipt?.startsWith('policy:') ? 'by default' : ''}`.trim()
}

describe('With a bundle, a decision is what was said, else what holds by default', () => {
  test.each<[string, string]>([
    ['region: "US"', 'GIVEN by default'],
    ['region: "US-TX", brand: "outlet"', 'GIVEN by default'],
    ['region: "US", age: 13', 'GIVEN by default'],
    ['region: "US", language: "de"', 'GIVEN by default'],
    ['region: "US", age: 12', 'UNDER_AGE'],
    ['region: "US", language: "ja"', 'nothing'],
    ['region: "US", gpc: "1"', 'REFUSED'],
    ['region: "US", gpc: "0"', 'GIVEN by default'],
    [`region: "US", tcf: "${tcStringOf()}"`, 'GIVEN by default'],
    [`region: "US", tcf: "${tcStringOf({ purposes: [] })}"`, 'REFUSED'],
    ['region: "DE"', 'nothing'],
    ['region: "CN"', 'OTHER_REGION'],
    // Who does not say where could be in a place where it is prohibited.
    ['', 'OTHER_REGION'],
    ['region: "XX"', 'OTHER_REGION'],
    ['region: "US", brand: "boutique"', 'OTHER_REGION'],
    // What cannot be read could be a no.
    ['region: "US", tcf: "CPw"', 'TC_STRING_INVALID'],
    ['region: "US", gpp: "?"', 'GPP_STRING_INVALID'],
    ['region: "US", consentMode: [{ type: "ad", value: "granted" }]', 'CONSENT_MODE_INVALID'],
    ['region: "US", age: -1', 'INVALID_CONTEXT'],
  ])('{%s}, nothing said: %s', async (context, expected) => {
    expect(await analyticsOf('ada', context)).toBe(expected)
  })

  test.each<[string, string]>([
    ['region: "US"', 'GIVEN'],
    ['region: "DE"', 'GIVEN'],
    ['', 'OTHER_REGION'],
    ['region: "US", gpc: "1"', 'REFUSED'],
    ['region: "DE", age: 15', 'UNDER_AGE'],
    ['region: "CN"', 'OTHER_REGION'],
    ['region: "XX"', 'OTHER_REGION'],
  ])('{%s}, after a yes: %s', async (context, expected) => {
    await says('giveConsent')
    expect(await analyticsOf('ada', context)).toBe(expected)
  })

  test.each(['region: "US"', 'region: "DE"', ''])('{%s}, after a no: withdrawn', async (context) => {
    await says('giveConsent')
    await says('withdrawConsent')
    expect(await analyticsOf('ada', context)).toBe('WITHDRAWN')
  })

  test('nothing holds by default for who must not be used at all, or is nobody', async () => {
    await store.mark('bo', 'erased', NOON)
    expect(await analyticsOf('bo', 'region: "US"')).toBe('nothing')
    expect(await analyticsOf('anonymous', 'region: "US"')).toBe('nothing')
  })
})

describe('Without a bundle', () => {
  test('nothing holds that nobody said, and no signal is looked at', async () => {
    expect(await analyticsOf('ada', 'region: "US", gpc: "1"', null)).toBe('nothing')
    await says('giveConsent', '', null)
    expect(await analyticsOf('ada', 'region: "XX", tcf: "CPw"', null)).toBe('GIVEN')
  })
})

describe('A yes for a place the bundle does not know', () => {
  test.each([
    ['region: "XX"', 'UNKNOWN_REGION'],
    ['brand: "boutique"', 'UNKNOWN_BRAND'],
  ])('{%s} is refused, and a no is taken', async (place, code) => {
    expect((await says('giveConsent', place)).errors?.[0]?.extensions.code).toBe(code)
    expect(await store.revision()).toBe('0')
    expect((await says('refuseConsent', place)).errors).toBeUndefined()
    expect(await store.revision()).toBe('1')
  })
})

describe('Gateways', () => {
  const call = (name: string, input: object, bundle: PolicyBundle | null = policy): Promise<unknown> =>
    Promise.resolve(
      createConsentSubgraph({ store, policy: bundle, clock: () => NOON }).calls?.get(`/consent/v1/${name}`)?.(
        input,
        new AbortController().signal,
      ),
    )

  test('take a default for a grant that names the bundle, over the lean protocol, too', async () => {
    const answer = (await call('decide', { subjects: ['ada', 'bo'], context: { region: 'US' } })) as {
      policy: string
      states: unknown[]
    }
    expect(answer.policy).toBe(policy.id)
    const reading = { asked: new Set(['ada', 'bo']), now: NOON }
    const states = readConsentStates(JSON.parse(JSON.stringify(answer.states)) as unknown[], reading)
    const [state] = states
    const caller = { scopes: new Set(['analytics', 'profiling']) }
    expect(denialOfScope('analytics', { caller, state, now: NOON })).toBeNull()
    expect(denialOfScope('profiling', { caller, state, now: NOON })).toBe('NOT_GIVEN')
    expect(state?.scopes.get('analytics')?.receipt).toBe(`policy:${policy.id}/US/-`)
  })

  test('are answered as ever without a bundle', async () => {
    const input = { subjects: ['ada'], context: { region: 'US' } }
    expect(await call('decide', input, null)).toEqual({
      revision: '0',
      now: NOON,
      states: [['ada', '0', null, []]],
    })
  })

  test('forget what they know when they come to a service for the first time: its bundle may be another', async () => {
    const { calls } = createConsentSubgraph({ store, policy, clock: () => NOON })
    const renew = async (): Promise<unknown> =>
      calls?.get('/consent/v1/lease')?.(
        { holder: 'gateway-1', after: '0', acknowledged: '0' },
        new AbortController().signal,
      )
    expect(await renew()).toMatchObject({ changes: null })
    expect(await renew()).toMatchObject({ changes: [] })
    const input = { holder: 'gateway-1', after: '0', acknowledged: '0' }
    expect(await call('lease', input, null)).toMatchObject({ changes: [] })
  })
})

interface Answer {
  readonly data: {
    readonly consentStates: readonly {
      readonly policy: string | null
      readonly scopes: readonly { scope: string; status: string; receipt: string | null }[]
    }[]
  }
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
}

async function ask(query: string, bundle: PolicyBundle | null): Promise<Answer> {
  const request = signedRequest({ query }, { subgraph: 'consent', key: KEY, now: NOON, actor: 'ada' })
  const answer = await apps.get(bundle)?.inject({ ...request, headers: { ...request.headers } })
  return JSON.parse(answer?.payload ?? '{}') as Answer
}

function says(mutation: string, place = '', bundle: PolicyBundle | null = policy): Promise<Answer> {
  const query = `mutation { ${mutation}(input: { pid: "ada", scopes: ["analytics"], source: "form" ${place} }) { consentId } }`
  return ask(query, bundle)
}
