import { codedError } from '../coded-error.ts'
import type { SignedCall } from '../serve.ts'
import { createJudge } from './links/state-of.ts'
import type { Context } from './receipts/effective-state.ts'
import { isBefore, type LeaseStore } from './leases/lease-store.ts'
import { isPid, MOST_SUBJECTS } from './pids.ts'
import { policyStandings, type Standing } from './policy/apply-policy.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import type { Concerned, ConsentStore } from './store.ts'

export interface ProtocolOptions {
  readonly store: ConsentStore
  readonly leases: LeaseStore
  /** How long a holder may rely on what it knows, counted from before it asked, in milliseconds. */
  readonly leaseMs: number
  /** The clock of the machine, in milliseconds since the epoch: subgraphs are told by it when a lease is over. */
  readonly clock: () => number
  /** Consent runs out by this clock and no other. Default: the machine's. */
  readonly expiryClock?: () => number
  /** How often another replica's writes are looked for while somebody waits; null where there is no other. */
  readonly lookEveryMs: number | null
  /** What holds where nothing was said; null: nothing does. */
  readonly policy?: PolicyBundle | null
}

/** The lean protocol between deciders and the consent service: docs/consent-protocol.md says it in full. */
export function consentProtocol(options: ProtocolOptions): ReadonlyMap<string, SignedCall> {
  const isKnown = holdersOf(options)
  return new Map<string, SignedCall>([
    ['/consent/v1/decide', (input) => decide(input, options)],
    ['/consent/v1/lease', (input, isLeft) => renew(input, { ...options, isKnown }, isLeft)],
    ['/consent/v1/lease/release', (input) => release(input, options)],
  ])
}

/**
 * The revision is read at the same moment as the states, and never after them: they are as new as it says. So who has
 * heard of a later change knows that it was not seen here (the race of a fill with an invalidation).
 */
async function decide(
  input: unknown,
  { store, clock, expiryClock = clock, policy = null }: ProtocolOptions,
): Promise<object> {
  const { subjects, context = null, waiting = false } = (input ?? {}) as Record<string, unknown>
  if (!Array.isArray(subjects) || !subjects.every((one) => typeof one === 'string'))
    throw codedError('BAD_USER_INPUT', 'subjects')
  if (subjects.length > MOST_SUBJECTS)
    throw codedError('TOO_MANY_SUBJECTS', `subjects, at most ${MOST_SUBJECTS}`)
  const asked = [...new Set(subjects)]
  const { revision, records } = await store.recordsAt(asked.filter(isPid))
  const standings = await policyStandings(policy, context)
  const now = expiryClock()
  const judge = createJudge({ context: contextOf(context), now, standings })
  const states = asked.map((subject) => {
    const record = records.get(subject)
    if (record === undefined) return [subject, '0', 'unknown_subject', []]
    const state = judge(record)
    const scopes: unknown[] = []
    for (const [scope, standing] of state.scopes)
      scopes.push(
        waiting === true ? [...told(scope, standing), ...waitingIn(standing)] : told(scope, standing),
      )
    return [subject, state.revision, state.blocked, scopes]
  })
  return { revision, now, states, ...(policy !== null && { policy: policy.id }) }
}

const told = (scope: string, { status, receipt, expiresAt }: Standing): readonly unknown[] => [
  scope,
  status,
  receipt,
  expiresAt,
]

/** For who keeps rows: what a policy does not let count now, and has not ended. */
function waitingIn({ waiting }: Standing): readonly unknown[] {
  return waiting === undefined ? [] : [waiting.receipt, waiting.expiresAt]
}

function contextOf(input: unknown): Context {
  const context: Record<string, string> = {}
  for (const name of ['channel', 'region', 'brand']) {
    const value = Object(input)[name] as unknown
    if (typeof value === 'string') context[name] = value
    else if (value !== undefined && value !== null) throw codedError('INVALID_CONTEXT', name)
  }
  return context
}

/**
 * Renews a lease, takes what was acknowledged, and answers what has changed: at once where something has, else when something
 * does or when the time is over. The lease is written down before the changes are read, so that a change is either in the
 * answer or waits for the next acknowledgement.
 */
