import { canary } from '../../support/people-graph.ts'
import { byId, crowd, graphOf, PERSON, secret, subgraph } from './graph-of.ts'

const ORDERS = [
  { orderId: 'o1', customer: { id: 'bo' } },
  { orderId: 'o2', customer: { id: 'ada' } },
  { orderId: 'o3', customer: null },
]
const orderOf = ({ orderId }: { orderId: string }) => ORDERS.find((order) => order.orderId === orderId)

/** What belongs to somebody else’s record: the key of the subject is nested, and not the key of the entity. */
export const orders = graphOf(
  subgraph(
    'orders',
    `type Query { orders: [Order!]! }
type Order @key(fields: "orderId") @dataSubject(key: "customer { id }") { orderId: ID! total: String @requiresScope(scope: "profiling") customer: Person @shareable }
${PERSON} { id: ID! email: String @requiresScope(scope: "contact") }`,
    {
      Query: { orders: () => ORDERS },
      Order: {
        __resolveReference: orderOf,
        total: ({ orderId }: { orderId: string }) => canary(orderId, 'total'),
      },
      Person: { __resolveReference: byId, email: secret('email') },
    },
  ),
  subgraph(
    'shipping',
    `type Order @key(fields: "orderId") @dataSubject(key: "customer { id }") { orderId: ID! customer: Person @shareable street: String @requiresScope(scope: "contact") }
type Person @key(fields: "id") { id: ID! }`,
    {
      Order: {
        __resolveReference: orderOf,
        street: ({ orderId }: { orderId: string }) => canary(orderId, 'street'),
      },
    },
  ),
)

const OWNERS: Readonly<Record<string, string>> = { d1: 'bo', d2: 'ada' }
const device = ({ sku }: { sku: string }) => ({ sku, ownerId: OWNERS[sku] ?? null })

/** The subgraph that lists devices does not know whose they are. */
export const devices = graphOf(
  subgraph(
    'catalogue',
    'type Query { devices: [Device!]! }\ntype Device @key(fields: "sku") { sku: ID! model: String }',
    {
      Query: { devices: () => ['d1', 'd2', 'd3'].map((sku) => ({ sku })) },
      Device: { __resolveReference: ({ sku }: { sku: string }) => ({ sku }), model: () => 'phone' },
    },
  ),
  subgraph(
    'tracking',
    'type Device @key(fields: "sku") @dataSubject(key: "ownerId") { sku: ID! ownerId: ID place: String @requiresScope(scope: "contact") }',
    {
      Device: {
        __resolveReference: device,
        place: ({ sku }: { sku: string }) => canary(sku, 'place'),
      },
    },
  ),
)

/** A subgraph that promises to provide what it does not own. */
export const provided = graphOf(
  subgraph(
    'people',
    `${PERSON} { id: ID! name: String @shareable email: String @shareable @requiresScope(scope: "contact") }`,
    {
      Person: {
        __resolveReference: byId,
        name: ({ id }: { id: string }) => `name of ${id}`,
        email: secret('email'),
      },
    },
  ),
  subgraph(
    'stage',
    `type Query { featured: [Person!]! @provides(fields: "name email") }
${PERSON} { id: ID! name: String @external email: String @external @requiresScope(scope: "contact") }`,
    {
      Query: {
        featured: () =>
          crowd().map(({ id }) => ({ id, name: `stage name of ${id}`, email: canary(id, 'stage_email') })),
      },
      Person: { __resolveReference: byId },
    },
  ),
)

const reads = (field: string, input: string) => (reference: Readonly<Record<string, unknown>>) =>
  `${canary(String(reference['id']), field)} from ${typeof reference[input] === 'string' ? reference[input] : 'nothing'}`

