import { isBefore } from '../leases/lease-store.ts'
import { joinedTo } from '../links/link.ts'
import { createJudge, type SubjectState } from '../links/state-of.ts'
import { grants, type ReceiptStatus } from '../receipts/receipt.ts'
import type { ConsentStore, LinkedGroup, LinkedHead, LinkedRecord, Revision } from '../store.ts'
import { type Past, type PastLink, type PastPerson, readPast } from './past.ts'

/** What people had granted at past times, as the receipts tell it. */
export interface ConsentHistory {
  /**
   * In the order asked: the receipt by which a scope was granted at that time; null where it was not. What a bundle grants by
   * default is nobody's word, and is not answered.
   */
  grantedAt(asked: readonly AskedThen[]): Promise<readonly (GrantedThen | null)[]>
  /** Those of whom nothing could be used at that time, whatever they granted, or nothing is left since. */
  blockedAt(pids: readonly string[], at: number): Promise<ReadonlySet<string>>
}

export interface AskedThen {
  readonly pid: string
  readonly scope: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface GrantedThen {
  readonly receipt: string
  /** Of the receipt. */
  readonly revision: Revision
  /** When it was said; milliseconds since the epoch. */
  readonly at: number
}

/**
 * A word counts from when it was said, and a link from when the service took it. Whoever was linked then is judged as
 * whoever is linked now: the most restrictive of all holds. What was written behind `upTo` is not looked at, so that the same
 * question has the same answer later.
 */
export function createConsentHistory(
  store: Pick<ConsentStore, 'changesAfter' | 'history'>,
  upTo: Revision,
): ConsentHistory {
  return {
    async grantedAt(asked) {
      const past = await readPast(store, new Set(asked.map(({ pid }) => pid)), upTo)
      const known = new Map<string, SubjectState>()
      return asked.map(({ pid, scope, at }) => {
        const key = JSON.stringify([pid, at])
        const state = known.get(key) ?? stateAt(past, pid, at)
        known.set(key, state)
        const standing = state.scopes.get(scope)
        if (state.blocked !== null || standing === undefined || standing.receipt === null) return null
        const said = past.receipts.get(standing.receipt)
        return grants(standing.status as ReceiptStatus) && said !== undefined
          ? { receipt: standing.receipt, ...said }
          : null
      })
    },
    async blockedAt(pids, at) {
      const past = await readPast(store, new Set(pids), upTo)
      return new Set(pids.filter((pid) => stateAt(past, pid, at).blocked !== null))
    },
  }
}

function stateAt({ people, links }: Past, pid: string, at: number): SubjectState {
  const judge = createJudge({ context: {}, now: at })
  const inForce = links.filter((link) => link.takenAt <= at && (link.undoneAt === null || link.undoneAt > at))
  const joined = [...joinedTo(pid, inForce)]
  if (joined.length === 1) return judge(recordAt(people.get(pid), at))
  const members: LinkedGroup['members'] = new Map(joined.map((one) => [one, recordAt(people.get(one), at)]))
  const own = recordAt(people.get(pid), at)
  return judge({ ...own, group: { subject: pid, members, links: inForce.filter(isAmong(joined)) } })
}

const isAmong =
  (pids: readonly string[]) =>
  (link: PastLink): boolean =>
    link.pids.some((pid) => pids.includes(pid))

/** The last word of each chain that had been said, by versions: of two the later one holds, whatever the clocks said. */
function recordAt(person: PastPerson | undefined, at: number): LinkedRecord {
  const latest = new Map<string, LinkedHead>()
  let revision = '0'
  for (const word of person?.words ?? []) {
    if (word.at > at) continue
    const chain = JSON.stringify([word.scope, word.channel, word.region, word.brand])
    if ((latest.get(chain)?.version ?? 0) < word.version) latest.set(chain, word)
    if (isBefore(revision, word.revision)) revision = word.revision
  }
  const block = person?.blocks.findLast((one) => one.at <= at)?.kind ?? null
  return { revision, blocked: block, latest: [...latest.values()] }
}
