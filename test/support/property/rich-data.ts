import { canary, read, type Thing } from './property-graph.ts'

/** Ada, Bo and Dee are people; Cyd is on the staff. Dee is known only as Ada's confidant: that she exists is protected. */
export const KEYS = new Map([
  ['ada', 'ada'],
  ['bo', 'bo'],
  ['cyd', 'cyd'],
  ['dee', canary('ada', 'Person.confidant')],
])

type Values = Record<string, unknown>
type Relation = (values: Values) => unknown

const take = (list: readonly unknown[], { first }: Values): readonly unknown[] =>
  typeof first === 'number' ? list.slice(0, Math.max(first, 0)) : list

export const company: Thing = {
  __typename: 'Company',
  whose: null,
  id: 'acme',
  email: 'office@acme.example',
  label: ({ prefix }: Values) => `${said(prefix)}Acme`,
  founder: () => staff('cyd'),
  hq: () => ({ __typename: 'Office', whose: null, floor: 3, keyholder: () => person('bo') }),
}

const said = (value: unknown): string => (typeof value === 'string' ? value : '')

const FRIENDS: Readonly<Record<string, readonly string[]>> = {
  ada: ['bo', 'cyd'],
  bo: ['ada'],
  dee: ['ada', 'bo'],
}
const friendsOf = (name: string): Thing[] => (FRIENDS[name] ?? []).map(member)
const peopleAround = (name: string): Thing[] =>
  friendsOf(name).filter((friend) => friend.__typename === 'Person')

export const member = (name: string): Thing => (name === 'cyd' ? staff(name) : person(name))

export const person = (name: string): Thing => ({
  __typename: 'Person',
  whose: name,
  id: KEYS.get(name) ?? name,
  code: `code-${name}`,
  ...open(name),
  ...protectedValues(name),
  ...values(name),
  ...relations(name),
  ...insights(name),
  ...shopping(name),
})

const open = (name: string) => ({
  name: name.toUpperCase(),
  label: ({ prefix }: Values) => `${said(prefix)}${name}`,
  age: name.length * 11,
  score: name.length,
  pings: name.length * 2,
  tier: `tier of ${name}`,
})

const protectedValues = (name: string) => ({
  email: canary(name, 'Person.email'),
  phone: canary(name, 'Person.phone'),
  ssn: ({ mask }: Values) => `${canary(name, 'Person.ssn')}${mask === true ? ' masked' : ''}`,
  secret: canary(name, 'Person.secret'),
  passport: name === 'bo' ? null : canary(name, 'Person.passport'),
  mood: name === 'ada' ? 'HAPPY' : 'SAD',
  note: canary(name, 'Person.note'),
  points: canary(name, 'Person.points'),
  sessions: canary(name, 'Person.sessions'),
})

const address = (name: string, street: string): Thing => ({
  __typename: 'Address',
  whose: name,
  city: `city of ${name}`,
  street: `${canary(name, 'Address.street')} ${street}`,
  geo: { __typename: 'Geo', whose: name, zone: 'Z1', fix: canary(name, 'Geo.fix') },
})

const channels = (name: string): Thing[] => [
  { __typename: 'Mailbox', whose: name, value: canary(name, 'Mailbox.value'), verified: true, quota: 7 },
  {
    __typename: 'Website',
    whose: name,
    value: canary(name, 'Website.value'),
    verified: false,
    guests: () => peopleAround(name),
  },
]

const things = (name: string): (Thing | null)[] => [
  { __typename: 'Car', whose: name, plate: canary(name, 'Car.plate'), seats: 4 },
  null,
  {
    __typename: 'House',
    whose: name,
    rooms: 5,
    at: address(name, 'at'),
    doorCode: canary(name, 'House.doorCode'),
    residents: () => [person(name), ...peopleAround(name)],
  },
]

const pet = (name: string): Thing => ({
  __typename: 'Pet',
  whose: name,
  name: `pet of ${name}`,
  chip: canary(name, 'Pet.chip'),
  vet: company,
})

const values = (name: string) => ({
  address: name === 'bo' ? null : address(name, 'one'),
  addresses: [[address(name, 'two'), address(name, 'three')], [], [address(name, 'four')]],
  channels: channels(name),
  things: things(name),
  kin: () => [pet(name), ...peopleAround(name)],
  wallet: {
    __typename: 'Wallet',
    whose: name,
    iban: canary(name, 'Person.wallet', 'Wallet.iban'),
    balance: canary(name, 'Person.wallet', 'Wallet.balance'),
    heirs: () => peopleAround(name),
  },
})

