import { isBefore } from '../leases/lease-store.ts'
import type { Barrier, Effect } from '../leases/barrier.ts'
import type { ConsentStore, Revision, Said } from '../store.ts'
import type { Link, TakenLink, Unlink } from './link.ts'

/** What who knows who is who may do. */
export interface Links {
  /** Takes links, and waits for so many milliseconds at most until nobody relies on what was before. */
  take(links: readonly Link[], waitMs: number): Promise<LinksTaken>
  undo(undone: readonly Unlink[]): Promise<LinksUndone>
  /** What was said while they were in force, oldest first. */
  saidWhileLinked(decisionIds: readonly string[]): Promise<readonly SaidWhileLinked[]>
}

export interface LinksTaken {
  readonly revision: Revision
  readonly effective: Effect['effective']
}

export interface LinksUndone {
  readonly revision: Revision
  readonly said: readonly SaidWhileLinked[]
}

/** A statement of one person that was said for all they were linked to, and stays where it was said. */
export interface SaidWhileLinked extends Omit<Said, 'subject' | 'statement'> {
  readonly decisionId: string
  readonly pid: string
}

export interface LinksParts {
  readonly store: ConsentStore
  readonly barrier: Barrier
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

export function createLinks({ store, barrier, clock }: LinksParts): Links {
  const saidWhileLinked = async (decisionIds: readonly string[]): Promise<readonly SaidWhileLinked[]> => {
    const all: SaidWhileLinked[] = []
    for (const decisionId of decisionIds)
      // oxlint-disable-next-line no-await-in-loop -- one connection, one question after the other
      for (const { subject, statement: _statement, ...said } of await store.saidWhileLinked(decisionId))
        all.push({ ...said, decisionId, pid: subject })
    return all
  }
  return {
    async take(links, waitMs) {
      const revision = newest(await store.link(links, clock()))
      const { effective } = await barrier.waitFor(revision, waitMs)
      return { revision, effective }
    },
    async undo(undone) {
      // Before: afterwards it would have to be guessed who was one person with them by other links.
      const said = await saidWhileLinked(undone.map(({ decisionId }) => decisionId))
      return { revision: newest(await store.unlink(undone, clock())), said }
    },
    saidWhileLinked,
  }
}

function newest(links: readonly TakenLink[]): Revision {
  return links
    .map(({ revision, undone }) => undone ?? revision)
    .reduce((last, revision) => (isBefore(last, revision) ? revision : last), '0')
}
