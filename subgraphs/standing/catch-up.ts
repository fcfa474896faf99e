import { CodedFailure } from '../coded-failure.ts'
import type { ConsentView, Decided, ToldChange, ToldChanges } from './consent-view.ts'
import { blockAt, type Look, settle } from './settle.ts'
import { isWaiting, type Revision, type Standing } from './standing.ts'
import type { StandingStore } from './standing-store.ts'

export interface CatchingUp {
  readonly view: Pick<ConsentView, 'changes' | 'decide'>
  /** Of each owner of rows. */
  readonly stores: readonly StandingStore[]
  /** Called when something is written down, before anybody is told that it is. */
  readonly onHeard?: (heard: Heard) => void
}

/** What was written down at once. */
export interface Heard {
  /** Everything up to this. */
  readonly upTo: Revision
  readonly newest: Revision
  /** Of whom something was cut that was alive, or waits since now, or nothing may be used any more. */
  readonly cut: readonly string[]
  /** When the service took each word that has cut, in milliseconds since the epoch. */
  readonly wordsAt: readonly number[]
}

/** How far all stores have heard, and under which policy. */
export interface HeardUpTo {
  readonly mark: Revision
  readonly policy: string | null
}

/**
 * Hears everything that was said since the stores last heard, at the beginning everything there is. What is written down
 * twice is written down once: it may be broken off anywhere and begun again.
 */
export async function catchUp(parts: CatchingUp, known?: Pick<HeardUpTo, 'policy'>): Promise<HeardUpTo> {
  const { view, stores } = parts
  const { policy } = known ?? (await view.decide([]))
  for (;;) {
    const mark = oldest(await Promise.all(stores.map((store) => store.mark())))
    const told = await view.changes(mark)
    // A service that was set back has forgotten words that were heard here, and hands out their numbers again.
    if (BigInt(told.newest) < BigInt(mark)) {
      await forgetPolicies(stores)
      throw new CodedFailure('STANDING_AHEAD_OF_CONSENT', `revision ${mark}`)
    }
    for (const store of stores) if ((await store.policy()) !== policy) await decideAnew(store, policy, parts)
    if (told.upTo !== mark) await hear(told, policy, parts)
    if (told.isWhole) return { mark: told.upTo, policy }
  }
}

/**
 * Stands in place of a policy: once there are as many words again as were heard, they are others under the same numbers, so that
 * everybody is asked about anew, whichever process finds it.
 */
const SET_BACK = '(set back)'

async function forgetPolicies(stores: CatchingUp['stores']): Promise<void> {
  for (const store of stores)
    if ((await store.policy()) !== SET_BACK) await store.write([], '0', { policy: SET_BACK })
}

/** A bundle changes what holds without a word of anybody: everybody of whom something was heard is asked about again. */
async function decideAnew(store: StandingStore, policy: string | null, parts: CatchingUp): Promise<void> {
  let after: string | null = null
  for (;;) {
    const pids: readonly string[] = await store.people(after, PEOPLE_AT_ONCE)
    const last = pids.at(-1)
    if (last === undefined) break
    const written = await look(pids, new Map(), { store, policy, view: parts.view })
    await store.write(written.standings, '0')
    parts.onHeard?.({ upTo: '0', newest: '0', cut: written.cut, wordsAt: [] })
    after = last
  }
  await store.write([], '0', { policy })
}

async function hear(told: ToldChanges, policy: string | null, parts: CatchingUp): Promise<void> {
  const concerning = byPerson(told.changes)
  const pids = [...concerning.keys()]
  const cut = new Set<string>()
  for (const store of parts.stores) {
    const standings: Standing[] = []
    const blocks = []
    for (let start = 0; start < pids.length; start += PEOPLE_AT_ONCE) {
      const some = pids.slice(start, start + PEOPLE_AT_ONCE)
      const written = await look(some, concerning, { store, policy, view: parts.view })
      standings.push(...written.standings)
      blocks.push(...written.blocks)
      for (const pid of written.cut) cut.add(pid)
    }
    await store.write(standings, told.upTo, { blocks })
  }
  const wordsAt = told.changes
    .filter(({ kind, subject }) => CUTTING.has(kind) && cut.has(subject))
    .map(({ recordedAt }) => recordedAt)
  parts.onHeard?.({ upTo: told.upTo, newest: told.newest, cut: [...cut], wordsAt })
}

