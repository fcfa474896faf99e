import type { MemoryLinks } from './links/memory-links.ts'
import { type Block, type Receipt } from './receipts/receipt.ts'
import type { Change, Head, LinkedRecord, Said, StatementOf, SubjectRecord } from './store.ts'

/** What is known of one person. */
export interface Held {
  revision: string
  blocked: Block | null
  readonly said: Receipt[]
  readonly byStatement: Map<string, Receipt[]>
  readonly heads: Map<string, Receipt>
}

/** All that is known, in this process's memory. */
export interface Kept {
  readonly log: Change[]
  readonly people: Map<string, Held>
  readonly byId: Map<string, Receipt>
  readonly revisions: Map<string, string>
  readonly clock: () => number
  readonly links: MemoryLinks
}

export function recordsOf(subjects: readonly string[], kept: Kept): ReadonlyMap<string, SubjectRecord> {
  const groups = new Map<string, SubjectRecord['group']>()
  return new Map(
    subjects.map((subject) => {
      const known = recordOf(kept.people.get(subject))
      const group = groups.get(subject) ?? groupOf(subject, kept)
      for (const pid of group?.members.keys() ?? []) groups.set(pid, group)
      return [subject, group === undefined ? known : { ...known, group: { ...group, subject } }]
    }),
  )
}

function groupOf(subject: string, { people, links, revisions }: Kept): SubjectRecord['group'] {
  const pids = links.joined(subject)
  if (pids.size === 1) return undefined
  return {
    subject,
    members: new Map([...pids].map((pid) => [pid, linkedRecordOf(people.get(pid), revisions)])),
    links: links.of(subject),
  }
}

/** With the revision of each head: a statement counts for others when it was said since they are linked. */
function linkedRecordOf(held: Held | undefined, revisions: Kept['revisions']): LinkedRecord {
  const { revision, blocked } = recordOf(held)
  const latest = [...(held?.heads.values() ?? [])].map((receipt) => ({
    ...headOf(receipt),
    revision: revisions.get(receipt.consentId) ?? '0',
  }))
  return { revision, blocked, latest }
}

function recordOf(held: Held | undefined): SubjectRecord {
  if (!held) return { revision: '0', blocked: null, latest: [] }
  return { revision: held.revision, blocked: held.blocked, latest: [...held.heads.values()].map(headOf) }
}

function headOf({ subject, scope, channel, region, brand, ...receipt }: Receipt): Head {
  const { consentId, status, at, expiresAt, version } = receipt
  return { subject, scope, channel, region, brand, consentId, status, at, expiresAt, version }
}

/** Of an erased person only the erasure; the end of a link that never was is about nobody. */
export function isTold(status: Change['status'], held: Held | undefined): boolean {
  return held !== undefined && (status === 'erased' || held.blocked !== 'erased')
}

export function saidIn({ statement, ...receipt }: Receipt): Said {
  const { subject, scope, channel, region, brand, consentId, status, at } = receipt
  return { subject, statement, scope, channel, region, brand, consentId, status, at }
}

export function ofSameStatement(
  { subject, statement }: StatementOf,
  people: ReadonlyMap<string, Held>,
): readonly Receipt[] {
  return people.get(subject)?.byStatement.get(statement) ?? []
}

export function newHeld(revision: string): Held {
  return { revision, blocked: null, said: [], byStatement: new Map(), heads: new Map() }
}
