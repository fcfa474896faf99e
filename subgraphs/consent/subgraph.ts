import { readFileSync } from 'node:fs'
import { standardVocabulary, type Vocabulary } from '../../directives/vocabulary.ts'
import { codedError } from '../coded-error.ts'
import type { Subgraph, SubgraphContext } from '../serve.ts'
import { consentChanges, toConsentChange, withLinked } from './changes.ts'
import { consentValidation, type ValidationInput, type ValidationParts } from './consent-validation.ts'
import { customerConsents, type CustomerLoaders, customerLoaders, reachableBy } from './customer-consents.ts'
import { createExpiryClock } from './expiry-clock.ts'
import { followCalls, FOLLOWING_PEER } from './follow-calls.ts'
import { LINKING_PEER, linkCalls } from './links/link-calls.ts'
import { createLinks } from './links/links.ts'
import { createJudge } from './links/state-of.ts'
import type { Context } from './receipts/effective-state.ts'
import type { ConsentInput } from './receipts/consent-input.ts'
import { writeReceipts } from './receipts/write-receipts.ts'
import type { Receipt } from './receipts/receipt.ts'
import { type Barrier, createBarrier, type Effect } from './leases/barrier.ts'
import { isBefore, type LeaseStore } from './leases/lease-store.ts'
import { createMemoryLeaseStore } from './leases/memory-lease-store.ts'
import { isPid, MOST_SUBJECTS } from './pids.ts'
import { policyStandings, refuseUnknownPlace } from './policy/apply-policy.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import { EVENTS_PEER, receiptCall } from './receipt-call.ts'
import { consentProtocol } from './protocol.ts'
import { instant, shownScope } from './shown-scope.ts'
import type { ConsentStore } from './store.ts'

const sdl = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')

const MOST_CHANGES = 1_000

type Asking = SubgraphContext<CustomerLoaders>

/** How long a holder may rely on a renewal, in milliseconds: what a withdrawal waits for at most. */
export const DEFAULT_LEASE_MS = 1_000

export interface ConsentSubgraphOptions {
  readonly store: ConsentStore
  /** The words people can consent to; default: the standard ones. */
  readonly vocabulary?: Vocabulary
  /** Who relies on what they know of consent. Default: in memory, for a service without other replicas. */
  readonly leases?: LeaseStore
  /** Whether they are lost with this process, while the receipts are not. */
  readonly isForgetful?: boolean
  /** How long a lease lasts, in milliseconds. */
  readonly leaseMs?: number
  /** How often another replica's writes are looked for while somebody waits; null where there is no other. */
  readonly lookEveryMs?: number | null
  readonly clock?: () => number
  /** Consent runs out by this clock. Default: the other, but never back behind what it has shown. */
  readonly expiryClock?: () => number
  /** What holds where nothing was said; null: nothing does. */
  readonly policy?: PolicyBundle | null
}

/** Who said yes to what: append-only receipts, what they come to now, and whether everybody knows. */
export function createConsentSubgraph({
  store,
  vocabulary = standardVocabulary,
  leases = createMemoryLeaseStore(),
  isForgetful = false,
  leaseMs = DEFAULT_LEASE_MS,
  lookEveryMs = null,
  clock = Date.now,
  expiryClock = createExpiryClock({ clock }),
  policy = null,
}: ConsentSubgraphOptions): Subgraph<CustomerLoaders> {
  const barrier = createBarrier({ leases, leaseMs, isForgetful })
  const says = (status: Statement): Mutation => mutation({ store, vocabulary, barrier, policy, status })
  const calls = consentProtocol({ store, leases, leaseMs, lookEveryMs, clock, expiryClock, policy })
  return {
    sdl,
    calls,
    peerCalls: new Map([
      [LINKING_PEER, linkCalls(createLinks({ store, barrier, clock }))],
      [FOLLOWING_PEER, followCalls(calls, store)],
      [EVENTS_PEER, new Map([['/consent/v1/receipts', receiptCall(store)]])],
    ]),
    loaders: customerLoaders(store, policy),
    streams: new Map([['/changes', consentChanges(store)]]),
    resolvers: {
      Query: {
        consentStates: (_root, args: StatesArgs, asking: Asking) =>
          consentStates({ store, policy, expiryClock }, args, asking),
        consentChanges: (_root, args: ChangesArgs, asking: Asking) => changesAfter(store, args, asking),
        consentValidation: validation({ store, vocabulary, policy, expiryClock }),
        consentEffect: async (_root, { revision }: { revision: string }, asking: Asking) => {
          deciderOnly(asking)
          if (!/^\d{1,18}$/.test(revision) || isBefore(await store.revision(), revision))
            throw codedError('INVALID_REVISION', 'Query.consentEffect(revision:)')
          return shownEffect(await barrier.effectOf(revision))
        },
      },
      Mutation: {
        giveConsent: says('given'),
        refuseConsent: says('refused'),
        withdrawConsent: says('withdrawn'),
      },
      Customer: {
        __resolveReference: ({ pid }: { pid: string }) => ({ pid }),
        consents: customerConsents(vocabulary, expiryClock),
        reachableBy: reachableBy(expiryClock),
      },
    },
  }
}

