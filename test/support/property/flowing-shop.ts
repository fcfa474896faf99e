import fc from 'fast-check'
import type { SubgraphSource } from '../../../schema/compose.ts'

/** What the schemas and contracts of a test are written from: people, values that only they lead to, and things of nobody. */
export interface Shop {
  readonly types: readonly Type[]
  /** Types that a question begins at. */
  readonly entries: readonly string[]
  readonly clients: readonly Client[]
}

interface Type {
  readonly name: string
  readonly kind: 'person' | 'value' | 'thing'
  readonly fields: readonly Field[]
}

interface Field {
  readonly name: string
  readonly subgraph: Subgraph
  /** The type it leads to; null for a text. */
  readonly to: string | null
  readonly scope: string | null
  readonly consumers: readonly string[]
}

interface Client {
  readonly name: string
  readonly purposes: readonly Purpose[]
  readonly scopes: readonly string[]
  readonly destinations: readonly string[]
}

const SUBGRAPHS = ['crm', 'web'] as const
type Subgraph = (typeof SUBGRAPHS)[number]

const SCOPES = ['mail', 'habits', 'money'] as const
const PURPOSES = { care: ['mail', 'money'], adverts: ['habits', 'mail'], books: ['money'] } as const
type Purpose = keyof typeof PURPOSES

export const WORDS = {
  version: '1.0-test.1',
  scopes: Object.fromEntries(
    SCOPES.map((scope) => [scope, { sentence: scope, dpv: 'dpv:Purpose', fides: 'essential' }]),
  ),
  purposes: Object.fromEntries(
    Object.entries(PURPOSES).map(([name, scopes]) => [
      name,
      { sentence: name, dpv: 'dpv:Purpose', fides: 'essential', scopes: [...scopes] },
    ]),
  ),
}

const PEOPLE = ['Ada', 'Bo']
/** A value is reached through one person alone, and stands in one subgraph. */
const VALUES = [
  { name: 'AdaBasket', of: 'Ada', subgraph: 'crm' },
  { name: 'AdaLine', of: 'Ada', subgraph: 'crm' },
  { name: 'BoVisit', of: 'Bo', subgraph: 'web' },
] as const
const CLIENTS = ['desk', 'partner', 'till']

const consumers = fc.oneof(fc.constant([]), fc.subarray(CLIENTS, { minLength: 1 }))
const scope = fc.option(fc.constantFrom(...SCOPES), { freq: 2 })

