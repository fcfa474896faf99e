import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import type { Change, Consent } from '../../sdk/consent.ts'
import { ConsentError } from '../../sdk/consent-error.ts'
import { type ConsentOptions, createConsent } from '../../sdk/create-consent.ts'
import { createDoor } from '../../subgraphs/consent/door/door.ts'
import { createMemoryFirstSeen } from '../../subgraphs/consent/door/memory-first-seen.ts'
import { shownReceipt } from '../../subgraphs/consent/door/me.ts'
import { createPersonVerifier } from '../../subgraphs/consent/door/person-token.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { usesSeenFrom } from '../../subgraphs/consent/shown-use.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { servePersons } from '../../subgraphs/serve-persons.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'
import { SHOP, TOKEN_SECRET, tokenOf } from '../support/person.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const DOOR = 'https://consent.shop.example'

let store: ConsentStore
let policy: PolicyBundle | null
let takesUnbound: boolean
let app: ReturnType<typeof servePersons>
let serviceClock: () => number
let effective: 'PENDING' | 'EFFECTIVE'
/** What happens on the way to the service and back. */
let network: (reach: () => Promise<Response>) => Promise<Response>
/** Statements that reached the service, as `withdraw analytics`. */
let reached: string[]
let kept: Map<string, string>
let opened: Consent[]

beforeEach(() => {
  store = createMemoryConsentStore()
  policy = null
  takesUnbound = true
  serviceClock = Date.now
  effective = 'EFFECTIVE'
  network = (reach) => reach()
  reached = []
  kept = new Map()
  opened = []
  app = openApp()
})

function openApp() {
  return servePersons(
    createDoor({
      store,
      firstSeen: createMemoryFirstSeen(),
      vocabulary: standardVocabulary,
      clock: () => serviceClock(),
      verify: createPersonVerifier({
        secret: TOKEN_SECRET,
        issuer: null,
        audience: 'assent-consent',
        longestSeconds: 900,
        clock: () => serviceClock(),
      }),
      settings: { url: () => DOOR, origins: [SHOP], proofSeconds: 60, requestsPerMinute: 100, takesUnbound },
      effectivenessOf: async () => effective,
      responsible: { controller: null, recipients: [] },
      exportReceipt: shownReceipt,
      usesSeenFrom: (place) => usesSeenFrom(policy, place),
      globalPrivacyControl: () => {},
    }),
  )
}
afterEach(async () => {
  for (const consent of opened) consent.close()
  vi.useRealTimers()
  vi.restoreAllMocks()
  await app.close()
})

