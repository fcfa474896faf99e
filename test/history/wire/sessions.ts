import { randomUUID } from 'node:crypto'
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { subgraphKey } from '../../../gateway/adapters/grant-signer.ts'
import { signedRequest } from '../../support/signed-request.ts'
import type { Register, Statement } from '../history.ts'
import type { Random } from '../random.ts'
import type { Network, Place } from './network.ts'
import { SCOPES_OF } from './person-graph.ts'
import { SECRET } from './start-gateway.ts'

export interface Sessions {
  readonly network: Network
  readonly random: Random
  /** Statements by their ids: what they were written with is looked up in the database. */
  readonly said: Map<string, Statement>
  readonly isOver: () => boolean
  asked: number
}

const PEOPLE = ['ada', 'bo', 'cyd', 'dee']
const SCOPES = ['crm_contact', 'analytics']
const VALUES = ['email', 'vector', 'churn', 'email vector churn']
const FOREVER = Number.POSITIVE_INFINITY
const agent = new Agent({ keepAlive: true })

/** One client after the other thing it does; it goes from gateway to gateway and from replica to replica. */
export const takePart = async (sessions: Sessions): Promise<void> => {
  const { random, isOver } = sessions
  let known: string | null = null
  while (!isOver()) {
    sessions.asked += 1
    if (random.chance(0.15)) known = newest(known, await speak(sessions))
    else await ask(sessions, random.chance(0.5) ? known : null)
    await pause(random.below(30))
  }
}

const newest = (one: string | null, other: string | null): string | null =>
  other === null || (one !== null && Number(one) > Number(other)) ? one : other

const ask = async ({ network, random }: Sessions, notBefore: string | null): Promise<void> => {
  const { stamp, history, gateways } = network
  const gateway = random.of(gateways)
  const ids = PEOPLE.filter(() => random.chance(0.4))
  const query = `query($ids: [ID!]!) { people(ids: $ids) { ${random.of(VALUES)} } }`
  const start = stamp()
  const { stops } = gateway
  const answer = await post(gateway, '/graphql', {
    headers: { ...(notBefore !== null && { 'x-consent-revision': notBefore }) },
    payload: JSON.stringify({ query, variables: { ids: ids.length > 0 ? ids : ['ada'] } }),
    timeoutMs: 3_000,
    stamp,
  })
  if (answer === null) return pause(20)
  // What a process was writing when it was stopped leaves when it goes on, and nobody who receives it can tell
  // (docs/consent-protocol.md). It is one answer for each stop at most; which one it is, is not told.
  if (stops !== gateway.stops) return
  history.answers.push({
    gateway: gateway.name,
    start,
    end: answer.at,
    notBefore,
    shown: shownIn(answer.text),
  })
}

/** Every value names its person and its field. */
const shownIn = (written: string): Register[] => {
  const shown = new Map<string, Register>()
  for (const [, person = '', field = ''] of written.matchAll(/canary:(\w+):(\w+)/g))
    for (const scope of SCOPES_OF[field] ?? []) shown.set(`${person} ${scope}`, { person, scope })
  return [...shown.values()]
}

/** Says yes or no at one of the replicas, and returns the revision where it was told. */
const speak = async ({ network, random, said }: Sessions): Promise<string | null> => {
  const { stamp, replicas, history } = network
  const [person, scope] = [random.of(PEOPLE), random.of(SCOPES)]
  const status = random.chance(0.5) ? 'given' : 'withdrawn'
  const [id, start] = [randomUUID(), stamp()]
  const statement: Statement = {
    person,
    scope,
    status,
    start,
    end: FOREVER,
    effective: FOREVER,
    revision: null,
    expiresAt: FOREVER,
  }
  said.set(id, statement)
  history.statements.push(statement)
  const answer = await post(random.of(replicas), '/graphql', {
    ...signedStatement({ pid: person, scopes: [scope], source: 'test', statement: id }, status),
    timeoutMs: 8_000,
    stamp,
  })
  const told = answer === null ? undefined : receiptIn(answer.text)
  if (told === undefined) return null
  await arrived()
  statement.end = stamp()
  if (status === 'withdrawn' && told.effect.effective === 'EFFECTIVE') statement.effective = stamp()
  return told.revision
}

interface Told {
  readonly revision: string
  readonly effect: { readonly effective: string }
}

const receiptIn = (written: string): Told | undefined =>
  (JSON.parse(written) as { data?: { said?: readonly Told[] } | null }).data?.said?.[0]

const signedStatement = (input: { pid: string } & Record<string, unknown>, status: 'given' | 'withdrawn') => {
  const [mutation, type] =
    status === 'given' ? ['giveConsent', 'GiveConsentInput'] : ['withdrawConsent', 'WithdrawConsentInput']
  const effect = status === 'given' ? '' : 'effect { effective }'
  const query = `mutation($input: ${type}!) { said: ${mutation}(input: $input) { revision ${effect} } }`
  const key = subgraphKey(SECRET, 'consent')
  return signedRequest(
    { query, variables: { input } },
    { subgraph: 'consent', key, now: Date.now(), actor: input.pid },
  )
}

/**
 * Everything has been read that was sent to this process before: what had left when an answer came is not taken for later only
 * because it is read later. On one machine what is written is there for the reader; some turns of the event loop accept
 * every connection and read from each.
 */
const arrived = async (): Promise<void> => {
  for (let turns = 0; turns < 6; turns += 1) await new Promise((resolve) => setImmediate(resolve))
}

interface Posting {
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string
  readonly timeoutMs: number
  readonly stamp: () => number
}

/** Null where no whole answer came. `at` is when the first of it was here. */
const post = (
  place: Place,
  path: string,
  { headers, payload, timeoutMs, stamp }: Posting,
): Promise<{ readonly at: number; readonly text: string } | null> =>
  new Promise((resolve) => {
    const url = place.process()?.url
    if (url === undefined) return resolve(null)
    const nothing = (): void => resolve(null)
    const request = httpRequest(new URL(path, url), {
      method: 'POST',
      agent,
      timeout: timeoutMs,
      headers: { 'content-type': 'application/json', ...headers },
    })
    request.once('timeout', () => request.destroy())
    request.once('error', nothing)
    request.once('response', (response: IncomingMessage) => {
      const at = stamp()
      text(response).then((written) => resolve({ at, text: written }), nothing)
    })
    request.end(payload)
  })
