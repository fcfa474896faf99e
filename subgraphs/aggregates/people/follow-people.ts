import type { People } from './people.ts'

/** The feed of the identity service, as far as it is needed here. */
export interface PeopleFeed {
  after(position: string, limit: number): Promise<readonly PeopleChange[]>
}

export interface PeopleChange {
  readonly position: string
  /** Pids before and after. */
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** Where pids lead at this moment; who leads nowhere is not in it. */
export type LeadsTo = (pids: readonly string[]) => Promise<ReadonlyMap<string, string>>

const PAGE = 500

/**
 * Follows who became one person and who was told apart. A change says whom it is about, not where every pid of theirs leads
 * now (a third one may have come to one of the two in between), so all of them are asked about anew: what is written does not depend on
 * which changes were seen together. A pid that leads nowhere stays with the person it was: told apart, one person would count twice.
 */
export const catchUp = async (people: People, feed: PeopleFeed, leadsTo: LeadsTo): Promise<void> => {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each page starts where the last one ended
    const changes = await feed.after(await people.position(), PAGE)
    const last = changes.at(-1)
    if (last === undefined) return
    // oxlint-disable-next-line no-await-in-loop
    await people.write(await leading(people, leadsTo, changes), last.position)
  }
}

const leading = async (
  people: People,
  leadsTo: LeadsTo,
  changes: readonly PeopleChange[],
): Promise<ReadonlyMap<string, string>> => {
  const named = [...new Set(changes.flatMap(({ from, to }) => [...from, ...to]))]
  const labels = [...(await people.personsOf(named)).values()]
  const pids = await people.concernedBy([...new Set([...named, ...labels])])
  const [found, known] = [await leadsTo(pids), await people.personsOf(pids)]
  return new Map(pids.map((pid) => [pid, found.get(pid) ?? known.get(pid) ?? pid]))
}