describe('A page', () => {
  test('reads, gives, withdraws and proves', async () => {
    const ada = await open('ada')
    const { scopes, notice } = await ada.read({ language: 'de' })
    expect(scopes).toHaveLength(8)
    expect(notice.language).toBe('de')
    expect(await ada.give(['analytics', 'profiling'], { surface: 'checkout' })).toMatchObject({
      state: 'taken',
      revision: '2',
      effective: 'EFFECTIVE',
      receipts: [{ scope: 'analytics', status: 'GIVEN' }, { scope: 'profiling' }],
    })
    await ada.withdraw(['analytics'])
    expect(await statusOf(ada, 'analytics')).toBe('WITHDRAWN')
    const [latest] = await ada.history({ language: 'de' })
    expect(await ada.prove(latest?.receipt ?? '')).toMatchObject({ scope: latest?.scope })
  })

  test('says where the person looks from, and is told what is on there unless they object', async () => {
    policy = bundleOf(`${NAMED}${STRICT('[model, legalBases]')}
regions: { US: { scopes: { analytics: { model: opt-out, legalBases: [statute] } } } }`)
    const ada = await open('ada', { place: { region: 'US' } })
    const { scopes, place } = await ada.read()
    expect(place).toEqual({ region: 'US', brand: null })
    expect(scopes.find(({ scope }) => scope === 'analytics')).toMatchObject({
      holds: 'YES',
      basis: 'STATUTE',
    })
    const elsewhere = await ada.read({ region: 'DE', language: 'de' })
    expect(elsewhere.scopes.find(({ scope }) => scope === 'analytics')).toMatchObject({ holds: 'NO' })
    await ada.refuse(['analytics'])
    const after = (await ada.read()).scopes.find(({ scope }) => scope === 'analytics')
    expect(after).toMatchObject({ status: 'REFUSED', holds: 'NO' })
    await expect(ada.read({ region: 'XX' })).rejects.toMatchObject({ code: 'UNKNOWN_REGION' })
  })

  test('over a real connection, by another port than the inside of this process', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as { port: number }
    const send: typeof fetch = (input, init) =>
      fetch((input as string).replace(DOOR, `http://127.0.0.1:${port}`), init)
    const ada = await open('ada', { fetch: send })
    expect(await ada.withdraw(['analytics'])).toMatchObject({ state: 'taken' })
  })

  test('cannot say yes to words it did not read, and is refused when they are old', async () => {
    const ada = await open('ada')
    await expect(ada.give(['analytics'])).rejects.toMatchObject({ code: 'NOTICE_UNKNOWN' })
    const old = { version: '1.0-000000000000', language: 'en' }
    const refusal = ada.give(['analytics'], { notice: old })
    await expect(refusal).rejects.toBeInstanceOf(ConsentError)
    await expect(refusal).rejects.toMatchObject({ code: 'NOTICE_STALE' })
    expect(await ada.waiting()).toEqual([])
  })

  test('is told when a withdrawal is in force everywhere', async () => {
    effective = 'PENDING'
    const ada = await open('ada')
    const isOver = new Promise<Change>((resolve) => {
      ada.on('change', (change) => {
        if (change.reason === 'taken') effective = 'EFFECTIVE'
        if (change.reason === 'effective') resolve(change)
      })
    })
    expect(await ada.withdraw(['analytics'])).toMatchObject({ effective: 'PENDING' })
    expect(await isOver).toEqual({ reason: 'effective', revision: '1' })
  })

  test('asks for a token of its own key, which is of no use to who has another', async () => {
    takesUnbound = false
    app = openApp()
    const issued: string[] = []
    const issue = async (thumbprint: string): Promise<string> => {
      issued.push(await tokenOf('ada', serviceClock(), { cnf: { jkt: thumbprint } }))
      return issued.at(-1) ?? ''
    }
    const ada = await open('ada', { token: issue })
    expect(await ada.withdraw(['analytics'])).toMatchObject({ state: 'taken' })
    const thief = await open('ada', { token: issued[0] ?? '', storage: memory() })
    expect(await thief.withdraw(['profiling'])).toMatchObject({ state: 'waiting' })
    const unbound = await open('ada', { storage: memory() })
    expect(await unbound.withdraw(['profiling'])).toMatchObject({ state: 'waiting' })
    expect(reached).toEqual(['withdraw analytics'])
  })

  test('whose clock is ten minutes off is taken all the same', async () => {
    serviceClock = () => Date.now() + 600_000
    const ada = await open('ada')
    expect(await ada.withdraw(['analytics'])).toMatchObject({ state: 'taken' })
  })
})

