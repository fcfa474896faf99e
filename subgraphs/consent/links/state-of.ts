import {
  type Context,
  type EffectiveScope,
  type EffectiveState,
  effectiveState,
} from '../receipts/effective-state.ts'
import { type Block, grants, type ReceiptStatus } from '../receipts/receipt.ts'
import type { Standing, Standings } from '../policy/apply-policy.ts'
import type { LinkedGroup, LinkedHead, SubjectRecord } from '../store.ts'
import { isBefore } from '../leases/lease-store.ts'
import { blockOf } from './block-of.ts'
import { joinedTo, type LinkInForce } from './link.ts'

/** What holds for one subject. */
export interface SubjectState {
  readonly revision: string
  readonly blocked: Block | null
  /** By scope; empty for who is blocked. A scope that was never spoken of may be missing. */
  readonly scopes: ReadonlyMap<string, Standing>
}

export interface Judging {
  readonly context: Context
  readonly now: number
  /** What a policy makes of what a person said; default: it leaves that as it is. */
  readonly standings?: Standings
}

/**
 * What holds for a subject. Who is linked is judged each alone, what holds by default with it, and the most restrictive of
 * all holds for each: a merge of two people never widens consent, and who was never asked is more restrictive than who
 * said yes. One judge for all who are asked about at once: people who are linked are worked out together.
 */
export function createJudge(judging: Judging): (record: SubjectRecord) => SubjectState {
  const known = new Map<LinkedGroup['members'], ReadonlyMap<string, Scopes>>()
  const apart = ({ members, links }: LinkedGroup): ReadonlyMap<string, Scopes> => {
    const found = known.get(members) ?? scopesApart({ members, links }, judging)
    known.set(members, found)
    return found
  }
  return (record) => {
    const { group } = record
    if (group === undefined) return judged(record, judging)
    const revision = revisionOf(group)
    const blocked = blockOf(record)
    if (blocked !== null) return { revision, blocked, scopes: new Map() }
    const scopes = new Map(apart(group))
    // The subject first: of two that restrict alike its own receipt is named.
    const own = scopes.get(group.subject) ?? new Map<string, Standing>()
    scopes.delete(group.subject)
    return { revision, blocked, scopes: narrowest([own, ...scopes.values()]) }
  }
}

/** What a person is shown of their consent: their own word, and what of it holds. */
export interface ShownState {
  readonly revision: string
  readonly blocked: Block | null
  /** Said under the pid that is asked about, or since it is one with others under theirs. */
  readonly said: ReadonlyMap<string, EffectiveScope>
  /** The most restrictive of all who are one person with them. Whose word it is is not told. */
  readonly binding: ReadonlyMap<string, Standing>
  /** When it was said, by receipt. */
  readonly saidAt: ReadonlyMap<string, number>
}

export function shownState(record: SubjectRecord, judging: Judging): ShownState {
  const { revision, blocked, scopes: binding } = createJudge(judging)(record)
  const latest = (record.group && wordsOf(record.group).get(record.group.subject)) ?? record.latest
  const { scopes: said } = effectiveState({ revision, blocked, latest }, judging.context, judging.now)
  return {
    revision,
    blocked,
    said,
    binding,
    saidAt: new Map(latest.map(({ consentId, at }) => [consentId, at])),
  }
}

type Scopes = ReadonlyMap<string, Standing>
type Members = Pick<LinkedGroup, 'members' | 'links'>

function scopesApart(group: Members, judging: Judging): ReadonlyMap<string, Scopes> {
  const words = wordsOf(group)
  const pids = [...group.members.keys()].toSorted()
  const heads = (pid: string): readonly LinkedHead[] => words.get(pid) ?? []
  return new Map(
    pids.map((pid) => [pid, judged({ revision: '0', blocked: null, latest: heads(pid) }, judging).scopes]),
  )
}

function judged(record: SubjectRecord, { context, now, standings }: Judging): SubjectState {
  const { revision, blocked, scopes }: EffectiveState = effectiveState(record, context, now)
  if (blocked !== null) return { revision, blocked, scopes: new Map() }
  return { revision, blocked, scopes: standings === undefined ? scopes : standings(scopes) }
}