const validation =
  (parts: ValidationParts) =>
  (_root: unknown, { input }: { readonly input: ValidationInput }, asking: Asking) =>
    consentValidation(parts, input, asking)

interface StatesArgs {
  readonly subjects: readonly string[]
  readonly context?: Context | null
}

interface StatesParts extends Required<Pick<ConsentSubgraphOptions, 'policy' | 'expiryClock'>> {
  readonly store: ConsentStore
}

/** Unknown is no: a subject that can be nobody's is blocked; one without receipts has no scopes at all. */
async function consentStates(
  { store, policy, expiryClock }: StatesParts,
  { subjects, context }: StatesArgs,
  asking: Asking,
) {
  deciderOnly(asking)
  if (subjects.length > MOST_SUBJECTS)
    throw codedError('TOO_MANY_SUBJECTS', `Query.consentStates(subjects:), at most ${MOST_SUBJECTS}`)
  const records = await store.records([...new Set(subjects)].filter(isPid))
  const standings = await policyStandings(policy, context)
  const judge = createJudge({ context: context ?? {}, now: expiryClock(), standings })
  return [...new Set(subjects)].map((subject) => {
    const record = records.get(subject)
    if (!record)
      return { subject, revision: '0', blocked: 'UNKNOWN_SUBJECT', scopes: [], policy: policy?.id ?? null }
    const { revision, blocked, scopes } = judge(record)
    const states = [...scopes].map(([scope, state]) => shownScope(scope, state))
    const block = blocked?.toUpperCase() ?? null
    return { subject, revision, blocked: block, scopes: states, policy: policy?.id ?? null }
  })
}

interface ChangesArgs {
  readonly after?: string | null
  readonly first: number
}

async function changesAfter(store: ConsentStore, { after, first }: ChangesArgs, asking: Asking) {
  deciderOnly(asking)
  if (!/^\d{0,18}$/.test(after ?? '')) throw codedError('INVALID_REVISION', 'Query.consentChanges(after:)')
  const limit = Math.min(Math.max(first, 0), MOST_CHANGES)
  return (await withLinked(store, await store.changesAfter(after || '0', limit))).map(toConsentChange)
}

/** Consent of anybody is told only to who decides by it. */
function deciderOnly({ grant }: Asking): void {
  if (grant === null) throw codedError('GRANT_MISSING', 'signature of the gateway')
}

/** Consent is a person's own act (GDPR Art. 4(11)): others may record it only where serving that person is the purpose. */
function mayAnswerFor(pid: string, asking: Asking): void {
  deciderOnly(asking)
  const { grant } = asking
  if (grant?.actor === pid || grant?.purpose === 'customer_service') return
  throw codedError('NOT_THEIR_CONSENT', 'pid')
}

type Statement = 'given' | 'refused' | 'withdrawn'

type Mutation = (_root: unknown, args: { input: ConsentInput }, asking: Asking) => Promise<readonly object[]>

interface MutationParts {
  readonly store: ConsentStore
  readonly barrier: Barrier
  readonly vocabulary: Vocabulary
  readonly policy: PolicyBundle | null
  readonly status: Statement
}

/** How long an answer waits for a change to be in force everywhere before it says that it is not yet. */
const LONGEST_WAIT_MS = 5_000

function mutation({ store, vocabulary, barrier, policy, status }: MutationParts): Mutation {
  return async (_root, { input }, asking) => {
    if (!isPid(input.pid)) throw codedError('INVALID_SUBJECT', 'pid')
    mayAnswerFor(input.pid, asking)
    // A no is taken wherever it is said.
    if (status === 'given') refuseUnknownPlace(policy, input)
    const actor = asking.grant?.actor ?? asking.grant?.client ?? null
    const surroundings = { vocabulary, now: asking.clock(), actor }
    const receipts = await writeReceipts(store, { ...input, status }, surroundings)
    const revision = await store.revision()
    let effect: Promise<Effect> | undefined
    const effectOnce = async (): Promise<object> =>
      shownEffect(await (effect ??= barrier.waitFor(revision, LONGEST_WAIT_MS)))
    return receipts.map((receipt) => ({ ...shownReceipt(receipt), revision, effect: effectOnce }))
  }
}

function shownEffect({ effective, acknowledgements, pending }: Effect): object {
  const told = acknowledgements.map(({ holder, at }) => ({ holder, at: instant(at) }))
  return { effective, acknowledgements: told, pending }
}

function shownReceipt({ subject, status, at, expiresAt, ...receipt }: Receipt): object {
  return {
    ...receipt,
    pid: subject,
    status: status.toUpperCase(),
    at: instant(at),
    expiresAt: instant(expiresAt),
  }
}