describe('While the service cannot be reached', () => {
  beforeEach(() => {
    network = offline
  })

  test('what is said waits, is shown as waiting, and is sent in the order it was said', async () => {
    const ada = await open('ada')
    const notice = await noticeInForce()
    expect(await ada.give(['analytics'], { notice })).toMatchObject({ state: 'waiting' })
    expect(await ada.withdraw(['analytics'])).toMatchObject({ state: 'waiting' })
    expect(await ada.give(['profiling'], { notice })).toMatchObject({ state: 'waiting' })
    expect(reached).toEqual([])

    network = (reach) => reach()
    await ada.withdraw(['marketing_sms'])
    expect(reached).toEqual([
      'give analytics',
      'withdraw analytics',
      'give profiling',
      'withdraw marketing_sms',
    ])
    expect(await statusOf(ada, 'analytics')).toBe('WITHDRAWN')
  })

  test('a later yes does not overtake a withdrawal that cannot be sent', async () => {
    const ada = await open('ada')
    await ada.withdraw(['analytics'])
    network = async (reach) => (sending?.startsWith('withdraw') ? failing() : reach())
    expect(await ada.give(['analytics'], { notice: await noticeInForce() })).toMatchObject({
      state: 'waiting',
    })
    expect(reached).toEqual([])
    expect((await ada.read()).scopes.find(({ scope }) => scope === 'analytics')).toMatchObject({
      status: 'UNKNOWN',
      waiting: 'give',
    })
  })

  test('a withdrawal survives its tab, and goes out with the next one', async () => {
    const first = await open('ada')
    await first.withdraw(['analytics'])
    first.close()
    network = (reach) => reach()
    const second = await open('ada')
    await vi.waitFor(async () => expect(await second.waiting()).toEqual([]))
    expect(reached).toEqual(['withdraw analytics'])
  })

  test('a no under a clock that was set since holds from now on, and a yes does not undo a no', async () => {
    const notice = { version: '1', language: 'en' }
    const real = Date.now
    const [long, ahead] = [await open('ada'), await open('ada')]
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => 5_000_000)
    await long.withdraw(['analytics'])
    clock.mockImplementation(() => real() + 86_400_000)
    await ahead.give(['profiling'], { notice })
    clock.mockRestore()
    for (const one of [long, ahead]) one.close()
    network = (reach) => reach()
    const changes: Change[] = []
    const ada = await open('ada')
    ada.on('change', (change) => changes.push(change))
    await vi.waitFor(async () => expect(await ada.waiting()).toEqual([]))
    expect(reached).toEqual(['withdraw analytics'])
    expect(changes.map(({ reason, code }) => [reason, code])).toEqual([
      ['taken', undefined],
      ['refused', 'CONSENT_CHANGED_MEANWHILE'],
    ])
    expect(await statusOf(ada, 'analytics')).toBe('WITHDRAWN')
    expect(await statusOf(ada, 'profiling')).toBe('UNKNOWN')
  })

  test.each([
    '{"waiting":[null,{"person":"x","said":1}],"settled":[]}',
    '{"waiting":[],"settled":[null]}',
    '{{',
    '5',
  ])('what somebody else has written in its place does not stand in the way: %s', async (text) => {
    const first = await open('ada')
    await first.withdraw(['analytics'])
    first.close()
    for (const name of kept.keys()) if (name.startsWith('assent-consent')) kept.set(name, text)
    network = (reach) => reach()
    expect(await (await open('ada')).withdraw(['profiling'])).toMatchObject({ state: 'taken' })
  })

  test('two tabs send each statement once, in order', async () => {
    const [one, other] = [await open('ada'), await open('ada')]
    await one.withdraw(['analytics'])
    await other.withdraw(['profiling'])
    network = (reach) => reach()
    const outcomes = await Promise.all([one.withdraw(['marketing_sms']), other.withdraw(['crm_contact'])])
    expect(outcomes).toMatchObject([{ state: 'taken' }, { state: 'taken' }])
    expect(reached.slice(0, 2)).toEqual(['withdraw analytics', 'withdraw profiling'])
    expect(reached).toHaveLength(4)
  })

  test('what Ada said is not sent in the name of Bo, who uses the same browser', async () => {
    const ada = await open('ada')
    await ada.withdraw(['analytics'])
    ada.close()
    network = (reach) => reach()
    const bo = await open('bo')
    await bo.withdraw(['profiling'])
    expect(reached).toEqual(['withdraw profiling'])
    expect([...kept.values()].map((list) => JSON.parse(list).waiting)).toMatchObject([
      [{ statement: { action: 'withdraw', scopes: ['analytics'] } }],
    ])
  })

  test('it is tried again by itself, later and later, and not before the service asks for it', async () => {
    await app.ready()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const waits = vi.spyOn(globalThis, 'setTimeout')
    let tries = 0
    network = async (reach) => (++tries < 4 ? unavailable(tries === 1 ? '30' : null) : reach())
    const ada = await open('ada')
    const taken = new Promise((resolve) =>
      ada.on('change', ({ reason }) => reason === 'taken' && resolve(null)),
    )
    expect(await ada.withdraw(['analytics'])).toMatchObject({ state: 'waiting' })
    for (const others of [1, 2, 3]) {
      while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve))
      expect(tries).toBe(others)
      await vi.advanceTimersToNextTimerAsync()
    }
    await taken
    expect(tries).toBe(4)
    const [first, second, third] = waits.mock.calls.map(([, ms]) => ms ?? 0)
    expect(first).toBe(30_000)
    expect(second).toBeGreaterThanOrEqual(1_000)
    expect(third).toBeGreaterThanOrEqual(2_000)
    expect(third).toBeLessThanOrEqual(4_000)
  })
})

