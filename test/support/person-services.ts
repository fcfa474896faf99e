import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, execute, parse } from 'graphql'
import { compose } from '../../schema/compose.ts'

/** What one rule more or less makes of the same graph. */
export interface Rules {
  readonly email: boolean
}

const LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@inaccessible"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
`
const peopleSdl = ({ email }: Rules): string => `${LINKS}
type Query { people: [Person!]! greeting: String }
type Person @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  name: String
  email: String ${email ? '@requiresScope(scope: "crm_contact")' : ''}
  segment: String @requiresScope(scope: "analytics")
}`
const CONSENT_SDL = `
type Query { consentStates(subjects: [ID!]!, context: ConsentContextInput): [ConsentState!]! }
input ConsentContextInput { channel: String region: String brand: String }
type ConsentState { subject: ID! revision: String! blocked: String scopes: [ScopeState!]! }
type ScopeState { scope: String! status: String! receipt: String expiresAt: String }`

/** One value that a subgraph was asked for, under the request id of the client's request. */
export interface AskedValue {
  readonly request: string
  /** `ada.email` */
  readonly value: string
}

export interface PersonServices {
  readonly url: string
  /** Every value of a person that was asked for. */
  readonly asked: AskedValue[]
  /** The subjects of each consent question. */
  readonly consentQuestions: (readonly string[])[]
  /** Requests to the subgraph `people`. */
  readonly requests: { readonly id: string; readonly socket: Socket }[]
  /** Runs before the subgraph or consent answers. */
  before: (service: 'people' | 'consent', headers: IncomingHttpHeaders) => Promise<void> | void
  supergraph(rules: Rules): string
  /** The same graph without a consent word. */
  openSupergraph(): string
  close(): Promise<void>
}

/** Ada gave, Bo refused, Cyd was never asked. The subgraph answers whatever it is asked: the gateway alone stands before it. */
export const startPersonServices = async (): Promise<PersonServices> => {
  const asked: AskedValue[] = []
  const consentQuestions: (readonly string[])[] = []
  const requests: { id: string; socket: Socket }[] = []
  const people = peopleSchema(asked)
  const consent = consentSchema(consentQuestions)
  const server = createServer((request, response) => {
    // This consent service hands out no leases.
    if (request.url?.startsWith('/consent/v1/') === true) return void response.writeHead(404).end()
    const service = request.url?.startsWith('/consent') === true ? 'consent' : 'people'
    const id = String(request.headers['x-request-id'])
    if (service === 'people') requests.push({ id, socket: request.socket })
    void Promise.resolve()
      .then(() => services.before(service, request.headers))
      .then(() => answer(service === 'people' ? people : consent, request, response))
      .catch(() => response.destroy())
  })
  const url = await listening(server)
  const services: PersonServices = {
    url,
    asked,
    consentQuestions,
    requests,
    before: () => undefined,
    supergraph: (rules) => composed(url, (sdl) => sdl, rules),
    openSupergraph: () => composed(url, withoutRules, { email: false }),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return services
}

const listening = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const composed = (url: string, words: (sdl: string) => string, rules: Rules): string => {
  const { supergraph, violations } = compose([
    { name: 'people', url: `${url}/people`, sdl: words(peopleSdl(rules)) },
    { name: 'consent', url: `${url}/consent`, sdl: words(`${LINKS}${CONSENT_SDL}`) },
  ])
  if (supergraph === null) throw new Error(violations.map(({ message }) => message).join('\n'))
  return supergraph
}

interface Context {
  readonly request: string
}

const peopleSchema = (asked: AskedValue[]): GraphQLSchema => {
  const valueOf =
    (field: string) =>
    ({ id }: { id: string }, _: unknown, { request }: Context): string => {
      asked.push({ request, value: `${id}.${field}` })
      return `${field} of ${id}`
    }
  const person = (id: string) => ({ __typename: 'Person', id, name: id })
  return buildSubgraphSchema({
    typeDefs: parse(withoutRules(peopleSdl({ email: false }))),
    resolvers: {
      Query: { people: () => ['ada', 'bo', 'cyd'].map(person), greeting: () => 'hello' },
      Person: {
        email: valueOf('email'),
        segment: valueOf('segment'),
        __resolveReference: ({ id }: { id: string }) => person(id),
      },
    } as never,
  })
}

const withoutRules = (sdl: string): string =>
  sdl
    .replace(/^ *@link\(url: "https:\/\/assent.*$/m, '')
    .replaceAll(/@(requiresScope|dataSubject)\([^)]*\)/g, '')

const consentSchema = (questions: (readonly string[])[]): GraphQLSchema => {
  const stateOf = (subject: string) => {
    const status = { ada: 'GIVEN', bo: 'REFUSED' }[subject]
    const scopes = ['crm_contact', 'analytics'].map((scope) => ({
      scope,
      status,
      receipt: `receipt-${subject}`,
    }))
    return { subject, revision: '1', blocked: null, scopes: status === undefined ? [] : scopes }
  }
  return buildSubgraphSchema({
    typeDefs: parse(CONSENT_SDL),
    resolvers: {
      Query: {
        consentStates: (_: unknown, { subjects }: { subjects: string[] }) => {
          questions.push(subjects)
          return subjects.map(stateOf)
        },
      },
    },
  })
}

const answer = async (
  schema: GraphQLSchema,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const { query, variables } = JSON.parse(text) as { query: string; variables: Record<string, unknown> }
  const contextValue: Context = { request: String(request.headers['x-request-id']) }
  const result = await execute({ schema, document: parse(query), variableValues: variables, contextValue })
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(result))
}
