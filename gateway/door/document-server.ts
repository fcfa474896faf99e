import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import type { DocumentNode, GraphQLFormattedError, GraphQLSchema } from 'graphql'
import type { createErrorPresenter } from './present-error.ts'

export interface DocumentServerOptions {
  readonly apiSchema: GraphQLSchema
  readonly suggestions: boolean
  readonly present: ReturnType<typeof createErrorPresenter>
}

/** A document that fits, or what does not fit in it. */
export interface Validated {
  readonly document?: DocumentNode
  readonly errors?: readonly GraphQLFormattedError[]
}

export interface DocumentServer {
  validate(text: string, operationName: string | undefined): Promise<Validated>
  stop(): Promise<void>
}

interface Holder {
  readonly found: { document?: DocumentNode }
}

/**
 * Apollo Server parses and validates, and says what is wrong in the words clients know. What it finds valid is handed out
 * instead of executed: the gateway executes and keeps it, and a text that is known does not pass here again. What comes here
 * has been measured before.
 */
export const startDocumentServer = async (options: DocumentServerOptions): Promise<DocumentServer> => {
  const server = new ApolloServer<Holder>({
    gateway: handingOut(options.apiSchema),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
    persistedQueries: false,
    // Its own store measures documents as JSON, a fraction of what they take.
    documentStore: null,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !options.suggestions,
    introspection: true, // decided per caller, at the door
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    formatError: options.present,
    // Apollo Server tells its logger error texts; the presenter reports them without values.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
  await server.start()
  return {
    async validate(query, operationName) {
      const contextValue: Holder = { found: {} }
      const named = operationName === undefined ? {} : { operationName }
      const { body } = await server.executeOperation({ query, ...named }, { contextValue })
      const { document } = contextValue.found
      if (document !== undefined) return { document }
      return body.kind === 'single' ? { errors: body.singleResult.errors ?? [] } : {}
    },
    stop: () => server.stop(),
  }
}

/** Has the form of a gateway of Apollo Server: its executor is called with what is parsed and valid. */
const handingOut = (apiSchema: GraphQLSchema): never => {
  const executor = async ({ document, context }: { document: DocumentNode; context: Holder }) => {
    context.found.document = document
    return { data: null }
  }
  const gateway = {
    load: async () => ({ executor }),
    onSchemaLoadOrUpdate(
      callback: (loaded: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void,
    ) {
      callback({ apiSchema, coreSupergraphSdl: '' })
      return () => undefined
    },
    stop: async () => undefined,
  }
  return gateway as never
}
