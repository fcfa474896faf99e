import type { PidHolder } from '../../pid-holder.ts'
import type { RestsOn } from '../../standing/standing.ts'
import type { ConsentNow } from './training-ports.ts'
import type { TrainingSet } from './training-set.ts'

/**
 * Which artefacts somebody is in: "from an artefact all people and receipts, from a person all artefacts that must be rebuilt".
 * Who was in a set stays here under their pid until the set is built again, also after they have left: somebody has to know
 * what is to be rebuilt.
 */
export interface TrainingRegistry extends PidHolder {
  /** Writes down a set and who is in it; the one it replaces is gone. The same again changes nothing. */
  register(set: RegisteredSet, replaces?: string): Promise<void>
  /** The sets that a person is in, the oldest first, each with what of the person it rests on. */
  setsOf(pid: string): Promise<readonly SetOfPerson[]>
  /** Who is in a set. */
  peopleOf(id: string): Promise<readonly string[]>
}

export interface RegisteredSet extends Listed {
  readonly rests: readonly RestsOn[]
}

interface Listed {
  /** Of its manifest. */
  readonly id: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly builtAt: number
  /** Whether it asks that consent still holds. */
  readonly asksNow: boolean
}

export interface SetOfPerson extends Listed {
  readonly rests: readonly Omit<RestsOn, 'pid'>[]
}

/** What is written down of a set: its people and what they rest on, and not one value. */
export function registered(
  id: string,
  { manifest, receipts, rows }: Pick<TrainingSet, 'manifest' | 'receipts' | 'rows'>,
): RegisteredSet {
  const present = new Set(rows.map(({ pid }) => pid))
  return {
    id,
    name: manifest.name,
    builtAt: Date.parse(manifest.snapshot.at),
    asksNow: manifest.consent !== 'then',
    rests: receipts.flatMap(({ pid, scope, revision }) =>
      present.has(pid) && scope !== null && revision !== null ? [{ pid, scope, revision }] : [],
    ),
  }
}

/** The sets that must be built again because a person in them has left. */
export async function mustRebuild(
  pid: string,
  registry: Pick<TrainingRegistry, 'setsOf'>,
  {
    standings,
    now,
    isGone,
  }: { readonly standings: ConsentNow; readonly now: number; readonly isGone: boolean },
): Promise<readonly SetOfPerson[]> {
  const found: SetOfPerson[] = []
  for (const set of await registry.setsOf(pid)) {
    // oxlint-disable-next-line no-await-in-loop -- somebody is in a handful of sets
    const alive = await standings.areAlive(
      set.rests.map((rests) => ({ pid, ...rests })),
      now,
    )
    if (isGone || (set.asksNow && alive.includes(false))) found.push(set)
  }
  return found
}
