import { readFileSync } from 'node:fs'
import { type DocumentNode, parse } from 'graphql'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { contractsInDirectory } from '../../gateway/adapters/contract-files.ts'
import { readConsentStates } from '../../gateway/adapters/consent-states.ts'
import { identify } from '../../gateway/caller/identify.ts'
import type { ConsentContext, ConsentState } from '../../gateway/ports.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { readBundle } from '../../subgraphs/consent/policy/read-bundle.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import type { FeatureValue } from '../../subgraphs/features/definitions/feature-definition.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { createFeaturesSubgraph } from '../../subgraphs/features/subgraph.ts'
import { createMemoryRecommendationsStore } from '../../subgraphs/recommendations/memory-store.ts'
import {
  createRecommendationsSubgraph,
  type RecommendationsSubgraphOptions,
} from '../../subgraphs/recommendations/subgraph.ts'
import type { Subgraph } from '../../subgraphs/serve.ts'
import { factorsOf } from './factors-of.ts'
import { tracedRow, yes } from './feature-rows.ts'
import { firstReceipt, successor } from './receipts.ts'
import { type Asked, createWorld, NOW, type TestSubgraph, type World, type WorldOptions } from './world.ts'

type Yes = readonly string[]

/** What each person of the shop has said yes to. */
const SAID: Readonly<Record<string, Yes>> = {
  ada: ['personalization', 'product_recs', 'analytics', 'marketing_email'],
  bo: ['product_recs'],
  cyd: ['analytics'],
}

const VALUES: Readonly<Record<string, FeatureValue>> = {
  plan_tier: 'free',
  preferred_language: 'sv',
  purchases_30d: 2,
  purchases_365d: 9,
  last_product_bought: 'KIT-1',
  bought_products_365d: ['KIT-1'],
  last_product_viewed: 'GAR-1',
  cart_active_24h: true,
  sessions_7d: 4,
  products_viewed_7d: 7,
}

export interface Shop {
  readonly world: World
  /** As a client asks a registered operation by its name. */
  ask(
    operation: string,
    variables: Record<string, unknown>,
    options?: { readonly client?: string; readonly headers?: Record<string, string> },
  ): Promise<Asked>
  /** The person takes one consent back. */
  withdraw(pid: string, scope: string): Promise<void>
  /** The same, and another yes after it, both of which the features have heard of. */
  withdrawAndAgreeAgain(pid: string, scope: string): Promise<void>
}

/**
 * A shop with the contracts, operations, actions, features and policy of this repository: Ada allows everything, Bo what they
 * bought alone, Cyd how they use the shop alone, Dee nothing. Of all of them there is the same to know.
 */