async function renew(input: unknown, options: Renewing, isLeft: AbortSignal): Promise<object> {
  const { holder, after, acknowledged, waitMs } = lettered(input)
  const { store, leases, leaseMs } = options
  // Before the lease is written down: whoever waits for its end counts from later.
  const { policy = null } = options
  const granted = { leaseMs, now: options.clock(), ...(policy !== null && { policy: policy.id }) }
  const newest = await store.revision()
  // A position that was never handed out: a holder of another store, or of one that was set back.
  const isStrange = !options.isKnown(holder) || after === null || isBefore(newest, after)
  await leases.hold(holder, isStrange ? '0' : acknowledged, leaseMs)
  if (isStrange) return { revision: await store.revision(), ...granted, changes: null }
  let changes = await store.concernedAfter(after, PAGE + 1)
  if (changes.length === 0 && waitMs > 0) {
    await nextWrite(options, { after, ms: Math.min(waitMs, leaseMs / 2), isLeft })
    changes = await store.concernedAfter(after, PAGE + 1)
  }
  // Too many to be told one by one: whoever knows something forgets it.
  if (changes.length > PAGE) return { revision: await store.revision(), ...granted, changes: null }
  return { revision: changes.at(-1)?.revision ?? after, ...granted, changes: changes.map(toldChange) }
}

interface Renewing extends ProtocolOptions {
  readonly isKnown: (holder: string) => boolean
}

const MOST_HOLDERS = 10_000

/**
 * What a holder knows from before this process began may have been decided by another bundle, and a bundle changes
 * without any revision: with one, whoever comes for the first time forgets everything.
 */
function holdersOf({ policy = null }: ProtocolOptions): (holder: string) => boolean {
  const known = new Set<string>()
  return (holder) => {
    if (policy === null || known.has(holder)) return true
    if (known.size >= MOST_HOLDERS) known.clear()
    known.add(holder)
    return false
  }
}

const PAGE = 5_000

const toldChange = ({ revision, subject }: Concerned): readonly string[] => [revision, subject]

interface Renewal {
  readonly holder: string
  /** Null: nothing is known yet. */
  readonly after: string | null
  readonly acknowledged: string
  readonly waitMs: number
}

function lettered(input: unknown): Renewal {
  const { holder, after = null, acknowledged = '0', waitMs = 0 } = (input ?? {}) as Record<string, unknown>
  if (typeof holder !== 'string' || !/^[\w.:-]{8,128}$/.test(holder))
    throw codedError('BAD_USER_INPUT', 'holder')
  if (after !== null && !isRevision(after)) throw codedError('INVALID_REVISION', 'after')
  if (!isRevision(acknowledged)) throw codedError('INVALID_REVISION', 'acknowledged')
  if (typeof waitMs !== 'number' || !(waitMs >= 0)) throw codedError('BAD_USER_INPUT', 'waitMs')
  return { holder, after, acknowledged, waitMs }
}

const isRevision = (value: unknown): value is string => typeof value === 'string' && /^\d{1,18}$/.test(value)

async function release(input: unknown, { leases }: ProtocolOptions): Promise<object> {
  await leases.release(lettered(input).holder)
  return {}
}

interface Waiting {
  readonly after: string
  readonly ms: number
  readonly isLeft: AbortSignal
}

/** Resolves when something was written after a revision, here or by another replica, or when the time is over. */
async function nextWrite(
  { store, lookEveryMs }: ProtocolOptions,
  { after, ms, isLeft }: Waiting,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(end)
      clearInterval(look)
      forget()
      isLeft.removeEventListener('abort', done)
      resolve()
    }
    const end = setTimeout(done, ms)
    const forget = store.onWrite(done)
    const look =
      lookEveryMs === null
        ? undefined
        : setInterval(() => {
            store.revision().then((newest) => isBefore(after, newest) && done(), done)
          }, lookEveryMs)
    isLeft.addEventListener('abort', done, { once: true })
    if (isLeft.aborted) done()
  })
}
