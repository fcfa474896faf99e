import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { importPKCS8, SignJWT } from 'jose'
import { subgraphKey } from '../../gateway/adapters/grant-signer.ts'
import { readConfig } from '../../gateway/config.ts'
import { startGateway } from '../../gateway/server.ts'
import { compose } from '../../schema/compose.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { createFeaturesSubgraph } from '../../subgraphs/features/subgraph.ts'
import type { ListTerms } from '../../subgraphs/recommendations/hand-out-lists.ts'
import { createMemoryRecommendationsStore } from '../../subgraphs/recommendations/memory-store.ts'
import { createRecommendationsSubgraph } from '../../subgraphs/recommendations/subgraph.ts'
import type { HandedOut } from '../../subgraphs/recommendations/vectors/vector-store.ts'
import { serveSubgraph, type Subgraph } from '../../subgraphs/serve.ts'
import { factorsOf } from './factors-of.ts'
import { tracedRow, yes } from './feature-rows.ts'
import { firstReceipt } from './receipts.ts'

const SECRET = 'a secret that gateways and subgraphs of a test share'
const ISSUED = { jwtIssuer: 'https://issuer.example', jwtAudience: 'assent' }

const CATEGORIES = ['KIT', 'GAR', 'BOO', 'OUT']

export interface Answered {
  /** Of lists, wherever they are in the answer: what left the process. */
  readonly skus: readonly string[]
  readonly codes: readonly string[]
  readonly bodies: readonly { readonly data?: Record<string, unknown> | null }[]
}

export interface CountedShop {
  /** A client with a token of its own; another call is another token of it. */
  client(name?: string): Promise<(asked: object | readonly object[], headers?: object) => Promise<Answered>>
  close(): Promise<void>
}

/** A gateway as in production, before subgraphs that listen: Ada and Bo allow recommendations and bought something, Dee does not. */
export async function openCountedShop(handedOut: HandedOut, listTerms: ListTerms): Promise<CountedShop> {
  const directory = mkdtempSync(join(tmpdir(), 'assent-counted-'))
  const keys = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  writeFileSync(join(directory, 'key.pem'), keys.publicKey)
  const consent = createMemoryConsentStore()
  await consent.append(
    ['ada', 'bo'].map((pid) => firstReceipt(pid, 'product_recs', { at: Date.now() - 60_000 })),
  )
  const services = [
    await served('consent', createConsentSubgraph({ store: consent, clock: Date.now })),
    await served('features', createFeaturesSubgraph({ store: await features(), clock: Date.now })),
    await served(
      'recommendations',
      createRecommendationsSubgraph({ store: await products(), factors: LEARNED, handedOut, listTerms }),
    ),
  ]
  const { supergraph, violations } = compose(services)
  if (supergraph === null) throw new Error(JSON.stringify(violations))
  const config = readConfig({
    env: {},
    overrides: {
      port: '0',
      logLevel: 'silent',
      clients: 'clients',
      grantSecret: SECRET,
      decisionLogFile: join(directory, 'decisions.jsonl'),
      consentUrl: services[0]?.url ?? '',
      jwtPublicKeyFile: join(directory, 'key.pem'),
      ...ISSUED,
    },
  })
  const gateway = await startGateway(config, { supergraph })
  return {
    async client(name = 'explorer') {
      const token = await new SignJWT({ client_id: name, jti: randomUUID() })
        .setProtectedHeader({ alg: 'EdDSA' })
        .setIssuer(ISSUED.jwtIssuer)
        .setAudience(ISSUED.jwtAudience)
        .setSubject(randomUUID())
        .setExpirationTime('5 minutes')
        .sign(await importPKCS8(keys.privateKey, 'EdDSA'))
      return async (asked, headers = {}) => {
        const response = await fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
          body: JSON.stringify(asked),
        })
        return answered(await response.json())
      }
    },
    async close() {
      await gateway.close()
      await Promise.all(services.map(({ app }) => app.close()))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function served<L>(name: string, subgraph: Subgraph<L>) {
  const app = await serveSubgraph({
    ...subgraph,
    name,
    grantKey: subgraphKey(SECRET, name),
    clock: Date.now,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { name, sdl: subgraph.sdl, url: `http://127.0.0.1:${port}/graphql`, app }
}

function answered(json: unknown): Answered {
  const bodies = (Array.isArray(json) ? json : [json]) as {
    data?: Record<string, unknown> | null
    errors?: { extensions: { code: string; subgraphCode?: string } }[]
  }[]
  const text = JSON.stringify(bodies.map(({ data }) => data))
  return {
    skus: [...text.matchAll(/"sku":"([^"]+)"/g)].map(([, sku = '']) => sku),
    codes: bodies.flatMap(({ errors = [] }) =>
      errors.map(({ extensions: { code, subgraphCode = code } }) => subgraphCode),
    ),
    bodies,
  }
}

const SKUS = CATEGORIES.flatMap((category) =>
  Array.from({ length: 30 }, (_, n) => `${category}-${String(n).padStart(2, '0')}`),
)

/** Thirty products of each category. */
async function products() {
  const store = createMemoryRecommendationsStore()
  await store.replace(
    [...SKUS, 'OWN-1'].map((sku) => ({
      sku,
      title: `Title of ${sku}`,
      category: sku.slice(0, 3),
      price: 1,
    })),
  )
  return store
}

/** What everybody bought goes with half of them, each a little less. */
const LEARNED = factorsOf({
  near: {
    'OWN-1': Object.fromEntries(
      SKUS.filter((_, n) => n % 2 === 0).map((other, n) => [other, 1 / (n + 2)] as const),
    ),
  },
  popular: { '*': SKUS.toReversed() },
})

/** Of Dee, too, as if nobody had heard of a no. */
async function features() {
  const store = createMemoryFeaturesStore()
  const pids = ['ada', 'bo', 'dee']
  await store.standings.write(
    pids.flatMap((pid) => yes(pid)),
    '1',
  )
  const now = Date.now()
  const rest = { scope: 'product_recs', value: ['OWN-1'], computedAt: now, expiresAt: now + 86_400_000 }
  await store.write(
    pids.map((pid) => tracedRow(pid, 'bought_products_365d', rest)),
    now,
  )
  return store
}
