const LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires", "@shareable", "@provides", "@interfaceObject"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
`
const RENAMED = LINKS.replace('["@requiresScope", ', '[{name: "@requiresScope", as: "@ask"}, ')

/** Whoever is who: interfaces, unions, value types, people in people, a rule on a type and on a scalar. */
export const people = `${LINKS}
type Query {
  person(id: ID!): Person
  people(ids: [ID!]!): [Person!]!
  maybePeople(filter: PeopleFilter = { ids: ["cyd", "ada"] }): [Person]
  grid(rows: Int = 2): [[Person]!]
  member(id: ID!): Member
  members: [Member!]!
  contacts: [Contactable]
  search(q: String): [Hit!]!
  node(id: ID!): Node
  company: Company!
}
type Mutation {
  rename(id: ID!, name: String!): Person
  befriend(first: ID!, second: ID!): [Member!]!
}
input PeopleFilter { ids: [ID!] order: Order_ = ASC }
enum Order_ { ASC DESC }
scalar Secret @requiresScope(scope: "profiling")
enum Mood @requiresScope(scope: "analytics") { HAPPY SAD }
interface Node { id: ID! }
interface Contactable {
  email: String @requiresScope(scope: "contact")
  label(prefix: String): String
}
interface Member @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  name: String
  email: String @requiresScope(scope: "contact")
  phone: String @requiresScope(scope: "contact")
}
type Person implements Node & Contactable & Member @key(fields: "id") @key(fields: "code") @dataSubject(key: "id") {
  id: ID!
  code: ID!
  name: String
  label(prefix: String): String
  age: Int!
  email: String @requiresScope(scope: "contact")
  phone: String! @requiresScope(scope: "contact")
  ssn(mask: Boolean = false): String @requiresScope(scope: [["identity", "contact"], ["profiling"]])
  secret: Secret
  passport: Secret @requiresScope(scope: "identity")
  mood: Mood
  note: String @shareable @requiresScope(scope: "contact")
  address: Address
  addresses: [[Address!]!]
  channels: [Channel!]!
  things: [Belonging]
  kin: [Kin!]
  wallet: Wallet
  household: [Person!]!
  bestFriend: Person
  friends(first: Int): [Member]
  neighbours(first: Int = 2): [Person!] @requiresScope(scope: "contact")
  confidant: Person @requiresScope(scope: "identity")
  employer: Company
  devices: [Device!]!
}
type Staff implements Node & Contactable & Member @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  name: String
  label(prefix: String): String
  email: String @requiresScope(scope: "contact")
  phone: String @requiresScope(scope: "contact")
  badge: String @requiresScope(scope: "analytics")
  reports: [Member!]!
}
type Address @shareable { city: String street: String @requiresScope(scope: "contact") geo: Geo }
type Geo @shareable { zone: String fix: String @requiresScope(scope: "profiling") }
interface Channel { value: String @requiresScope(scope: "contact") verified: Boolean }
type Mailbox implements Channel { value: String @requiresScope(scope: "contact") verified: Boolean quota: Int }
type Website implements Channel { value: String @requiresScope(scope: "contact") verified: Boolean guests: [Person!] }
union Belonging = Car | House
type Car { plate: String @requiresScope(scope: "contact") seats: Int }
type House { rooms: Int at: Address doorCode: Secret residents: [Person!]! }
union Kin = Person | Pet
type Pet { name: String chip: String @requiresScope(scope: "contact") vet: Company }
type Wallet @requiresScope(scope: "payment") { iban: String! balance: String heirs: [Person!] }
union Hit = Person | Company | Staff
type Company implements Node & Contactable { id: ID! email: String label(prefix: String): String founder: Member hq: Office }
type Office { floor: Int keyholder: Person }
type Device @key(fields: "serial") @dataSubject(key: "ownerId") {
  serial: ID!
  ownerId: ID! @shareable
  model: String
  nickname: String @requiresScope(scope: "contact")
  owner: Person
}
`

/** Computed values: inputs open and protected, a shared field with a rule of its own, a default for nobody. */
export const insights = `${RENAMED}
type Query { leaders(first: Int): [Person!]! }
type Person @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  name: String @external
  email: String @external
  note: String @shareable @ask(scope: "analytics")
  churn: String @requires(fields: "email") @ask(scope: [["contact", "profiling"]])
  greeting: String @requires(fields: "name")
  fit(scale: Int): String @requires(fields: "name") @ask(scope: "profiling")
  score: Int
  hint: String @ask(scope: "profiling", otherwise: ANONYMOUS)
  picks(first: Int): [Product!] @ask(scope: "product_recs", otherwise: ANONYMOUS)
  mentor: Person
}
type Product @key(fields: "upc", resolvable: false) { upc: ID! }
`

/** Orders belong to their customer, whose key is one step away; shops and products belong to nobody and lead to people. */
export const orders = `${LINKS}
type Query { orders(first: Int): [Order!]! shops: [Shop!]! product(upc: ID!): Product feed: [FeedItem] }
type Mutation { reorder(no: ID!): Order }
union FeedItem = Order | Shop | Product
type Order @key(fields: "no") @dataSubject(key: "customer { id }") {
  no: ID!
  customer: Person!
  placed: String
  total: String @requiresScope(scope: "product_recs")
  lines: [Line!]!
  gift: Gift
  recipient: Person
}
type Address @shareable { city: String street: String @requiresScope(scope: "contact") }
type Line { quantity: Int note: String @requiresScope(scope: "crm_contact") product: Product }
type Gift @requiresScope(scope: "crm_contact") { text: String from: Person }
type Person @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  orders(first: Int): [Order!] @requiresScope(scope: "product_recs")
  openOrders: [Order!]!
  churn: String @external
  address: Address @external
  outlook: String @requires(fields: "churn address { street }") @requiresScope(scope: [["contact", "profiling"]])
  lastShop: Shop @requiresScope(scope: "analytics")
}
type Staff @key(fields: "id") @dataSubject(key: "id") { id: ID! sold: [Order!] @requiresScope(scope: "analytics") }
type Shop @key(fields: "sku") { sku: ID! title: String owner: Person visitors: [Person!]! best: Order }
type Product @key(fields: "upc") { upc: ID! title: String boughtBy(first: Int): [Person!]! }
`

/** Knows people by their code and devices by their serial: the subject key is not in the representation. */
export const telemetry = `${LINKS}
type Query { device(serial: ID!): Device }
type Person @key(fields: "code") @dataSubject(key: "id") {
  code: ID!
  id: ID! @shareable
  sessions: String @requiresScope(scope: "analytics")
  pings: Int
}
type Device @key(fields: "serial") @dataSubject(key: "ownerId") {
  serial: ID!
  ownerId: ID! @shareable
  trace: String @requiresScope(scope: "analytics")
  pairedWith: Device
}
`

/** Knows members only as members. It returns none: the planner loses the key of an interface object below a type condition. */
export const loyalty = `${LINKS}
type Member @key(fields: "id") @interfaceObject @dataSubject(key: "id") {
  id: ID!
  tier: String
  points: String @requiresScope(scope: "product_recs")
}
`
