// What the fence costs: the same list of people through the same gateway, once without consent words, once fenced with
// everything granted, once with a different consent for each person. No sockets: subgraphs answer in process.
// Figures are CPU of this process; read the ratios, the machine is never idle.
import { parse } from 'graphql'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import type { ConsentState, SubgraphRequest, SubgraphResponse } from '../gateway/ports.ts'
import { compose } from '../schema/compose.ts'
import { callerWith } from '../test/support/world.ts'

const SIZES = [10, 100, 1_000, 10_000]
const SCOPES = ['crm_contact', 'analytics', 'personalization', 'product_recs', 'profiling']
const FIELDS = SCOPES.map((scope, index) => ({ name: `f${index}`, scope }))

const supergraph = (fenced: boolean): string => {
  const rule = (scope: string) => (fenced ? `@requiresScope(scope: "${scope}")` : '')
  const { supergraph: sdl, violations } = compose([
    {
      name: 'people',
      url: 'http://people.example/graphql',
      sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
        ${fenced ? '@link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])' : ''}
        type Query { people(first: Int!): [Person!]! }
        type Person @key(fields: "id") ${fenced ? '@dataSubject(key: "id")' : ''} {
          id: ID! name: String ${FIELDS.map(({ name, scope }) => `${name}: String ${rule(scope)}`).join(' ')} }`,
    },
  ])
  if (sdl === null) throw new Error(violations.map(({ message }) => message).join('\n'))
  return sdl
}

const person = (id: string) => ({
  __typename: 'Person',
  id,
  name: `name of ${id}`,
  f0: 'a',
  f1: 'b',
  f2: 'c',
  f3: 'd',
  f4: 'e',
})

const send = ({ document, variables: text }: SubgraphRequest): Promise<SubgraphResponse> => {
  const variables = JSON.parse(text) as Record<string, unknown>
  const lists = Object.entries(variables).filter(([name]) => name.endsWith('_representations'))
  const data = document.includes('_entities')
    ? Object.fromEntries(
        lists.map(([name, list]) => [
          name.replace('_representations', ''),
          (list as { id: string }[]).map(({ id }) => person(id)),
        ]),
      )
    : { people: Array.from({ length: Number(variables['first']) }, (_, index) => person(`p${index}`)) }
  return Promise.resolve({ data: JSON.parse(JSON.stringify(data)) as unknown, errors: [] })
}

type Says = (person: number, scope: number) => boolean

const stateOf = (subject: string, says: Says): ConsentState => ({
  subject,
  revision: '1',
  scopes: new Map(
    SCOPES.map((scope, index) => {
      const status = says(Number(subject.slice(1)), index) ? 'given' : 'refused'
      return [scope, { status, receipt: `${subject}-${scope}`, expiresAt: null }] as const
    }),
  ),
})

const gatewayWith = (fenced: boolean, says: Says): Gateway =>
  createGateway({
    supergraph: supergraph(fenced),
    subgraphs: { send },
    consent: {
      load: (subjects) => Promise.resolve(new Map(subjects.map((one) => [one, stateOf(one, says)]))),
    },
    decisionLog: { write: () => Promise.resolve() },
    clock: Date.now,
    log: { error: () => undefined },
  })

const query = parse(
  `query ($first: Int!) { people(first: $first) { name ${FIELDS.map(({ name }) => name).join(' ')} } }`,
)
const caller = callerWith({ scopes: SCOPES })

/** Microseconds of CPU a request: the best of several rounds. */
const cpu = async (gateway: Gateway, first: number): Promise<number> => {
  const rounds = 5
  const repeats = Math.max(1, Math.round(2_000 / first))
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round += 1) {
    const begun = process.cpuUsage()
    for (let at = 0; at < repeats; at += 1) {
      const result = await gateway.execute({
        document: query,
        variables: { first },
        caller,
        requestId: 'bench',
      })
      JSON.stringify(result)
    }
    const { user, system } = process.cpuUsage(begun)
    best = Math.min(best, (user + system) / repeats)
  }
  return best
}

const open = gatewayWith(false, () => true)
const all = gatewayWith(true, () => true)
const mixed = gatewayWith(true, (one, scope) => ((one * 2_654_435_761) >>> (scope + 3)) % 2 === 0)

process.stdout.write(
  '| people | open µs/person | fenced, all granted | ratio | fenced, each different | ratio |\n|---|---|---|---|---|---|\n',
)
for (const size of SIZES) {
  const [a, b, c] = [await cpu(open, size), await cpu(all, size), await cpu(mixed, size)]
  const row = [
    size,
    (a / size).toFixed(1),
    (b / size).toFixed(1),
    (b / a).toFixed(2),
    (c / size).toFixed(1),
    (c / a).toFixed(2),
  ]
  process.stdout.write(`| ${row.join(' | ')} |\n`)
}