const fieldsOf = (
  leadsTo: (subgraph: Subgraph) => readonly string[],
  where: readonly Subgraph[],
  isProtected: boolean,
): fc.Arbitrary<readonly Field[]> =>
  fc
    .array(
      fc.constantFrom(...where).chain((subgraph) =>
        fc.record({
          name: fc.constant(''),
          subgraph: fc.constant(subgraph),
          to: fc.option(fc.constantFrom(...leadsTo(subgraph)), { freq: 2 }),
          scope: isProtected ? scope : fc.constant(null),
          consumers: isProtected ? consumers : fc.constant([]),
        }),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((fields) => fields.map((field, at) => ({ ...field, name: `f${at}` })))

const valuesOf = (person: string, subgraph: Subgraph): string[] =>
  VALUES.filter((value) => value.of === person && value.subgraph === subgraph).map(({ name }) => name)

const types: fc.Arbitrary<readonly Type[]> = fc.tuple(
  ...PEOPLE.map((name) =>
    fieldsOf((subgraph) => [...PEOPLE, ...valuesOf(name, subgraph)], SUBGRAPHS, true).map((fields): Type => ({
      name,
      kind: 'person',
      fields,
    })),
  ),
  ...VALUES.map(({ name, of, subgraph }) =>
    fieldsOf(() => [...PEOPLE, ...valuesOf(of, subgraph)], [subgraph], true).map((fields): Type => ({
      name,
      kind: 'value',
      fields,
    })),
  ),
  fieldsOf(() => PEOPLE, ['web'], false).map((fields): Type => ({ name: 'Shelf', kind: 'thing', fields })),
)

const clients: fc.Arbitrary<readonly Client[]> = fc.tuple(
  ...CLIENTS.map((name) =>
    fc.record({
      name: fc.constant(name),
      purposes: fc.subarray(Object.keys(PURPOSES) as Purpose[], { minLength: 1 }),
      scopes: fc.subarray([...SCOPES]),
      destinations: fc.subarray(['mailhouse', 'bank']),
    }),
  ),
)

export const shops: fc.Arbitrary<Shop> = fc
  .record({ types, entries: fc.subarray(['Ada', 'Bo', 'Shelf'], { minLength: 1 }), clients })
  .map((shop) => ({ ...shop, types: shop.types.filter(({ name }) => isLedTo(shop, name)) }))

/** A value that no person leads to would be nobody's. */
const isLedTo = ({ types: all }: Pick<Shop, 'types'>, name: string): boolean => {
  const from = VALUES.find((value) => value.name === name)?.of
  return from === undefined || leads(all, [from], name)
}

const leads = (all: readonly Type[], path: readonly string[], name: string): boolean =>
  (all.find((type) => type.name === path.at(-1))?.fields ?? []).some(
    ({ to }) => to === name || (to !== null && !path.includes(to) && leads(all, [...path, to], name)),
  )

export const schemasOf = (shop: Shop): readonly SubgraphSource[] =>
  SUBGRAPHS.map((subgraph) => ({
    name: subgraph,
    url: `http://${subgraph}.local`,
    sdl: [
      `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject", "@dataContract"])`,
      `type Query { ${subgraph === 'web' ? entriesOf(shop) : 'crm: String'} }`,
      ...shop.types.flatMap((type) => typeIn(type, subgraph)),
    ].join('\n'),
  }))

const entriesOf = ({ entries }: Shop): string => entries.map((name) => `at${name}: ${name}`).join(' ')

const typeIn = ({ name, kind, fields }: Type, subgraph: Subgraph): string[] => {
  const here = fields.filter((field) => field.subgraph === subgraph).map(fieldText)
  if (kind === 'person')
    return [`type ${name} @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! ${here.join(' ')} }`]
  return here.length === 0 ? [] : [`type ${name} { ${here.join(' ')} }`]
}

const fieldText = ({ name, to, scope: asked, consumers: named }: Field): string => {
  const consent = asked === null ? '' : `@requiresScope(scope: "${asked}")`
  const contract = named.length === 0 ? '' : `@dataContract(owner: "o", consumers: ${JSON.stringify(named)})`
  return `${name}: ${to ?? 'String'} ${consent} ${contract}`
}

/** An arrow of the map. `named` and `unnamed` go from a field to a client that the field names as a consumer, or does not. */
export interface Arrow {
  readonly kind: 'source' | 'named' | 'unnamed' | 'destination'
  readonly from: string
  readonly to: string
  readonly label: string
}

/** What has to be drawn: each path of questions from the root on is walked for each client and purpose, as far as it is new. */
export const pathsOf = (shop: Shop): readonly Arrow[] => {
  const learnt = shop.clients.flatMap((client) =>
    client.purposes.flatMap((purpose) => {
      const allowed: readonly string[] = PURPOSES[purpose]
      const scopes = client.scopes.filter((one) => allowed.includes(one))
      const found = shop.entries.flatMap((entry) => walk(shop, scopes, [entry]))
      return found.map((way) => ({ ...way, client: client.name, purpose }))
    }),
  )
  const sources = learnt.flatMap(({ coordinate, subgraphs }) =>
    subgraphs.map((from): Arrow => ({ kind: 'source', from, to: coordinate, label: '' })),
  )
  const toClients = learnt.map(({ coordinate, client, isNamed }): Arrow => {
    const same = learnt.filter((one) => one.coordinate === coordinate && one.client === client)
    const purposes = [...new Set(same.map(({ purpose }) => purpose))].toSorted()
    const kind = isNamed(client) ? 'named' : 'unnamed'
    return { kind, from: coordinate, to: client, label: purposes.join(', ') }
  })
  const onwards = shop.clients.flatMap(({ name, destinations }) =>
    destinations.map((to): Arrow => ({ kind: 'destination', from: name, to, label: '' })),
  )
  return [
    ...new Map([...sources, ...toClients, ...onwards].map((one) => [JSON.stringify(one), one])).values(),
  ]
}

interface Way {
  readonly coordinate: string
  readonly subgraphs: readonly string[]
  readonly isNamed: (client: string) => boolean
}

/** The last of the path is where we are; no path goes through a type twice. */
const walk = (shop: Shop, scopes: readonly string[], path: readonly string[]): readonly Way[] => {
  const type = shop.types.find(({ name }) => name === path.at(-1))
  if (type === undefined) return []
  const asked = type.fields.filter((field) => field.scope === null || scopes.includes(field.scope))
  const beyond = asked.flatMap(({ to }) =>
    to === null || path.includes(to) ? [] : walk(shop, scopes, [...path, to]),
  )
  if (type.kind === 'thing') return beyond
  const key = { coordinate: `${type.name}.pid`, subgraphs: SUBGRAPHS, isNamed: () => true }
  const own = asked.map((field) => ({
    coordinate: `${type.name}.${field.name}`,
    subgraphs: [field.subgraph],
    isNamed: (client: string) => field.consumers.length === 0 || field.consumers.includes(client),
  }))
  return [...(type.kind === 'person' ? [key] : []), ...own, ...beyond]
}

const NODE = /^ *(n\d+)(?:\[\("|\["|\(\["|>")([^"]*)"/
const ARROW = /^ *(n\d+) (-->|-\.->|==>)(?:\|"([^"]*)"\|)? (n\d+)$/

/** What a flowchart of Mermaid draws, by the names its nodes bear. */
export const arrowsIn = (mermaid: string): readonly Arrow[] => {
  const lines = mermaid.split('\n')
  const names = new Map(
    lines.flatMap((line) => {
      const [, id, text] = NODE.exec(line) ?? []
      return id === undefined || text === undefined ? [] : [[id, text.split('<br/>', 1)[0] ?? ''] as const]
    }),
  )
  return lines.flatMap((line) => {
    const [, from = '', arrow = '', label, to = ''] = ARROW.exec(line) ?? []
    if (arrow === '') return []
    const kind =
      arrow === '==>' ? 'destination' : label === undefined ? 'source' : arrow === '-->' ? 'named' : 'unnamed'
    return [{ kind, from: names.get(from) ?? '', to: names.get(to) ?? '', label: label ?? '' }]
  })
}
