import { codedError } from '../../coded-error.ts'
import { isBefore } from '../leases/lease-store.ts'
import type { LinkEvent, Revision } from '../store.ts'
import {
  type Component,
  componentsOf,
  isSameLink,
  joinedTo,
  type Link,
  type LinkInForce,
  MOST_LINKED,
  type TakenLink,
  type Unlink,
} from './link.ts'

/** Writes that something happened to a pid by a link. */
export type WriteLinkEvent = (pid: string, event: LinkEvent, link: TakenLink) => Revision

/** Links in this process's memory. */
export interface MemoryLinks {
  take(links: readonly Link[], takenAt: number, write: WriteLinkEvent): readonly TakenLink[]
  undo(undone: readonly Unlink[], takenAt: number, write: WriteLinkEvent): readonly TakenLink[]
  get(decisionId: string): TakenLink | undefined
  /** Those in force that make a pid one with others. */
  of(pid: string): readonly LinkInForce[]
  /** The pid and all that are one with it. */
  joined(pid: string): ReadonlySet<string>
}

export function createMemoryLinks(): MemoryLinks {
  const taken = new Map<string, TakenLink>()
  const inForce = (): TakenLink[] => [...taken.values()].filter(({ undone }) => undone === null)
  const joined = (pid: string): ReadonlySet<string> => joinedTo(pid, inForce())
  return {
    take(links, takenAt, write) {
      const added = addedBy(links, taken)
      refuseTooMany(componentsOf<Link>([...inForce(), ...added]))
      for (const link of added) {
        let last: TakenLink = { ...link, takenAt, revision: '0', undone: null }
        for (const pid of link.pids) last = { ...last, revision: write(pid, 'linked', last) }
        taken.set(link.decisionId, last)
      }
      return links.flatMap(({ decisionId }) => taken.get(decisionId) ?? [])
    },
    undo(undone, takenAt, write) {
      for (const end of undone) {
        const known = taken.get(end.decisionId)
        if (known?.undone === null) {
          let last = known
          for (const pid of known.pids)
            last = { ...last, undone: write(pid, 'unlinked', { ...known, takenAt }) }
          taken.set(end.decisionId, last)
        } else if (known === undefined) {
          const never: TakenLink = { ...end, pids: [], kind: 'merged', takenAt, revision: '0', undone: '0' }
          const revision = write('', 'unlinked', never)
          taken.set(end.decisionId, { ...never, revision, undone: revision })
        }
      }
      return undone.flatMap(({ decisionId }) => taken.get(decisionId) ?? [])
    },
    get: (decisionId) => taken.get(decisionId),
    of: (pid) => {
      const pids = joined(pid)
      return inForce()
        .filter((link) => link.pids.some((one) => pids.has(one)))
        .map(({ pids: linked, kind, takenAt, revision }) => ({ pids: linked, kind, takenAt, revision }))
    },
    joined,
  }
}

/** Those that are new. */
export function addedBy(links: readonly Link[], taken: ReadonlyMap<string, TakenLink>): readonly Link[] {
  const added = new Map<string, Link>()
  for (const link of links) {
    const known = taken.get(link.decisionId) ?? added.get(link.decisionId)
    if (known === undefined) added.set(link.decisionId, link)
    // What was undone before it came has no pids to compare.
    else if (known.pids.length > 0 && !isSameLink(known, link))
      throw codedError('LINK_ID_REUSED', 'decisionId')
  }
  return [...added.values()]
}

export function refuseTooMany(components: readonly Component<unknown>[]): void {
  if (components.some(({ pids }) => pids.length > MOST_LINKED))
    throw codedError('TOO_MANY_LINKED', `pids, at most ${MOST_LINKED} of one person`)
}

/** Whether something was written while a link was in force. */
export function isWithin(revision: Revision, { revision: from, undone }: TakenLink): boolean {
  return isBefore(from, revision) && (undone === null || isBefore(revision, undone))
}
