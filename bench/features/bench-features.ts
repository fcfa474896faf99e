// How long twenty features of a hundred people take out of a million: read from the store, and answered by the subgraph.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { createGrantSigner, type GrantSigner } from '../../gateway/adapters/grant-signer.ts'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import { featuresMigration } from '../../subgraphs/features/migration.ts'
import { createSqlFeaturesStore } from '../../subgraphs/features/sql-store.ts'
import { startPostgres } from '../../test/support/services/postgres.ts'
import type { AnswersAsked } from '../programs/features-answers.ts'
import { sourceProgram, startProgram } from '../start-program.ts'
import { drawPeople, fillFeatures } from './fill-features.ts'

interface FeaturesOptions {
  readonly entities: number
  readonly questions: number
  /** A server that is kept, and filled once; default: one that is started and ended. */
  readonly postgresUrl?: string
  readonly progress: (line: string) => void
}

const PEOPLE = 100
/** A connection is a process of the server that meets each page of its memory for the first time once: so many are behind it. */
const WARM = 5000
const DRAWN = 50_000

export const benchFeatures = async (options: FeaturesOptions): Promise<string> => {
  const { entities, questions, postgresUrl, progress } = options
  const { url, stop } =
    postgresUrl === undefined
      ? await startPostgres(progress, { sharedBuffers: '4GB' })
      : { url: postgresUrl, stop: async () => {} }
  try {
    const engine = await connectPostgres(url)
    try {
      await migrate(engine, [featuresMigration])
      progress(`filling ${entities} people`)
      await fillFeatures(engine, entities)
      const people = await drawPeople(engine, { entities, count: DRAWN })
      // First of all: whoever asks over the wire is this process, whose own garbage of another stage would be waited for.
      progress(`${questions} questions to the subgraph`)
      const answered = await withSubgraph(url, (ask) => timesOf(questions, people, ask))
      progress(`${questions} questions to the subgraph, without a wire`)
      const alone = await answersAlone(url, questions, people)
      progress(`${questions} questions to the store`)
      const read = await timesOf(questions, people, readsOf(engine))
      return tableOf(entities, { read, alone, answered })
    } finally {
      await engine.close()
    }
  } finally {
    await stop()
  }
}

type Ask = (pids: readonly string[]) => Promise<void>

/** Twenty, with one value each. */
const features = openDefinitions().filter(({ type }) => type !== '[String!]')

/** Of each question, in milliseconds, in the order of time taken. */
const timesOf = async (
  questions: number,
  people: readonly string[],
  ask: Ask,
): Promise<readonly number[]> => {
  const took: number[] = []
  for (let turn = 0; turn < WARM + questions; turn += 1) {
    const asked = askedIn(people, turn)
    const begun = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- one question after the other
    await ask(asked)
    if (turn >= WARM) took.push(performance.now() - begun)
  }
  return took.toSorted((a, b) => a - b)
}

const askedIn = (people: readonly string[], turn: number): readonly string[] =>
  Array.from({ length: PEOPLE }, (_, n) => people[(turn * PEOPLE + n) % people.length] ?? '')

/** As the subgraph reads them. */
const readsOf = (engine: Engine): Ask => {
  const store = createSqlFeaturesStore(engine.database<never>(featuresMigration))
  const wanted = features.map(({ name, scope }) => ({ feature: name, scope }))
  return async (pids) => {
    const read = await store.read(
      pids.map((pid) => ({ pid, features: wanted })),
      Date.now(),
    )
    if (!read.every((values) => wanted.every((_, at) => values[at] !== undefined)))
      throw new Error('Not everybody was answered.')
  }
}