const PEOPLE_AT_ONCE = 2_000

const CUTTING: ReadonlySet<string> = new Set(['no', 'suppressed', 'erased'])

/** Links that were undone again concerned all whom they made one, for as long as they were in force. */
function byPerson(changes: readonly ToldChange[]): ReadonlyMap<string, readonly ToldChange[]> {
  const concerning = new Map<string, ToldChange[]>()
  const onceOne = changes.filter(({ kind }) => kind === 'unlinked')
  for (const change of changes) {
    const { subject, concerned, revision } = change
    const others = onceOne.filter(
      (end) => end.pids.includes(subject) && BigInt(revision) < BigInt(end.revision),
    )
    for (const pid of new Set([subject, ...concerned, ...others.flatMap(({ pids }) => pids)])) {
      const known = concerning.get(pid)
      if (known) known.push(change)
      else concerning.set(pid, [change])
    }
  }
  return concerning
}

interface Looking extends Pick<CatchingUp, 'view'> {
  readonly store: StandingStore
  readonly policy: string | null
}

interface Seen {
  readonly standings: readonly Standing[]
  readonly blocks: readonly NonNullable<ReturnType<typeof blockAt>>[]
  readonly cut: readonly string[]
}

/** What was heard before is read first: what is decided then is never older. */
async function look(
  pids: readonly string[],
  concerning: ReadonlyMap<string, readonly ToldChange[]>,
  { store, policy, view }: Looking,
): Promise<Seen> {
  const known = knownOf(await store.ofPeople(pids))
  const decided = await view.decide(pids)
  if (decided.policy !== policy) throw new PolicyChanged()
  const looks = pids.flatMap((pid) => lookAt(pid, decided, { known, concerning }))
  const standings = looks.flatMap(settle)
  const blocks = looks.flatMap((one) => blockAt(one) ?? [])
  const before = new Map([...known.values()].flat().map((one) => [keyOf(one), one]))
  const isCut = (one: Standing): boolean => {
    const was = before.get(keyOf(one))
    return was !== undefined && (one.cut !== was.cut || (was.granted && isWaiting(one)))
  }
  const erased = blocks.filter(({ kind }) => kind === 'erased')
  return {
    standings,
    blocks,
    cut: [...new Set([...standings.filter(isCut), ...erased].map(({ pid }) => pid))],
  }
}

/** The bundle was exchanged while everybody was asked about: it is begun anew. */
class PolicyChanged extends Error {
  constructor() {
    super('The consent service decides by another policy bundle than a moment ago.')
  }
}

interface Told {
  readonly known: ReadonlyMap<string, readonly Standing[]>
  readonly concerning: ReadonlyMap<string, readonly ToldChange[]>
}

function lookAt(pid: string, { states, revision }: Decided, { known, concerning }: Told): readonly Look[] {
  const state = states.get(pid)
  if (state === undefined) return []
  const changes = concerning.get(pid) ?? []
  return [{ pid, known: known.get(pid) ?? [], changes, state, asOf: revision }]
}

function knownOf(standings: readonly Standing[]): ReadonlyMap<string, readonly Standing[]> {
  const known = new Map<string, Standing[]>()
  for (const standing of standings) {
    const some = known.get(standing.pid)
    if (some) some.push(standing)
    else known.set(standing.pid, [standing])
  }
  return known
}

function oldest(marks: readonly Revision[]): Revision {
  return marks.reduce((least, mark) => (BigInt(mark) < BigInt(least) ? mark : least), marks[0] ?? '0')
}

const keyOf = ({ pid, scope }: Standing): string => JSON.stringify([pid, scope])

/** Standings of people about whom nothing may have been told yet: somebody new, or who stands by policy alone. */
export async function lookAtOnce(pids: readonly string[], parts: CatchingUp): Promise<void> {
  for (const store of parts.stores) {
    const { standings } = await look(pids, new Map(), {
      store,
      policy: await store.policy(),
      view: parts.view,
    })
    await store.write(standings, '0')
  }
}