/** A field read from a field read from a field. */
export const chain = graphOf(
  subgraph(
    'people',
    `type Query { crowd: [Person!]! }\n${PERSON} { id: ID! email: String @requiresScope(scope: "contact") }`,
    { Query: { crowd }, Person: { __resolveReference: byId, email: secret('email') } },
  ),
  subgraph(
    'middle',
    `${PERSON} { id: ID! email: String @external churn: String @requires(fields: "email") @requiresScope(scope: "contact") open: String }`,
    {
      Person: {
        __resolveReference: (reference: object) => reference,
        churn: reads('churn', 'email'),
        open: () => 'open',
      },
    },
  ),
  subgraph(
    'last',
    `${PERSON} { id: ID! churn: String @external open: String @external
  offer: String @requires(fields: "churn open") @requiresScope(scope: [["contact", "profiling"]])
  slogan: String @requires(fields: "open") }`,
    {
      Person: {
        __resolveReference: (reference: object) => reference,
        offer: reads('offer', 'churn'),
        slogan: ({ open }: { open?: string }) => `slogan from ${open ?? 'nothing'}`,
      },
    },
  ),
)

/** People who lead to people, and a field that is read of these. */
export const kin = graphOf(
  subgraph(
    'people',
    `type Query { one: Person }\n${PERSON} { id: ID! email: String @requiresScope(scope: "contact") }`,
    { Query: { one: () => ({ id: 'cyd' }) }, Person: { __resolveReference: byId, email: secret('email') } },
  ),
  subgraph(
    'family',
    `${PERSON} { id: ID! email: String @external kin: [Person!]
  churn: String @requires(fields: "email") @requiresScope(scope: "contact") }`,
    {
      Person: {
        __resolveReference: (reference: object) => reference,
        kin: crowd,
        churn: reads('churn', 'email'),
      },
    },
  ),
)

const profile = ({ id }: { id: string }) => ({ __typename: id === 'cyd' ? 'Child' : 'Adult', id })

/** A subgraph that knows an interface as an object. */
export const interfaceObject = graphOf(
  subgraph(
    'profiles',
    `type Query { profiles: [Profile!]! }
interface Profile @key(fields: "id") @dataSubject(key: "id") { id: ID! }
type Adult implements Profile @key(fields: "id") @dataSubject(key: "id") { id: ID! job: String @requiresScope(scope: "profiling") }
type Child implements Profile @key(fields: "id") @dataSubject(key: "id") { id: ID! }`,
    {
      Query: { profiles: () => crowd().map(profile) },
      Profile: {
        __resolveReference: profile,
        __resolveType: ({ id }: { id: string }) => profile({ id }).__typename,
      },
      Adult: { __resolveReference: profile, job: secret('job') },
      Child: { __resolveReference: profile },
    },
  ),
  subgraph(
    'moods',
    `type Query { moods: [Profile!]! }
type Profile @key(fields: "id") @interfaceObject @dataSubject(key: "id") { id: ID! mood: String @requiresScope(scope: "contact") weather: String }`,
    {
      Query: { moods: crowd },
      Profile: { __resolveReference: byId, mood: secret('mood'), weather: () => 'fair' },
    },
  ),
)

/** A field of an interface object that is read from a protected field of the interface. */
export const readObject = graphOf(
  subgraph(
    'profiles',
    `type Query { profiles: [Profile!]! }
interface Profile @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @requiresScope(scope: "contact") }
type Adult implements Profile @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @requiresScope(scope: "contact") }
type Child implements Profile @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @requiresScope(scope: "contact") }`,
    {
      Query: { profiles: () => crowd().map(profile) },
      Profile: {
        __resolveReference: profile,
        __resolveType: ({ id }: { id: string }) => profile({ id }).__typename,
      },
      Adult: { __resolveReference: profile, email: secret('email') },
      Child: { __resolveReference: profile, email: secret('email') },
    },
  ),
  subgraph(
    'letters',
    `type Profile @key(fields: "id") @interfaceObject @dataSubject(key: "id") {
  id: ID! email: String @external churn: String @requires(fields: "email") @requiresScope(scope: "contact") open: String }`,
    {
      Profile: {
        __resolveReference: (reference: object) => reference,
        churn: reads('churn', 'email'),
        open: () => 'open',
      },
    },
  ),
)