/** In a process that does nothing else. */
const answersAlone = async (
  postgresUrl: string,
  questions: number,
  people: readonly string[],
): Promise<readonly number[]> => {
  const asked: AnswersAsked = {
    query: QUERY,
    grant: {
      subgraph: 'features',
      client: 'bench',
      purpose: 'personalization',
      request: 'r-1',
      actor: null,
      lookups: { people: { scopes: SCOPES } },
    },
    people,
    atOnce: PEOPLE,
    questions: WARM + questions,
  }
  const child = spawn(process.execPath, sourceProgram('features-answers'), {
    env: { ...process.env, NODE_ENV: 'production', BENCH_POSTGRES_URL: postgresUrl },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(asked))
  const took = JSON.parse(await text(child.stdout)) as number[]
  return took.slice(WARM).toSorted((a, b) => a - b)
}

const SCOPES = [...new Set(features.map(({ scope }) => scope))]

/** As the gateway asks it: signed, over a connection that is kept, in a process of its own. */
const withSubgraph = async <T>(postgresUrl: string, use: (ask: Ask) => Promise<T>): Promise<T> => {
  const secret = randomBytes(32).toString('hex')
  const house = await startProgram({
    args: sourceProgram('features-house'),
    core: null,
    env: { BENCH_POSTGRES_URL: postgresUrl, BENCH_SECRET: secret },
  })
  const agent = new Agent({ keepAlive: true, noDelay: true })
  const sign = createGrantSigner({ secret, clock: Date.now, seconds: 30 })
  try {
    return await use(asksOf({ url: `${house.url}/graphql`, agent, sign }))
  } finally {
    agent.destroy()
    await house.stop()
  }
}

interface Door {
  readonly url: string
  readonly agent: Agent
  readonly sign: GrantSigner
}

const QUERY = `query ($people: [_Any!]!) { people: _entities(representations: $people) {
  __typename ... on Customer { pid features { ${features.map(({ field }) => field).join(' ')} } } } }`

const asksOf = ({ url, agent, sign }: Door): Ask => {
  let isChecked = false
  return async (pids) => {
    const body = bodyOf(pids)
    const headers = { 'content-type': 'application/json', ...sign('features', '/graphql', body) }
    const answer = await post(url, { agent, headers, body })
    // Once is enough: reading it takes as long as a part of what is measured.
    if (!isChecked && !isWhole(answer.toString())) throw new Error('Not everybody was answered.')
    isChecked = true
  }
}

const bodyOf = (pids: readonly string[]): string =>
  JSON.stringify({
    query: QUERY,
    variables: { people: pids.map((pid) => ({ __typename: 'Customer', pid })) },
    extensions: {
      assent: {
        subgraph: 'features',
        client: 'bench',
        purpose: 'personalization',
        request: 'r-1',
        actor: null,
        lookups: { people: { scopes: SCOPES } },
      },
    },
  })

const isWhole = (answer: string): boolean => {
  const { data } = JSON.parse(answer) as { data: { people: { features: Record<string, unknown> }[] } | null }
  const valuesOf = (person: { features: Record<string, unknown> }): unknown[] =>
    Object.values(person.features)
  return (
    data?.people.length === PEOPLE &&
    data.people.every(
      (person) => valuesOf(person).filter((value) => value !== null).length === features.length,
    )
  )
}

interface Message {
  readonly agent: Agent
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const post = (url: string, { agent, headers, body }: Message): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('end', () => resolve(Buffer.concat(chunks)))
      answer.once('error', reject)
    })
    sent.once('error', reject)
    sent.end(body)
  })

interface Measured {
  readonly read: readonly number[]
  readonly alone: readonly number[]
  readonly answered: readonly number[]
}

const tableOf = (entities: number, { read, alone, answered }: Measured): string => {
  const row = (what: string, took: readonly number[]): string => {
    const at = (share: number): string => (took[Math.floor(took.length * share)] ?? NaN).toFixed(2)
    return `| ${what} | ${took.length} | ${at(0.1)} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} |`
  }
  return [
    `${PEOPLE} people × ${features.length} features out of ${entities} people.`,
    ``,
    `| clock around | questions | p10 ms | p50 ms | p90 ms | p99 ms |`,
    `|---|---|---|---|---|---|`,
    row('the call of the store: statement, answer, values', read),
    row('the subgraph without a wire: GraphQL with its directives, JSON', alone),
    row('the subgraph over HTTP: signature, GraphQL, JSON', answered),
  ].join('\n')
}
