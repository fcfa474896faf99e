import { buildSchema } from 'graphql'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { contractsInDirectory } from '../../gateway/adapters/contract-files.ts'
import { identify } from '../../gateway/caller/identify.ts'
import { graphiqlPages } from '../../gateway/door/graphiql.ts'
import { openGraphqlDoor } from '../../gateway/door/graphql-door.ts'
import type { GraphqlDoorOptions } from '../../gateway/door/graphql-door.ts'
import { openHttpDoor } from '../../gateway/door/http-door.ts'
import type { HttpDoor, HttpDoorOptions } from '../../gateway/door/http-door.ts'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { createPersistedDocuments } from '../../gateway/door/persisted-documents.ts'
import type { PersistedDocumentsOptions } from '../../gateway/door/persisted-documents.ts'

export interface TestDoorOptions {
  readonly execute: GraphqlDoorOptions['execute']
  readonly executeInParts?: GraphqlDoorOptions['executeInParts']
  readonly subscribe?: GraphqlDoorOptions['subscribe']
  /** Another graph than the small one. */
  readonly apiSchema?: GraphqlDoorOptions['apiSchema']
  readonly viewOf?: GraphqlDoorOptions['viewOf']
  readonly profile?: 'development' | 'production'
  readonly report?: GraphqlDoorOptions['report']
  readonly limits?: GraphqlDoorOptions['limits']
  readonly persisted?: PersistedDocumentsOptions
  readonly identify?: GraphqlDoorOptions['identify']
  readonly http?: Partial<HttpDoorOptions>
}

/** The door as it is served, with a small graph behind it that the test answers for. */
export const openTestDoor = async (options: TestDoorOptions): Promise<HttpDoor> => {
  const { profile = 'development', report = () => undefined, execute } = options
  const graphql = await openGraphqlDoor({
    apiSchema: options.apiSchema ?? SMALL,
    ...(options.viewOf && { viewOf: options.viewOf }),
    execute,
    executeInParts: options.executeInParts ?? (async () => null),
    subscribe: options.subscribe ?? (() => Promise.reject(new Error('nothing is subscribed to'))),
    identify:
      options.identify ??
      ((request) =>
        identify(request, { profile, contracts, verifier: undefined, vocabulary: standardVocabulary })),
    limits: options.limits ?? DEFAULT_LIMITS,
    introspection: true,
    suggestions: profile === 'development',
    report,
    persisted: createPersistedDocuments(
      options.persisted ?? { automatic: true, mode: 'allowed', trusted: null },
    ),
  })
  const pages = profile === 'development' ? graphiqlPages() : () => undefined
  return openHttpDoor({ ...USUAL, graphql, pages, report, ...options.http })
}

const SMALL = buildSchema(`
  directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query { customer(pid: ID!, rank: Int): Customer  customers(first: Int): [Customer!]! }
  type Mutation { touch: Boolean }
  type Customer { pid: ID! email: String friends: [Customer!] }
`)

const contracts = contractsInDirectory('clients', standardVocabulary)

const USUAL = {
  host: '127.0.0.1',
  port: 0,
  maxBodyBytes: 256 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxHeaders: 100,
  drainMs: 1000,
  writeTimeoutMs: 30_000,
  pingMs: 12_000,
  mostStreams: 100,
  mostStreamsPerConnection: 10,
  loopbackOnly: false,
  requestTimeoutMs: 30_000,
  maxBatch: 10,
  corsOrigins: [],
  corsCredentials: false,
  corsMaxAgeSeconds: 600,
  corsExposedHeaders: [],
  statusCodes: 'standard',
  observer: null,
  readiness: async () => ({ ready: true, reasons: [] }),
} as const
