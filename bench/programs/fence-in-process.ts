// What the fence costs without sockets: the same list of people through the same gateway, open, fenced with everything
// granted, and fenced with something different for each person, known already or asked about anew. Prints a table; only the
// ratios travel.
import { parse } from 'graphql'
import type { createGateway as CreateGateway, Gateway } from '../../gateway/gateway.ts'
import type { UNENDING as Unending } from '../../gateway/lifetime.ts'
import type { Caller, ConsentSource, SubgraphRequest, SubgraphResponse } from '../../gateway/ports.ts'
import { ANSWERS, type AnswersName, consentInMemory } from '../people/people-consent.ts'
import { person } from '../people/people-oracle.ts'
import { peopleQuery, peopleSupergraph, SCOPES } from '../people/people-schemas.ts'

/** As it is built: what runs the sources of this bench changes what they cost. */
const built = (file: string): Promise<unknown> =>
  import(new URL(`../../dist/gateway/${file}`, import.meta.url).href)
const { createGateway } = (await built('gateway.js')) as { createGateway: typeof CreateGateway }
const { UNENDING } = (await built('lifetime.js')) as { UNENDING: typeof Unending }

const SIZES = [10, 100, 1_000, 10_000]

/** The subgraphs: the same objects as text, written once a request body. */
const remembered = new Map<string, string>()

const send = ({ document, variables }: SubgraphRequest): Promise<SubgraphResponse> => {
  const key = document + variables
  const text = remembered.get(key) ?? JSON.stringify(answerOf(document, variables))
  remembered.set(key, text)
  return Promise.resolve({ data: JSON.parse(text) as unknown, errors: [] })
}

const answerOf = (document: string, variables: string): unknown => {
  const first = /people\(first: ?(\d+)\)/.exec(document)?.[1]
  if (first !== undefined)
    return { people: Array.from({ length: Number(first) }, (_, index) => person(`p${index}`)) }
  const lists = Object.entries(JSON.parse(variables) as Record<string, { id: string }[]>)
  const aliases = [...document.matchAll(/(?:(\w+): *)?_entities *\(representations: *\$(\w+)\)/g)]
  return Object.fromEntries(
    aliases.map(([, alias = '_entities', variable]) => {
      const list = lists.find(([name]) => name === variable)?.[1] ?? []
      return [alias, list.map(({ id }) => person(id))]
    }),
  )
}

let questions = 0

type Knowledge = 'known' | 'asked anew'

const gatewayWith = (answers: AnswersName | null, knowledge: Knowledge): Gateway => {
  const known = consentInMemory(ANSWERS[answers ?? 'granted'])
  return createGateway({
    supergraph: peopleSupergraph('http://people.example', answers !== null),
    subgraphs: { send },
    consent: knowledge === 'known' ? known : { load: counted(known) },
    decisionLog: { write: () => Promise.resolve() },
    clock: Date.now,
    log: { error: () => undefined },
  })
}

const counted =
  (source: ConsentSource): ConsentSource['load'] =>
  (subjects, context) => {
    questions += 1
    return source.load(subjects, context)
  }

const caller: Caller = {
  client: 'explorer',
  purpose: 'personalization',
  scopes: new Set(SCOPES),
  actor: null,
  expiresAt: null,
  context: {},
  contract: {
    client: 'explorer',
    purposes: ['personalization'],
    scopes: SCOPES,
    operations: new Map(),
    operationsOnly: false,
    report: 'none',
    onWithheld: 'strip',
    disclose: 'full',
    introspection: true,
    context: {},
  },
}

const askedAnew = gatewayWith('different', 'asked anew')
const gateways = [
  gatewayWith(null, 'known'),
  gatewayWith('granted', 'known'),
  gatewayWith('different', 'known'),
  gatewayWith('granted', 'asked anew'),
  askedAnew,
]

/** Microseconds of CPU a request. */
const cpuOf = async (
  gateway: Gateway,
  document: ReturnType<typeof parse>,
  repeats: number,
): Promise<number> => {
  const begun = process.cpuUsage()
  for (let at = 0; at < repeats; at += 1) {
    const request = {
      document,
      variables: {},
      caller,
      requestId: 'bench',
      lifetime: UNENDING,
      incoming: () => undefined,
    }
    const { data } = await gateway.execute(request)
    if (data === undefined || data === null) throw new Error('no answer')
  }
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / repeats
}

/** The best of several rounds of each gateway in turn. */
const measureSize = async (size: number): Promise<number[]> => {
  const document = parse(peopleQuery(size))
  const repeats = Math.max(3, Math.round(8_000 / size))
  const best = gateways.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < 4; round += 1) {
    for (const [at, gateway] of gateways.entries())
      best[at] = Math.min(best[at] ?? 0, await cpuOf(gateway, document, repeats))
  }
  return best
}

const askedOnce = async (size: number): Promise<number> => {
  questions = 0
  await cpuOf(askedAnew, parse(peopleQuery(size)), 1)
  return questions
}

const HEADINGS = [
  'people',
  'open, µs a person',
  'all granted',
  'each different',
  'all granted, asked anew',
  'each different, asked anew',
  'questions asked',
]
console.log(`| ${HEADINGS.join(' | ')} |\n|${HEADINGS.map(() => '---:|').join('')}`)
for (const size of SIZES) {
  const [open = 0, ...fenced] = await measureSize(size)
  const each = (cpu: number): string => (cpu / size).toFixed(2)
  const cells = [size, each(open), ...fenced.map((cpu) => `${each(cpu)} (${(cpu / open).toFixed(2)} ×)`)]
  console.log(`| ${cells.join(' | ')} | ${await askedOnce(size)} |`)
}
