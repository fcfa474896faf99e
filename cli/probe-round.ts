import { setTimeout as pause } from 'node:timers/promises'
import { ERRORS } from '../gateway/error-catalogue.ts'
import type { SUBGRAPH_ERRORS } from '../subgraphs/error-catalogue.ts'
import { CommandFailure } from './command-failure.ts'
import type { ConsumerKind, ProbeFigures } from './probe-figures.ts'

export interface Probing {
  readonly gateways: readonly string[]
  readonly scope: string
  /** What of a canary is looked at, from `Customer` on: the names of fields. */
  readonly field: readonly string[]
  readonly headers: (subject: string) => Readonly<Record<string, string>>
  /** The revision up to which every consumer of one kind has been told; null where nobody asks. */
  readonly toldUpTo: (() => Promise<ReadonlyMap<ConsumerKind, number>>) | null
  /** For what a person waits for. */
  readonly mostMs: number
  /** For the consumers of changes. */
  readonly mostToldMs: number
  readonly figures: ProbeFigures
}

/** Consent of one canary is given and withdrawn once, and everybody is watched until they know. */
export const probeRound = async (subject: string, probing: Probing): Promise<void> => {
  const { gateways, figures } = probing
  const given = await say('giveConsent', subject, probing)
  await Promise.all(
    gateways.map((gateway) => untilShown(gateway, true, { subject, probing, since: given.at })),
  )
  figures.took('grant_shown', performance.now() - given.at)
  const at = performance.now()
  const hearing = gateways.map((gateway) => untilShown(gateway, false, { subject, probing, since: at }))
  const said = await say('withdrawConsent', subject, probing)
  const effectiveAt = performance.now()
  if (said.effective !== 'EFFECTIVE') throw new Error('A withdrawal was not in force in time.')
  figures.took('withdrawal_effective', effectiveAt - at)
  const shown = await Promise.all(gateways.map((gateway) => isShown(gateway, subject, probing)))
  for (const isStale of shown) if (isStale) figures.stale()
  for (const heardAt of await Promise.all(hearing)) figures.took('answer_withheld', heardAt - at)
  await untilTold(Number(said.revision), at, probing)
}

interface Said {
  readonly at: number
  readonly revision: string
  readonly effective: string
}

/** A person says it, at the gateway. */
const say = async (mutation: string, subject: string, probing: Probing): Promise<Said> => {
  const at = performance.now()
  const type = mutation === 'giveConsent' ? 'GiveConsentInput' : 'WithdrawConsentInput'
  const query = `mutation($input: ${type}!) { said: ${mutation}(input: $input) { revision effect { effective } } }`
  const input = { pid: subject, scopes: [probing.scope], source: 'probe' }
  const [gateway = ''] = probing.gateways
  const data = await ask<{ said: readonly { revision: string; effect: { effective: string } }[] }>(
    gateway,
    { query, variables: { input } },
    probing.headers(subject),
  )
  const [said] = data.said
  if (said === undefined) throw new Error('The consent service answered without a receipt.')
  return { at, revision: said.revision, effective: said.effect.effective }
}

const isShown = async (gateway: string, subject: string, { headers, field }: Probing): Promise<boolean> => {
  const asked = field.reduceRight((inner, name) => `{ ${name}${inner} }`, '')
  const query = `query($pid: ID!) { customer(pid: $pid) ${asked} }`
  const data = await ask<{ customer: object | null }>(
    gateway,
    { query, variables: { pid: subject } },
    headers(subject),
  )
  if (data.customer === null) throw new CommandFailure('PROBE_REFUSED', `there is no canary ${subject}`)
  return field.reduce<unknown>(valueIn, data.customer) !== null
}

const valueIn = (object: unknown, name: string): unknown =>
  typeof object === 'object' && object !== null && Object.hasOwn(object, name)
    ? (object as Readonly<Record<string, unknown>>)[name]
    : null

interface Watching {
  readonly subject: string
  readonly probing: Probing
  readonly since: number
}

/** When the first answer that shows it, or shows it no more, was there. */
const untilShown = async (
  gateway: string,
  wanted: boolean,
  { subject, probing, since }: Watching,
): Promise<number> => {
  while ((await isShown(gateway, subject, probing)) !== wanted) {
    if (performance.now() - since > probing.mostMs)
      throw new Error(wanted ? 'A canary has no value to show.' : 'A value is shown still.')
    await pause(LOOK_EVERY_MS)
  }
  return performance.now()
}

const LOOK_EVERY_MS = 10

const untilTold = async (
  revision: number,
  at: number,
  { toldUpTo, mostToldMs, figures }: Probing,
): Promise<void> => {
  if (toldUpTo === null) return
  const told = new Set<ConsumerKind>()
  for (;;) {
    const kinds = await toldUpTo()
    for (const [kind, position] of kinds) {
      if (position < revision || told.has(kind)) continue
      told.add(kind)
      figures.took(`${kind}_told`, performance.now() - at)
    }
    if (told.size >= kinds.size) return
    if (performance.now() - at > mostToldMs) throw new Error('A consumer of changes was not told in time.')
    await pause(LOOK_EVERY_MS)
  }
}

const ask = async <Data>(
  gateway: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): Promise<Data> => {
  const answer = await fetch(gateway, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  const said = (await answer.json().catch(() => ({}))) as { data?: Data; errors?: readonly Refusal[] }
  const { data, errors } = said
  const [error] = errors ?? []
  if (isForGood(answer.status, error))
    throw new CommandFailure('PROBE_REFUSED', `${gateway} answered ${refusalText(answer.status, error)}`)
  // What was overtaken on its way is asked for again, as any client would.
  if (error?.extensions?.code === 'CONSENT_OVERTAKEN') return ask(gateway, body, headers)
  if (error !== undefined) throw Object.assign(new Error(error.message), error.extensions)
  if (data === undefined || data === null) throw new Error(`The gateway answered ${answer.status}.`)
  return data
}

/** What the same question would be told again: that it is asked by nobody known, elsewhere, or for what there is not. */
const isForGood = (status: number, error: Refusal | undefined): boolean => {
  const code = error?.extensions?.code ?? ''
  if (FOR_GOOD.has(code)) return true
  const known = new Map<string, { readonly status: number }>(Object.entries(ERRORS)).get(code)?.status
  return isRefusal(status) || (known !== undefined && isRefusal(known))
}

/** Of subgraphs, whose errors have no status. */
const FOR_GOOD: ReadonlySet<string> = new Set<keyof typeof SUBGRAPH_ERRORS>(['UNKNOWN_SCOPE', 'NO_SCOPE'])

/** What asks to come again later, or slower, is none. */
const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status)

const refusalText = (status: number, error: Refusal | undefined): string =>
  error === undefined ? String(status) : `${error.extensions?.code ?? status}: ${error.message}`

interface Refusal {
  readonly message: string
  readonly extensions?: { readonly code?: string }
}
