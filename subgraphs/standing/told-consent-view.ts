import type {
  ChangeKind,
  ConsentView,
  Decided,
  DecidedState,
  Granted,
  Renewed,
  ToldChange,
  ToldChanges,
} from './consent-view.ts'

/** One call of the protocol, by the end of its path; `waitMs`: for how long the answer may be held back. */
export type ConsentCall = (name: string, input: object, how: HowToCall) => Promise<unknown>

export interface HowToCall {
  readonly waitMs: number
  readonly isOver?: AbortSignal
}

/** What is not understood to the letter is not answered: whoever follows stops relying on what is known. */
class NotUnderstood extends Error {
  constructor(name: string) {
    super(`What the consent service answers to ${name} is not understood.`)
    this.name = 'NotUnderstood'
  }
}

/** The consent service, wherever it is. */
export function toldConsentView(call: ConsentCall): ConsentView {
  return {
    changes: async (after, limit) =>
      readChanges(await call('changes', { after, ...(limit !== undefined && { limit }) }, AT_ONCE)),
    decide: async (pids) => readDecided(await call('decide', { subjects: pids }, AT_ONCE), pids),
    renew: async (renewal, isOver) =>
      readRenewed(await call('lease', renewal, { waitMs: renewal.waitMs, isOver })),
    async release(holder) {
      await call('lease/release', { holder }, AT_ONCE)
    },
  }
}

const AT_ONCE: HowToCall = { waitMs: 0 }

type Read = Readonly<Record<string, unknown>>

function readChanges(answer: unknown): ToldChanges {
  const { newest, upTo, isWhole, changes } = record(answer, 'changes')
  if (!isRevision(newest) || !isRevision(upTo) || typeof isWhole !== 'boolean' || !Array.isArray(changes))
    throw new NotUnderstood('changes')
  return { newest, upTo, isWhole, changes: changes.map(readChange) }
}

function readChange(answer: unknown): ToldChange {
  const told = record(answer, 'changes')
  const { revision, subject, concerned, scope, everywhere, recordedAt, expiresAt } = told
  const kind = kindOf(told)
  const pids = told['link'] === null ? [] : record(told['link'], 'changes')['pids']
  const isRead =
    isRevision(revision) && typeof subject === 'string' && isTextList(concerned) && isTextList(pids)
  const isWord = kind === 'yes' || kind === 'no'
  if (!isRead || typeof recordedAt !== 'number' || typeof everywhere !== 'boolean' || !isTime(expiresAt))
    throw new NotUnderstood('changes')
  if (isWord !== (typeof scope === 'string')) throw new NotUnderstood('changes')
  const place = { scope: isWord ? String(scope) : null, everywhere }
  return { revision, subject, concerned, kind, ...place, recordedAt, expiresAt, pids }
}

/** A word that is not known for a yes is a no. */
function kindOf({ status, link, scope }: Read): ChangeKind {
  if (typeof status !== 'string') throw new NotUnderstood('changes')
  if (link !== null && record(link, 'changes')['kind'] === 'renamed') return 'renamed'
  const kind = KINDS.get(status)
  if (kind !== undefined) return kind
  if (typeof scope !== 'string') throw new NotUnderstood('changes')
  return 'no'
}

const KINDS: ReadonlyMap<string, ChangeKind> = new Map([
  ['given', 'yes'],
  ['renewed', 'yes'],
  ['suppressed', 'suppressed'],
  ['erased', 'erased'],
  ['suppression_lifted', 'lifted'],
  ['linked', 'linked'],
  ['unlinked', 'unlinked'],
])

function readDecided(answer: unknown, asked: readonly string[]): Decided {
  const { revision, states, policy = null } = record(answer, 'decide')
  if (!isRevision(revision) || !Array.isArray(states) || !isName(policy)) throw new NotUnderstood('decide')
  const told = new Map(states.map(readState))
  // Somebody of whom nothing is said, or something twice, is nobody of whom anything is known.
  const isOfThese = told.size === states.length && states.length === new Set(asked).size
  if (!isOfThese || !asked.every((pid) => told.has(pid))) throw new NotUnderstood('decide')
  return { revision, policy, states: told }
}

function readState(answer: unknown): readonly [string, DecidedState] {
  const [pid, revision, blocked, scopes] = Array.isArray(answer) ? (answer as unknown[]) : []
  if (typeof pid !== 'string' || !isRevision(revision) || !isName(blocked) || !Array.isArray(scopes))
    throw new NotUnderstood('decide')
  const read = blocked === null ? scopes.map(readScope) : []
  const granted = read.flatMap((one) => one.granted)
  return [
    pid,
    { revision, blocked, granted: new Map(granted), waiting: new Map(read.flatMap((one) => one.waiting)) },
  ]
}

type ByScope = readonly (readonly [string, Granted])[]

function readScope(answer: unknown): { readonly granted: ByScope; readonly waiting: ByScope } {
  const [scope, status, receipt, expiresAt = null, ...more] = Array.isArray(answer)
    ? (answer as unknown[])
    : []
  if (typeof scope !== 'string' || !isTime(expiresAt)) throw new NotUnderstood('decide')
  const waiting = readWaiting(more)
  if (isYes(status) && typeof receipt === 'string')
    return { granted: [[scope, { receipt, expiresAt }]], waiting: [] }
  return { granted: [], waiting: waiting === null ? [] : [[scope, waiting]] }
}

function readWaiting([receipt = null, expiresAt = null]: readonly unknown[]): Granted | null {
  if (!isName(receipt) || !isTime(expiresAt)) throw new NotUnderstood('decide')
  return receipt === null ? null : { receipt, expiresAt }
}

const isYes = (status: unknown): boolean => status === 'given' || status === 'renewed'

function readRenewed(answer: unknown): Renewed {
  const { revision, leaseMs, changes, policy = null } = record(answer, 'lease')
  if (!isRevision(revision) || typeof leaseMs !== 'number' || !(leaseMs > 0) || !isName(policy))
    throw new NotUnderstood('lease')
  const hasChanged = !Array.isArray(changes) || changes.length > 0
  return { revision, leaseMs, policy, hasChanged }
}

function record(answer: unknown, name: string): Read {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new NotUnderstood(name)
  return answer as Read
}

const isRevision = (value: unknown): value is string => typeof value === 'string' && /^\d{1,18}$/.test(value)
const isName = (value: unknown): value is string | null => value === null || typeof value === 'string'
const isTime = (value: unknown): value is number | null => value === null || Number.isFinite(value)
const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