describe('When the answer is lost on its way back', () => {
  test('the same statement is sent again under the same id, with another signature', async () => {
    const bodies: string[] = []
    network = async (reach) => {
      const answer = await reach()
      if (sending === null) return answer
      bodies.push(sending)
      return bodies.length === 1 ? failing() : answer
    }
    const ada = await open('ada')
    expect(await ada.withdraw(['analytics'])).toMatchObject({ state: 'waiting' })
    await ada.withdraw(['profiling'])
    expect(reached).toEqual(['withdraw analytics', 'withdraw analytics', 'withdraw profiling'])
    expect(await store.history('ada')).toHaveLength(2)
  })
})

describe('When nothing can be kept', () => {
  test('a withdrawal is sent all the same', async () => {
    const storage = {
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError')
      },
    }
    network = offline
    const ada = await open('ada', { storage })
    expect(await ada.withdraw(['analytics'])).toMatchObject({ state: 'waiting' })
    network = (reach) => reach()
    await ada.withdraw(['profiling'])
    expect(reached).toEqual(['withdraw analytics', 'withdraw profiling'])
  })
})

describe('The package', () => {
  test('is smaller than 8 kB, minified and gzipped, and depends on nothing', async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [`${root}sdk/create-consent.ts`],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      metafile: true,
    })
    expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(8_000)
    expect(Object.keys(metafile.inputs).every((file) => /(^|\/)sdk\/[a-z-]+[.]ts$/.test(file))).toBe(true)
  })

  test('says what it can be told in ten lines', () => {
    const [, example = ''] = /```js\n([^`]+)```/.exec(readFileSync(`${root}sdk/README.md`, 'utf8')) ?? []
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(10)
    expect(readdirSync(`${root}sdk`)).toContain('create-consent.ts')
  })
})

function memory() {
  const own = new Map<string, string>()
  return {
    getItem: (name: string) => own.get(name) ?? null,
    setItem: (name: string, value: string) => void own.set(name, value),
  }
}

/** The body of the statement on its way, null for everything else. */
let sending: string | null = null

async function open(pid: string, more: Partial<ConsentOptions> = {}): Promise<Consent> {
  const token = await tokenOf(pid, serviceClock())
  const consent = createConsent({
    url: DOOR,
    origin: SHOP,
    token,
    fetch: throughNetwork,
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    ...more,
  })
  opened.push(consent)
  return consent
}

const throughNetwork: typeof fetch = async (input, init) => {
  const { body, method = 'GET', headers } = init ?? {}
  const statement =
    typeof body === 'string' ? (JSON.parse(body) as { action: string; scopes: string[] }) : null
  sending = statement === null ? null : `${statement.action} ${statement.scopes.join()}`
  return network(async () => {
    const answer = await app.inject({
      method: method as 'GET' | 'POST',
      url: (input as string).slice(DOOR.length),
      headers: { ...(headers as Record<string, string>), origin: SHOP },
      ...(typeof body === 'string' && { payload: body }),
    })
    if (statement !== null && answer.statusCode === 200)
      reached.push(`${statement.action} ${statement.scopes.join()}`)
    return new Response(answer.payload, {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
    })
  })
}

const failing = async (): Promise<never> => {
  throw new TypeError('fetch failed')
}

const offline = failing

const unavailable = async (retryAfter: string | null): Promise<Response> =>
  Response.json(
    { errors: [{ message: '', extensions: { code: 'STORE_UNAVAILABLE' } }] },
    { status: 503, headers: retryAfter === null ? {} : { 'retry-after': retryAfter } },
  )

async function noticeInForce() {
  const answer = await app.inject({
    url: '/consent/v1/me',
    headers: { authorization: `Bearer ${await tokenOf('ada', serviceClock())}` },
  })
  return JSON.parse(answer.payload).notice
}

async function statusOf(consent: Consent, name: string) {
  return (await consent.read()).scopes.find(({ scope }) => scope === name)?.status
}
