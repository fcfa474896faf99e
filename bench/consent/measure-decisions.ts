import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGrantSigner } from '../../gateway/adapters/grant-signer.ts'
import { Client } from 'undici'
import { saidAbout } from './load-consents.ts'

export interface DecisionJob {
  readonly url: string
  readonly secret: string
  /** Who there is to ask about. */
  readonly pids: Pids
  readonly way: Way
  readonly atOnce: number
  readonly warmSeconds: number
  readonly seconds: number
}

export type Way = 'lean protocol' | 'GraphQL'

export interface Latencies {
  readonly decisions: number
  /** With those of the warm-up. */
  readonly all: number
  /** The quickest tenth: what the machine does when nobody else uses it. */
  readonly p10: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** Everybody's id by number: worked out beforehand, so that who asks has little to do beside what is measured. */
export interface Pids {
  readonly count: number
  readonly at: (person: number) => string
}

/** Subjects of one decision, other ones each time. */
export const ASKED = 100

/** A closed loop of signed questions about people at random; each answer is compared with what was said. */
export const measureDecisions = async (job: DecisionJob): Promise<Latencies> => {
  const latencies: number[] = []
  let all = 0
  const warmUntil = performance.now() + job.warmSeconds * 1000
  const until = warmUntil + job.seconds * 1000
  const ask = async (): Promise<void> => {
    const client = new Client(new URL(job.url).origin)
    while (performance.now() < until) {
      // eslint-disable-next-line no-await-in-loop -- a closed loop
      const ms = await decide(client, job)
      all += 1
      if (performance.now() > warmUntil) latencies.push(ms)
      if (job.atOnce === 1) cleanUp()
    }
    await client.close()
  }
  await Promise.all(Array.from({ length: job.atOnce }, ask))
  latencies.sort((a, b) => a - b)
  const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? Number.NaN
  return { decisions: latencies.length, all, p10: at(0.1), p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

setFlagsFromString('--expose-gc')
/** Who asks one question after the other cleans up between them: else its own pauses would pass for waiting for an answer. */
const cleanUp = (
  (collect: (how: object) => void) => () =>
    collect({ type: 'minor' })
)(runInNewContext('gc') as never)

const decide = async (client: Client, { secret, pids, way }: DecisionJob): Promise<number> => {
  const people = Array.from({ length: ASKED }, () => Math.floor(Math.random() * pids.count))
  const subjects = people.map((person) => pids.at(person))
  const path = way === 'GraphQL' ? '/graphql' : '/consent/v1/decide'
  const question = way === 'GraphQL' ? { query: DOCUMENT, variables: { subjects } } : { subjects }
  const body = JSON.stringify({ ...question, extensions: { assent: GRANT } })
  const sign = createGrantSigner({ secret, clock: Date.now, seconds: 30 })
  const headers = { 'content-type': 'application/json', ...sign('consent', path, body) }
  const begun = performance.now()
  const answer = await client.request({ method: 'POST', path, headers, body })
  const text = await answer.body.text()
  const ms = performance.now() - begun
  check(JSON.parse(text), people, pids)
  return ms
}

const GRANT = {
  subgraph: 'consent',
  client: 'gateway',
  purpose: 'consent',
  request: 'bench',
  actor: null,
  lookups: {},
}

const DOCUMENT = `query AssentConsent($subjects: [ID!]!, $context: ConsentContextInput) {
  consentStates(subjects: $subjects, context: $context) { subject revision blocked scopes { scope status receipt expiresAt } }
}`

interface Answer {
  readonly states?: readonly (readonly [string, string, unknown, readonly (readonly [string, string])[]])[]
  readonly data?: {
    readonly consentStates: readonly {
      readonly subject: string
      readonly scopes: readonly { readonly scope: string; readonly status: string }[]
    }[]
  }
}

/** A quick wrong answer is none. */
const check = ({ states, data }: Answer, people: readonly number[], pids: Pids): void => {
  const told = new Map<string, readonly (readonly [scope: string, status: string])[]>()
  for (const [subject, , , scopes] of states ?? []) told.set(subject, scopes)
  for (const { subject, scopes } of data?.consentStates ?? [])
    told.set(
      subject,
      scopes.map(({ scope, status }) => [scope, status.toLowerCase()]),
    )
  for (const person of people) {
    const about = told.get(pids.at(person)) ?? []
    for (const [scope, status] of saidAbout(person))
      if (about.find(([name]) => name === scope)?.[1] !== status)
        throw new Error(`a wrong answer about person ${person}, of ${told.size}`)
  }
}
