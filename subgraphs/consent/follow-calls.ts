import { codedError } from '../coded-error.ts'
import type { SignedCall } from '../serve.ts'
import type { Change, ConsentStore } from './store.ts'

/** Who keeps rows that rest on consent, and follows what becomes of it. */
export const FOLLOWING_PEER = 'standing'

const PREFIX = '/consent/v1/'
const MOST_CHANGES = 2_000

/**
 * What an owner of rows asks: what a gateway asks, and every word since a revision, so that a no which a yes has followed
 * since is not overlooked. docs/consent-protocol.md says it in full.
 */
export function followCalls(
  calls: ReadonlyMap<string, SignedCall>,
  store: ConsentStore,
): ReadonlyMap<string, SignedCall> {
  const shared = [...calls].map(([path, call]) => [path.replace(PREFIX, `${PREFIX}follow/`), call] as const)
  const decide = calls.get(`${PREFIX}decide`)
  const follow: readonly (readonly [string, SignedCall])[] =
    decide === undefined
      ? []
      : [[`${PREFIX}follow/decide`, (input, isLeft) => decide({ ...Object(input), waiting: true }, isLeft)]]
  return new Map([...shared, ...follow, [`${PREFIX}follow/changes`, (input) => tellChanges(input, store)]])
}

/** The revision is read first: everything up to it is either in the answer or behind its last change. */
async function tellChanges(input: unknown, store: ConsentStore): Promise<object> {
  const { after, limit = MOST_CHANGES } = (input ?? {}) as Record<string, unknown>
  if (typeof after !== 'string' || !/^\d{1,18}$/.test(after)) throw codedError('INVALID_REVISION', 'after')
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1)
    throw codedError('BAD_USER_INPUT', 'limit')
  const most = Math.min(limit, MOST_CHANGES)
  const newest = await store.revision()
  const own = await store.changesAfter(after, most)
  const isWhole = own.length < most
  const concerned = await concernedBy(own, store)
  const last = own.at(-1)?.revision ?? after
  return {
    newest,
    isWhole,
    // More may have been written since it was read.
    upTo: isWhole && BigInt(newest) > BigInt(last) ? newest : last,
    changes: own.map((change) => told(change, concerned.get(change.revision) ?? [])),
  }
}

/** By revision, everybody whose state that write may have changed. */
async function concernedBy(
  changes: readonly Change[],
  store: ConsentStore,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const by = new Map<string, string[]>()
  const [first] = changes
  if (first === undefined) return by
  const before = String(BigInt(first.revision) - 1n)
  for (const { revision, subject } of await store.concernedAfter(before, changes.length)) {
    const known = by.get(revision)
    if (known) known.push(subject)
    else by.set(revision, [subject])
  }
  return by
}

function told(change: Change, concerned: readonly string[]): object {
  const { revision, subject, scope, channel, region, brand, status, recordedAt, expiresAt, link } = change
  return {
    revision,
    subject,
    concerned: concerned.filter((other) => other !== subject),
    scope,
    everywhere: channel === null && region === null && brand === null,
    status,
    recordedAt,
    expiresAt,
    link: link === undefined ? null : { kind: link.kind, pids: link.pids },
  }
}
