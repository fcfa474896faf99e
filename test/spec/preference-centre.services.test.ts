import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import { SignJWT } from 'jose'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createMemoryFirstSeen } from '../../subgraphs/consent/door/memory-first-seen.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { type Barrier, createBarrier } from '../../subgraphs/consent/leases/barrier.ts'
import type { LeaseStore } from '../../subgraphs/consent/leases/lease-store.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { BASIS_WORDS } from '../../subgraphs/consent/preferences/page/basis-words.ts'
import { type Language, WORDS } from '../../subgraphs/consent/preferences/page/words.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { openPersons, type PersonsDoor, type PersonsOptions } from '../../subgraphs/open-persons.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'

const CHROMIUM = process.env['TEST_CHROMIUM'] ?? ''
const BUILD = fileURLToPath(new URL('../../scripts/build-preferences.js', import.meta.url))
const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar']

describe.skipIf(CHROMIUM === '')('The preference centre, in Chromium', () => {
  let browser: Browser
  let pageDir: string
  let store: ConsentStore
  let leases: LeaseStore
  let barrier: Barrier
  let door: PersonsDoor
  let context: BrowserContext
  let complaints: string[]
  let strangers: string[]
  /** How much later it is at the service than in the browser. */
  let ahead = 0

  beforeAll(async () => {
    pageDir = mkdtempSync(join(tmpdir(), 'assent-preferences-'))
    execFileSync(process.execPath, [BUILD, pageDir])
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
      ],
    })
  })
  afterAll(async () => {
    await browser.close()
    rmSync(pageDir, { recursive: true, force: true })
  })
  beforeEach(async () => {
    store = createMemoryConsentStore()
    leases = createMemoryLeaseStore()
    barrier = createBarrier({ leases, leaseMs: 60_000 })
    door = await openDoor(null)
    await record('given', ['analytics', 'product_recs'])
    await record('refused', ['third_party_sharing'])
    complaints = []
    strangers = []
  })
  afterEach(async () => {
    await context.close()
    await door.app.close()
  })

  test.each(
    LANGUAGES.flatMap((language) => [
      { language, scheme: 'light' as const, width: 1100 },
      { language, scheme: 'dark' as const, width: 360 },
    ]),
  )(
    'is accessible in $language, $scheme, $width wide, and asks nobody else',
    async ({ language, scheme, width }) => {
      const page = await visit({ language, colorScheme: scheme, viewport: { width, height: 800 } })
      expect(await page.getAttribute('html', 'lang')).toBe(language)
      expect(await page.getAttribute('html', 'dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
      expect(await violations(page)).toEqual([])
      // Nothing has to be scrolled sideways (WCAG 1.4.10).
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
    },
  )

  test('shows every purpose in words, with the state it is in', async () => {
    const page = await visit({})
    expect(await page.locator('.card').count()).toBe(standardVocabulary.scopes.size)
    expect(await switchOf(page, 'analytics').getAttribute('aria-checked')).toBe('true')
    expect(await switchOf(page, 'third_party_sharing').getAttribute('aria-checked')).toBe('false')
    expect(await page.getByRole('switch', { name: 'Usage statistics' }).count()).toBe(1)
    expect(await page.locator('.history li').count()).toBe(3)
    const intro = await page.locator('.intro').textContent()
    expect(intro).toContain('Responsible for your data: North Shops AB.')
    expect(intro).toContain('passed on to North Mail AB and South Parcel Ltd.')
  })

  describe('where something is on unless the person objects', () => {
    beforeEach(async () => {
      await door.app.close()
      door = await openDoor(
        bundleOf(`${NAMED}${STRICT('[model, legalBases]')}
regions:
  US: { scopes: { crm_contact: { model: opt-out, legalBases: [contract, consent] } } }
  CN: { scopes: { analytics: { model: prohibited } } }`),
      )
    })

    test.each(LANGUAGES)('says so in %s with what it rests on, and takes the objection', async (language) => {
      const words = WORDS[language as Language]
      const page = await visit({ language }, '?region=US')
      const card = page.locator('[data-scope=crm_contact]')
      expect(await card.locator('.state').textContent()).toBe(
        `${words.byDefault} ${BASIS_WORDS[language]?.['CONTRACT']}`,
      )
      expect(await switchOf(page, 'crm_contact').getAttribute('aria-checked')).toBe('true')
      expect(await violations(page)).toEqual([])
      await switchOf(page, 'crm_contact').click()
      await card.locator('.progress', { hasText: words.effective }).waitFor()
      expect(await switchOf(page, 'crm_contact').getAttribute('aria-checked')).toBe('false')
      expect((await store.history('ada')).at(-1)).toMatchObject({
        scope: 'crm_contact',
        status: 'refused',
        actor: 'ada',
        surface: 'preferences',
        notice: { language },
        proof: expect.any(String),
      })
    })

    test.each(LANGUAGES)(
      'says in %s that it is so in some countries, when nobody said where',
      async (language) => {
        const words = WORDS[language as Language]
        const page = await visit({ language })
        expect(await page.locator('[data-scope=crm_contact] .state').textContent()).toContain(words.somewhere)
      },
    )

    test('a link with a place that nobody knows keeps nobody from their choices', async () => {
      const page = await visit({}, '?region=XX&brand=%3Cb%3E')
      expect(await page.locator('[data-scope=crm_contact] .state').textContent()).toContain(
        WORDS.en.somewhere,
      )
    })

    test('a yes that is not used there is told as not used', async () => {
      const page = await visit({}, '?region=CN')
      const state = await page.locator('[data-scope=analytics] .state').textContent()
      expect(state).toContain('You said yes')
      expect(state).toContain(WORDS.en.unused)
    })

    test('it ends with everything else, by one press', async () => {
      const page = await visit({}, '?region=US')
      await page.getByRole('button', { name: 'Withdraw everything' }).click()
      await page.locator('.history li').nth(5).waitFor()
      expect(await page.locator('[aria-checked=true]').count()).toBe(0)
      const states = (await store.history('ada')).slice(-3).map(({ scope, status }) => [scope, status])
      expect(Object.fromEntries(states)).toEqual({
        analytics: 'withdrawn',
        product_recs: 'withdrawn',
        crm_contact: 'refused',
      })
    })
  })

  test('is worked by the keyboard alone, keeps the focus, and tells who listens', async () => {
    const page = await visit({})
    await switchOf(page, 'profiling').focus()
    await page.keyboard.press('Space')
    await page.getByRole('status').filter({ hasText: 'in effect everywhere' }).waitFor({ state: 'attached' })
    expect(await page.evaluate('document.activeElement.getAttribute("aria-labelledby")')).toBe(
      'title-profiling',
    )
    expect(await switchOf(page, 'profiling').getAttribute('aria-checked')).toBe('true')
    await page.keyboard.press('Enter')
    await page.locator('[data-scope=profiling] .state', { hasText: 'withdrew' }).waitFor()
    expect((await store.history('ada')).slice(-2)).toMatchObject([
      {
        scope: 'profiling',
        status: 'given',
        surface: 'preferences',
        actor: 'ada',
        proof: expect.any(String),
      },
      { scope: 'profiling', status: 'withdrawn' },
    ])
  })

  test('says that a withdrawal is on its way, and when it is in effect everywhere', async () => {
    await leases.hold('a gateway', '3')
    const page = await visit({})
    await switchOf(page, 'analytics').click()
    await page.locator('[data-scope=analytics] .progress', { hasText: 'reaching all our systems' }).waitFor()
    await leases.hold('a gateway', await store.revision())
    await page.locator('[data-scope=analytics] .progress', { hasText: 'in effect everywhere' }).waitFor()
  })

  test('notes a withdrawal while offline, also over a reload, and sends it when the connection is back', async () => {
    const page = await visit({})
    await context.route('**/consent/**', (route) => route.abort('internetdisconnected'))
    await switchOf(page, 'analytics').click()
    await page.locator('[data-scope=analytics] .progress', { hasText: 'Noted on this device' }).waitFor()
    expect(await store.history('ada')).toHaveLength(3)
    await context.unroute('**/consent/**')
    await page.reload()
    await page.locator('[data-scope=analytics] .state', { hasText: 'withdrew' }).waitFor()
    expect(await store.history('ada')).toHaveLength(4)
  })

  test('withdraws everything with one press', async () => {
    const page = await visit({})
    await page.getByRole('button', { name: 'Withdraw everything' }).click()
    await page.locator('.history li').nth(4).waitFor()
    expect(await page.locator('[aria-checked=true]').count()).toBe(0)
  })

  test('gives a receipt to keep', async () => {
    const page = await visit({})
    const download = page.waitForEvent('download')
    await page.locator('.history button').first().click()
    const file = JSON.parse(readFileSync((await (await download).path()) ?? '', 'utf8'))
    expect(JSON.stringify(file)).toContain((await store.history('ada')).at(-1)?.consentId)
  })

  test('hears the browser’s Global Privacy Control', async () => {
    const page = await visit({ extraHTTPHeaders: { 'sec-gpc': '1' } })
    await page.locator('.note', { hasText: 'Global Privacy Control' }).waitFor()
  })

  test('moves nothing for who wants no movement', async () => {
    const page = await visit({ reducedMotion: 'reduce' })
    expect(await page.evaluate('getComputedStyle(document.querySelector(".thumb")).transitionDuration')).toBe(
      '0s',
    )
  })

  test('takes the token out of the address, and without one says what to do', async () => {
    const page = await visit({})
    expect(page.url()).not.toContain('token')
    const stranger = await (await browser.newContext()).newPage()
    await stranger.goto(`${door.url}/preferences`)
    await stranger.getByRole('alert').filter({ hasText: 'session has ended' }).waitFor()
    await stranger.context().close()
  })

  describe('where the shop has a page that people get their token at', () => {
    const secret = 'a secret that the shop and the consent service share'
    let shop: Server
    /** Who came for a token, and with which key. */
    let visitors: { readonly jkt: string; readonly back: string }[]

    beforeEach(async () => {
      visitors = []
      ahead = 0
      shop = createServer(
        (request, response) =>
          void login(request).then((to) => response.writeHead(302, { location: to }).end()),
      )
      await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
      const { port } = shop.address() as AddressInfo
      await door.app.close()
      door = await openDoor(null, {
        tokenSecret: secret,
        isTrial: false,
        takesUnbound: false,
        loginUrl: `http://127.0.0.1:${port}/login`,
      })
    })
    afterEach(() => {
      shop.close()
      shop.closeAllConnections()
    })

    /** What docs/consent-door.md asks of the page: who is logged in is Ada. */
    async function login({ url }: IncomingMessage): Promise<string> {
      const { searchParams } = new URL(url ?? '', 'http://shop')
      const [jkt, back] = [searchParams.get('jkt') ?? '', searchParams.get('return') ?? '']
      visitors.push({ jkt, back })
      const now = Math.floor((Date.now() + ahead) / 1000)
      const token = await new SignJWT({
        sub: 'ada',
        aud: 'assent-consent',
        cnf: { jkt },
        iat: now,
        exp: now + 300,
      })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret))
      return `${back}#token=${token}`
    }

    async function arrive(at: string): Promise<Page> {
      context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(at)
      await page.locator('.history li').first().waitFor()
      return page
    }

    test('they are sent there and come back with one that is for their browser’s key alone', async () => {
      const page = await arrive(`${door.url}/preferences?region=US`)
      expect(visitors).toEqual([
        { jkt: expect.stringMatching(/^[\w-]{43}$/), back: `${door.url}/preferences?region=US` },
      ])
      expect(page.url()).toBe(`${door.url}/preferences?region=US`)
      await switchOf(page, 'analytics').click()
      await page.locator('[data-scope=analytics] .state', { hasText: 'withdrew' }).waitFor()
      // The key is kept, and the token with the tab.
      await page.reload()
      await page.locator('.history li').first().waitFor()
      expect(visitors).toHaveLength(1)
    })

    test('a link with somebody’s token is of no use in another browser', async () => {
      const now = Math.floor(Date.now() / 1000)
      const token = await new SignJWT({ sub: 'bo', aud: 'assent-consent', iat: now, exp: now + 300 })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret))
      await arrive(`${door.url}/preferences#token=${token}`)
      expect(visitors).toHaveLength(1)
    })

    test('what was said when the token had run out is sent with the next one', async () => {
      const page = await arrive(`${door.url}/preferences`)
      await page.evaluate('sessionStorage.removeItem("assent-sent-to-login")')
      ahead = 400_000
      await switchOf(page, 'analytics').click()
      await page.locator('[data-scope=analytics] .state', { hasText: 'withdrew' }).waitFor()
      expect(visitors).toHaveLength(2)
      expect((await store.history('ada')).at(-1)).toMatchObject({ scope: 'analytics', status: 'withdrawn' })
    })
  })

  test('signs with a key that no script can take away', async () => {
    const page = await visit({})
    await switchOf(page, 'analytics').click()
    await page.locator('[data-scope=analytics] .state', { hasText: 'withdrew' }).waitFor()
    const isExtractable = await page.evaluate(`new Promise((resolve) => {
      const opening = indexedDB.open('assent-consent', 1)
      opening.onsuccess = () => {
        const request = opening.result.transaction('keys').objectStore('keys').get('signing')
        request.onsuccess = () => resolve(request.result.privateKey.extractable)
      }
    })`)
    expect(isExtractable).toBe(false)
  })

  function openDoor(policy: PolicyBundle | null, more: Partial<PersonsOptions> = {}): Promise<PersonsDoor> {
    const firstSeen = createMemoryFirstSeen()
    return openPersons(
      { ...settings, ...more },
      { store, firstSeen, barrier, clock: () => Date.now() + ahead, pageDir, policy },
    )
  }

  async function visit(
    { language = 'en', ...options }: Parameters<Browser['newContext']>[0] & { language?: string },
    query = '',
  ): Promise<Page> {
    context = await browser.newContext({ locale: language, ...options })
    const page = await context.newPage()
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(door.url) && !request.url().startsWith('data:'))
        strangers.push(request.url())
    })
    await page.goto(`${door.url}/preferences${query}#token=${await door.tokenFor?.('ada')}`)
    await page.locator('.history li').first().waitFor()
    return page
  }

  async function record(status: 'given' | 'refused', scopes: readonly string[]): Promise<void> {
    const said = { pid: 'ada', scopes, status, source: 'form' }
    await writeReceipts(store, said, { vocabulary: standardVocabulary, now: Date.now() - 60_000 })
  }
})

const settings = {
  host: '127.0.0.1',
  port: 0,
  url: null,
  origins: [],
  tokenSecret: null,
  jwksUrl: null,
  issuer: null,
  audience: 'assent-consent',
  tokenSeconds: 900,
  proofSeconds: 60,
  requestsPerMinute: 1_000,
  isTrial: true,
  takesUnbound: true,
  loginUrl: null,
  responsible: { controller: 'North Shops AB', recipients: ['North Mail AB', 'South Parcel Ltd'] },
}

function switchOf(page: Page, scope: string) {
  return page.locator(`[data-scope=${scope}] .switch`)
}

/** What axe finds against WCAG 2.2 AA and its best practices. Injected by the debugger, past the page's policy. */
async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source)
  return page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`,
  )
}