const relations = (name: string): Record<string, unknown> => ({
  household: () => [person(name), ...peopleAround(name)],
  bestFriend: () => (name === 'dee' ? null : person(name === 'ada' ? 'bo' : 'ada')),
  friends: (({ first }) => [...take(friendsOf(name), { first }), null]) satisfies Relation,
  neighbours: ((asked) => take(peopleAround(name), asked)) satisfies Relation,
  confidant: () => (name === 'ada' ? person('dee') : null),
  mentor: () => (name === 'ada' ? person('bo') : null),
  employer: company,
  devices: () => (name === 'dee' ? [] : [device(name)]),
})

/** Computed from what the subgraph was told, so that a missing input shows; the input itself is not repeated. */
const insights = (name: string): Record<string, unknown> => ({
  churn(this: Thing) {
    return `${canary(name, 'Person.churn')} from ${digest(read(this, 'email'))}`
  },
  greeting(this: Thing) {
    return `Hello ${digest(read(this, 'name'))}`
  },
  fit(this: Thing, { scale }: Values) {
    return `${canary(name, 'Person.fit')} ${digest(read(this, 'name'))} at ${String(scale)}`
  },
  outlook(this: Thing) {
    const at = read(this, 'address')
    const street = typeof at === 'object' && at !== null ? read(at, 'street') : at
    return `${canary(name, 'Person.outlook')} from ${digest(read(this, 'churn'))} and ${digest(street)}`
  },
  hint: canary(name, 'Person.hint'),
  picks: (asked: Values) => take([product(name === 'bo' ? 'p2' : 'p1', canary(name, 'Person.picks'))], asked),
})

/** Tells one input from another, and a missing one from null nowhere: a representation leaves nulls out. */
const digest = (input: unknown): number =>
  typeof input === 'string'
    ? Array.from(input).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, 7)
    : 0

/** What is said instead of somebody's data. */
export const nobody: Thing = {
  __typename: 'Person',
  whose: 'anonymous',
  id: 'anonymous',
  hint: 'popular with everybody',
  picks: (asked: Values) => take([product('p2'), product('p1')], asked),
}

const shopping = (name: string): Record<string, unknown> => ({
  orders: (asked: Values) => take(ordersOf(name), asked),
  openOrders: () => ordersOf(name).slice(0, 1),
  lastShop: () => shop('s2'),
})

/** A pick is somebody's: its key names whose. */
export const product = (upc: string, picked = ''): Thing => ({
  __typename: 'Product',
  whose: null,
  upc: `${upc}${picked}`,
  title: `product ${upc}`,
  boughtBy: (asked: Values) => take([person('bo'), person('ada')], asked),
})

export const staff = (name: string): Thing => ({
  __typename: 'Staff',
  whose: name,
  id: KEYS.get(name) ?? name,
  name: name.toUpperCase(),
  label: ({ prefix }: Values) => `${said(prefix)}${name} at work`,
  email: canary(name, 'Staff.email'),
  phone: name === 'cyd' ? null : canary(name, 'Staff.phone'),
  badge: canary(name, 'Staff.badge'),
  reports: () => [person('ada'), staff('cyd')],
  sold: () => ordersOf('ada'),
  tier: 'tier of the staff',
  points: canary(name, 'Staff.points'),
})

export const device = (owner: string): Thing => ({
  __typename: 'Device',
  whose: owner,
  serial: `serial-${owner}`,
  ownerId: KEYS.get(owner) ?? owner,
  model: 'M1',
  nickname: canary(owner, 'Device.nickname'),
  owner: () => person(owner),
  trace: canary(owner, 'Device.trace'),
  pairedWith: () => device(owner === 'ada' ? 'bo' : 'ada'),
})

export const shop = (sku: string): Thing => ({
  __typename: 'Shop',
  whose: null,
  sku,
  title: `shop ${sku}`,
  owner: () => (sku === 's1' ? person('bo') : null),
  visitors: () => [person('ada'), person('bo')],
  best: () => order('o1'),
})

const CUSTOMERS: Readonly<Record<string, string>> = { o1: 'ada', o2: 'bo', o3: 'ada' }

export const order = (no: string): Thing | null => {
  const customer = CUSTOMERS[no]
  if (customer === undefined) return null
  return {
    __typename: 'Order',
    whose: customer,
    no,
    customer: () => person(customer),
    placed: '2026-01-01',
    total: canary(customer, 'Order.total'),
    lines: [1, 2].map((quantity) => ({
      __typename: 'Line',
      whose: customer,
      quantity,
      note: canary(customer, 'Line.note'),
      product: () => product('p1'),
    })),
    gift:
      no === 'o3'
        ? null
        : {
            __typename: 'Gift',
            whose: customer,
            text: canary(customer, 'Order.gift', 'Gift.text'),
            from: () => person('ada'),
          },
    recipient: () => (no === 'o1' ? person('bo') : null),
  }
}

const ordersOf = (name: string): (Thing | null)[] =>
  Object.keys(CUSTOMERS)
    .filter((no) => CUSTOMERS[no] === name)
    .map(order)