function revisionOf({ members, links }: LinkedGroup): string {
  return [...members.values(), ...links].reduce(
    (newest, { revision }) => (isBefore(newest, revision) ? revision : newest),
    '0',
  )
}

/**
 * By pid, the last word in each chain that counts for it: its own, or a yes that was said later under a pid it was one with
 * by then. Only a yes has to be carried over: a no restricts all from where it was said.
 */
function wordsOf({ members, links }: Members): ReadonlyMap<string, readonly LinkedHead[]> {
  const words = new Map(
    [...members].map(([pid, { latest }]) => [pid, new Map(latest.map((head) => [chainOf(head), head]))]),
  )
  const yes = [...members.values()].flatMap(({ latest }) => latest.filter(({ status }) => grants(status)))
  for (const head of yes.toSorted(oldestFirst))
    for (const pid of reachedBy(head, links)) {
      const own = words.get(pid)
      const before = own?.get(chainOf(head))
      // A yes of a device that was offline does not outlive what was said after it.
      const isLast = before === undefined || (oldestFirst(before, head) < 0 && before.at <= head.at)
      if (isLast) own?.set(chainOf(head), head)
    }
  return new Map([...words].map(([pid, own]) => [pid, [...own.values()]]))
}

/**
 * For whom a yes counts: for all who were one person with the subject when it was said. A person who was given another pid
 * always was.
 */
function reachedBy(
  { subject, revision, at }: LinkedHead,
  links: readonly LinkInForce[],
): ReadonlySet<string> {
  const wasThere = (link: LinkInForce): boolean =>
    link.kind === 'renamed' || (isBefore(link.revision, revision) && link.takenAt <= at)
  return joinedTo(subject, links.filter(wasThere))
}

function oldestFirst(one: LinkedHead, other: LinkedHead): number {
  if (one.revision === other.revision) return 0
  return isBefore(one.revision, other.revision) ? -1 : 1
}

function chainOf({ scope, channel, region, brand }: LinkedHead): string {
  return JSON.stringify([scope, channel, region, brand])
}

/** Every scope that any of them has, and of each the state that allows least. */
function narrowest(states: readonly ReadonlyMap<string, Standing>[]): ReadonlyMap<string, Standing> {
  const scopes = new Set(states.flatMap((state) => [...state.keys()]))
  const strictest = (scope: string): Standing => {
    const all = states.map((state) => state.get(scope) ?? NEVER_ASKED)
    const [first = NEVER_ASKED] = all.toSorted(mostRestrictiveFirst)
    if (first.waiting === undefined) return first
    const { waiting: _, ...over } = first
    const yeses = all.map((one) => (isYes(one) ? one : one.waiting))
    // A yes that waits would not count either when its policy lets it: another of them says no, or nothing.
    if (yeses.includes(undefined)) return over
    const [waiting = first.waiting] = yeses.filter((yes) => yes !== undefined).toSorted(endsFirst)
    return { ...over, waiting: { receipt: waiting.receipt, expiresAt: waiting.expiresAt } }
  }
  return new Map([...scopes].map((scope) => [scope, strictest(scope)]))
}

const NEVER_ASKED: Standing = { status: 'unknown', receipt: null, expiresAt: null }

/** Whatever is not among them comes first: a state that nobody knows is a no. */
const FROM_MOST_RESTRICTIVE: readonly string[] = [
  'withdrawn',
  'revoked',
  'refused',
  'invalidated',
  'under_age',
  'expired',
  'other_region',
  'requested',
  'request_deferred',
  'unknown',
]

function mostRestrictiveFirst(a: Standing, b: Standing): number {
  if (isYes(a) && isYes(b)) return endsFirst(a, b)
  if (isYes(a) !== isYes(b)) return isYes(a) ? 1 : -1
  return FROM_MOST_RESTRICTIVE.indexOf(a.status) - FROM_MOST_RESTRICTIVE.indexOf(b.status)
}

type Ending = Pick<Standing, 'expiresAt'>

const endsFirst = (a: Ending, b: Ending): number => (a.expiresAt ?? Infinity) - (b.expiresAt ?? Infinity) || 0

function isYes({ status }: Standing): boolean {
  return grants(status as ReceiptStatus)
}
