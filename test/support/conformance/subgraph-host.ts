import { buildSubgraphSchema } from '@apollo/subgraph'
import { execute, type GraphQLSchema, Kind, parse, subscribe, validate } from 'graphql'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerWith, type Answer, tamperEntities } from './faults.ts'
import { unmarkJson } from './stored-graph.ts'
import { suiteResolvers } from './subgraph-resolvers.ts'
import { type Case, type Fault, type Fields, type Suite, SUBGRAPHS } from './suite.ts'

/** One request that a subgraph got. */
export interface Sent {
  readonly subgraph: string
  readonly query: string
  readonly variables: Fields
  readonly representations: readonly unknown[]
}

export interface SubgraphHost {
  /** The suite's supergraph, with the urls of this host. */
  readonly supergraph: string
  /** Forgets what was before; faults and barriers are those of this case. */
  begin(one: Pick<Case, 'faults' | 'together'>): void
  sent(): readonly Sent[]
  close(): Promise<void>
}

/** All subgraphs of a suite behind one port, each under its own path. */
export const startSubgraphs = async (suite: Suite): Promise<SubgraphHost> => {
  const journal: string[] = []
  const schemas = new Map(
    suiteResolvers(suite, journal).map(({ name, sdl, resolvers }) => [
      name,
      buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]),
    ]),
  )
  let state = createState({})
  const server = createServer((request, response) => {
    serve(request, response, { schemas, state }).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    supergraph: suite.supergraph.replaceAll(SUBGRAPHS, `http://127.0.0.1:${port}`),
    begin: (one) => {
      journal.length = 0
      state = createState(one)
    },
    sent: () => state.sent,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

interface State {
  readonly sent: Sent[]
  readonly faults: Readonly<Record<string, Fault>>
  /** Resolves when everybody of the subgraph's group was asked. */
  arrive(subgraph: string): Promise<void>
}

const createState = ({ faults = {}, together = [] }: Pick<Case, 'faults' | 'together'>): State => {
  const groups = together.map((names) => ({ missing: new Set(names), opened: gate() }))
  return {
    sent: [],
    faults,
    arrive: async (subgraph) => {
      const group = groups.find(({ missing }) => missing.has(subgraph))
      if (group === undefined) return
      group.missing.delete(subgraph)
      if (group.missing.size === 0) group.opened.open()
      await group.opened.passed
    },
  }
}

/** So long a gateway that asks one after the other is waited for. */
const BARRIER_MS = 3000

const gate = (): { readonly open: () => void; readonly passed: Promise<void> } => {
  let open = (): void => undefined
  const passed = new Promise<void>((pass, fail) => {
    const late = (): void => fail(new Error('a subgraph of the same wave was not asked'))
    const timer = setTimeout(late, BARRIER_MS)
    open = () => {
      clearTimeout(timer)
      pass()
    }
  })
  passed.catch(() => undefined)
  return { passed, open }
}

interface Serving {
  readonly schemas: ReadonlyMap<string, GraphQLSchema>
  readonly state: State
}

const serve = async (
  request: IncomingMessage,
  response: ServerResponse,
  { schemas, state }: Serving,
): Promise<void> => {
  const name = (request.url ?? '').slice(1)
  const schema = schemas.get(name)
  const body = JSON.parse(await textOf(request)) as { query: string; variables?: Fields | null }
  const { query, variables } = body
  if (schema === undefined) return write(response, { status: 404, type: 'text/plain', body: '' })
  state.sent.push({
    subgraph: name,
    query,
    variables: variables ?? {},
    representations: representationsIn(query, variables ?? {}),
  })
  await state.arrive(name)
  const fault = state.faults[name]
  if (fault === 'down') return void request.socket.destroy()
  if (request.headers.accept?.includes('text/event-stream') === true)
    return stream(response, schema, query, variables ?? {})
  const result = await executed(schema, query, variables ?? {})
  write(response, answerWith(fault, tamperEntities(fault, result), unmarkJson))
}

const executed = async (schema: GraphQLSchema, query: string, variables: Fields): Promise<Fields> => {
  const document = parse(query)
  const errors = validate(schema, document)
  if (errors.length > 0) return { errors: errors.map(({ message }) => ({ message })) }
  const result = await execute({ schema, document, variableValues: variables })
  return JSON.parse(JSON.stringify(result)) as Fields
}

/** The `graphql-sse` protocol, distinct connections. */
const stream = async (
  response: ServerResponse,
  schema: GraphQLSchema,
  query: string,
  variables: Fields,
): Promise<void> => {
  const events = await subscribe({ schema, document: parse(query), variableValues: variables })
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (result: unknown): unknown =>
    response.write(`event: next\ndata: ${unmarkJson(JSON.stringify(result))}\n\n`)
  if (Symbol.asyncIterator in events) for await (const event of events) send(event)
  else send(events)
  response.end('event: complete\ndata:\n\n')
}

const write = (response: ServerResponse, { status, type, body }: Answer): void => {
  response.writeHead(status, { 'content-type': type })
  response.end(body)
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** What is handed to `_entities`, in all of a document's lookups. */
export const representationsIn = (query: string, variables: Fields): unknown[] =>
  parse(query).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((field) => {
          if (field.kind !== Kind.FIELD || field.name.value !== '_entities') return []
          const value = field.arguments?.[0]?.value
          const list = value?.kind === Kind.VARIABLE ? variables[value.name.value] : []
          return Array.isArray(list) ? (list as unknown[]) : []
        })
      : [],
  )