export async function openPersonalShop(
  options: Partial<WorldOptions> &
    Pick<RecommendationsSubgraphOptions, 'factors' | 'handedOut'> & {
      /** That nobody has bought, besides those that there are. */
      readonly moreProducts?: number
    } = {},
): Promise<Shop> {
  const consent = createMemoryConsentStore(() => NOW)
  const receipts = Object.entries(SAID).flatMap(([pid, scopes]) =>
    scopes.map((scope) => firstReceipt(pid, scope, { at: NOW })),
  )
  await consent.append(receipts)
  const { bundle: policy } = readBundle(
    { file: 'default.yaml', text: readFileSync('policies/default.yaml', 'utf8') },
    standardVocabulary,
  )
  const consentSubgraph = createConsentSubgraph({ store: consent, clock: () => NOW, policy })
  const decide = consentSubgraph.calls?.get('/consent/v1/decide')
  if (decide === undefined) throw new Error('The protocol is not spoken.')
  const load = async (subjects: readonly string[], context: ConsentContext) => {
    const { states } = (await decide({ subjects, context }, new AbortController().signal)) as {
      states: unknown[]
    }
    const read = readConsentStates(states, { asked: new Set(subjects), now: NOW })
    return new Map<string, ConsentState>(read.map((state) => [state.subject, state]))
  }
  const contracts = contractsInDirectory('clients', standardVocabulary)
  const featuresStore = await features()
  const world = createWorld({
    subgraphs: [
      hosted('consent', consentSubgraph),
      hosted('features', createFeaturesSubgraph({ store: featuresStore, clock: () => NOW })),
      hosted(
        'recommendations',
        createRecommendationsSubgraph({
          listTerms: { windowMs: 60_000, listsPerWindow: 100_000 },
          store: await recommendations(options.moreProducts ?? 0),
          factors: options.factors ?? LEARNED,
          ...(options.handedOut && { handedOut: options.handedOut }),
        }),
      ),
    ],
    consents: {},
    ...options,
    consent: { load, ...options.consent },
  })
  // A door knows a document that it has seen.
  const documents = new Map<string, DocumentNode>()
  const parsed = (text: string): DocumentNode => {
    const document = documents.get(text) ?? parse(text)
    documents.set(text, document)
    return document
  }
  return {
    world,
    async ask(operation, variables, { client = 'storefront', headers = {} } = {}) {
      const document = contracts.find(client)?.trustedDocuments?.byId(operation)
      const caller = await identify(
        {
          header: (name) => ({ 'x-assent-client': client, ...headers })[name],
          document,
          operationName: undefined,
        },
        { profile: 'development', contracts, verifier: undefined, vocabulary: standardVocabulary },
      )
      const { purpose, contract, budgetMs, personal } = caller
      return world.ask(parsed(document ?? ''), {
        scopes: [...caller.scopes],
        purpose,
        contract,
        variables,
        headers,
        // Without a timer of the test nothing is kept ready beside an answer, and `sent` is what one answer took.
        ...(options.timer && budgetMs !== undefined && { budgetMs }),
        ...(personal && { personal }),
      })
    },
    async withdraw(pid, scope) {
      const said = receipts.find((one) => one.subject === pid && one.scope === scope)
      if (said !== undefined) await consent.append([successor(said, 'withdrawn', { at: NOW })])
    },
    async withdrawAndAgreeAgain(pid, scope) {
      const said = receipts.find((one) => one.subject === pid && one.scope === scope)
      if (said === undefined) throw new Error('Nothing was said.')
      const no = successor(said, 'withdrawn', { at: NOW })
      const again = successor(no, 'given', { at: NOW })
      await consent.append([no, again])
      const about = { pid, scope, expiresAt: null, cut: '2' }
      const heard = [
        { ...about, granted: false, receipt: null, revision: '2', basis: '0' },
        { ...about, granted: true, receipt: again.consentId, revision: '3', basis: '3' },
      ]
      for (const one of heard)
        // oxlint-disable-next-line no-await-in-loop -- one after the other, as it was said
        await featuresStore.standings.write([one], one.revision)
    },
  }
}

const hosted = <L>(name: string, { sdl, resolvers, loaders }: Subgraph<L>): TestSubgraph => ({
  name,
  sdl,
  resolvers,
  ...(loaders && { loaders }),
})

const PEOPLE = ['ada', 'bo', 'cyd', 'dee']

async function features() {
  const store = createMemoryFeaturesStore()
  // Everybody's values are there, as if all had been computed and nobody had heard of a no.
  await store.standings.write(
    PEOPLE.flatMap((pid) => yes(pid)),
    '1',
  )
  const rows = PEOPLE.flatMap((pid) =>
    openDefinitions().flatMap(({ name, scope }) =>
      VALUES[name] === undefined
        ? []
        : [
            tracedRow(pid, name, {
              scope,
              value: VALUES[name],
              computedAt: NOW,
              expiresAt: NOW + 86_400_000,
              lineage: {
                count: 1,
                newest: [[NOW, '1', `event-${name}-${pid}`]],
                from: NOW,
                until: NOW,
                receipts: [`${pid}/${scope}/1`],
              },
            }),
          ],
    ),
  )
  await store.write(rows, NOW)
  return store
}

const SOLD = ['KIT-1', 'KIT-2', 'KIT-3', 'GAR-1', 'GAR-2']

async function recommendations(more: number) {
  const store = createMemoryRecommendationsStore()
  await store.replace(
    [...SOLD, ...Array.from({ length: more }, (_, n) => `OUT-${10 + n}`)].map((sku) => ({
      sku,
      title: `Title of ${sku}`,
      category: sku.slice(0, 3),
      price: 1,
    })),
  )
  return store
}

const LEARNED = factorsOf({
  near: { 'KIT-1': { 'KIT-2': 0.5 }, 'GAR-1': { 'GAR-2': 0.9 } },
  popular: { '*': ['KIT-3', 'GAR-2'], sv: ['GAR-2', 'KIT-3'] },
})
