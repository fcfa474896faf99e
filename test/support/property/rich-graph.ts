import { company, device, KEYS, member, nobody, order, person, product, shop, staff } from './rich-data.ts'
import type { PropertyGraph, Thing } from './property-graph.ts'
import * as schema from './rich-schema.ts'

type Values = Record<string, unknown>

const NAMES = [...KEYS.keys()]

/** Whoever a key names; a person of the wrong kind is nobody. */
const byKey =
  (type: string) =>
  (key: unknown): Thing | null => {
    if (key === 'anonymous' && type === 'Person') return nobody
    const name = NAMES.find((candidate) => KEYS.get(candidate) === key)
    const found = name === undefined ? null : member(name)
    return found !== null && (type === 'Member' || found.__typename === type) ? found : null
  }

const personById = byKey('Person')
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const query: Thing = {
  __typename: 'Query',
  whose: null,
  person: ({ id }: Values) => personById(id),
  people: ({ ids }: Values) => listOf(ids).flatMap((id) => personById(id) ?? []),
  maybePeople: ({ filter }: Values) => {
    const { ids, order: direction } = (filter ?? {}) as Values
    const found = listOf(ids).map(personById)
    return direction === 'DESC' ? found.toReversed() : found
  },
  grid: ({ rows }: Values) =>
    [
      [person('ada'), null],
      [person('bo'), person('ada')],
    ].slice(0, Number(rows ?? 2)),
  member: ({ id }: Values) => byKey('Member')(id),
  members: () => [staff('cyd'), person('ada'), person('bo')],
  contacts: () => [person('bo'), company, null, staff('cyd'), person('ada')],
  search: () => [company, person('ada'), staff('cyd'), person('bo')],
  node: ({ id }: Values) => (id === 'acme' ? company : byKey('Member')(id)),
  company,
  leaders: ({ first }: Values) =>
    [person('bo'), person('ada')].slice(0, typeof first === 'number' ? first : 2),
  orders: ({ first }: Values) =>
    [order('o1'), order('o2'), order('o3')].slice(0, typeof first === 'number' ? first : 3),
  shops: () => [shop('s1'), shop('s2')],
  product: ({ upc }: Values) => product(String(upc)),
  feed: () => [order('o2'), shop('s1'), null, product('p1'), order('o1')],
  device: ({ serial }: Values) => deviceBySerial(serial),
}

const mutation: Thing = {
  __typename: 'Mutation',
  whose: null,
  rename: ({ id }: Values) => personById(id),
  befriend: ({ first, second }: Values) => [first, second].flatMap((id) => byKey('Member')(id) ?? []),
  reorder: ({ no }: Values) => order(String(no)),
}

const deviceBySerial = (serial: unknown): Thing | null => {
  const owner = ['ada', 'bo'].find((name) => serial === `serial-${name}`)
  return owner === undefined ? null : device(owner)
}

const personBy = ({ id, code }: Values): Thing | null =>
  id === undefined
    ? (NAMES.flatMap((name) => (code === `code-${name}` ? [person(name)] : []))[0] ?? null)
    : personById(id)

const productBy = ({ upc }: Values): Thing => {
  const [plain = ''] = String(upc).split('canary')
  return product(plain, String(upc).slice(plain.length))
}

/** Four subgraphs and an interface object over four people: every shape the fence has to know. */
export const richGraph: PropertyGraph = {
  name: 'rich',
  scopes: ['contact', 'identity', 'payment'],
  people: KEYS,
  nobody: new Set(['Company', 'Office', 'Shop', 'Product', 'Query', 'Mutation']),
  ids: ['ada', 'bo', 'cyd', 'acme', 'o1', 'o2', 'p1', 'serial-ada', 'nobody'],
  roots: { query, mutation },
  anonymous: nobody,
  subgraphs: [
    {
      name: 'people',
      sdl: schema.people,
      entities: {
        Person: personBy,
        Staff: ({ id }) => byKey('Staff')(id),
        Member: ({ id }) => byKey('Member')(id),
        Device: ({ serial }) => deviceBySerial(serial),
      },
    },
    {
      name: 'insights',
      sdl: schema.insights,
      entities: { Person: personBy },
      external: { Person: ['name', 'email'] },
    },
    {
      name: 'orders',
      sdl: schema.orders,
      external: { Person: ['churn', 'address'] },
      entities: {
        Person: personBy,
        Staff: ({ id }) => byKey('Staff')(id),
        Order: ({ no }) => order(String(no)),
        Shop: ({ sku }) => shop(String(sku)),
        Product: productBy,
      },
    },
    {
      name: 'telemetry',
      sdl: schema.telemetry,
      entities: { Person: personBy, Device: ({ serial }) => deviceBySerial(serial) },
    },
    { name: 'loyalty', sdl: schema.loyalty, entities: { Member: ({ id }) => byKey('Member')(id) } },
  ],
}
