import type { Standing } from '../../standing/standing.ts'
import type { FeatureDefinition } from '../definitions/feature-definition.ts'
import type { FeatureKey, FeaturesStore, Progress, StateKey, StateRow, TracedRow } from '../store.ts'
import type { EventSource, FeatureEvent, ProfileSource } from './event-source.ts'
import { byPid } from './by-pid.ts'
import { isYes, rowOfEvents, rowOfProfile, usable, type Yes } from './feature-rows.ts'
import {
  type EventDefinition,
  type FeatureState,
  forgetting,
  isEventDefinition,
  withEvents,
} from './feature-state.ts'

export interface Materials {
  readonly definitions: readonly FeatureDefinition[]
  readonly store: FeaturesStore
  readonly events: EventSource
  /** Default: nobody told anything. */
  readonly profiles?: ProfileSource
  /**
   * Asks about people of whom nothing was heard: what a policy bundle grants holds for them without a word of theirs. False: there
   * is nothing new to be heard of them. Default: there never is.
   */
  readonly hear?: (pids: readonly string[]) => Promise<boolean>
}

export interface Work {
  readonly after: Progress
  readonly progress: Progress
  readonly now: number
  readonly keys: readonly FeatureKey[]
  /** Events that are not in what was kept yet. */
  readonly added: readonly FeatureEvent[]
  /** Nothing that was kept is used. */
  readonly isAnew?: boolean
}

/** A key with everything that is known about it. */
interface Job {
  readonly key: FeatureKey
  readonly definition: FeatureDefinition
  readonly yes: Yes
}

/** One step: the values of these keys as they are with everything up to the position, written all or none. */
export async function work(materials: Materials, given: Work): Promise<boolean> {
  const jobs = await jobsOf(materials, given)
  const states = await statesOf(materials, given, jobs)
  // Behind the standings they rest on: who hears first is read last, so nothing told is older than the yes it is used under.
  const told = await materials.profiles?.of([...new Set(jobs.map(({ key }) => key.pid))])
  const rows: TracedRow[] = []
  // Of a feature that is defined no more nothing stays.
  const known = new Set(materials.definitions.map(({ name }) => name))
  const empty: FeatureKey[] = given.keys.filter(({ feature }) => !known.has(feature))
  for (const { key, definition, yes } of jobs) {
    const about = { yes, now: given.now }
    const row = isEventDefinition(definition)
      ? rowOfEvents(definition, key, { ...about, state: states.get(nameOf(key))?.state })
      : rowOfProfile(definition, key, { ...about, told: told?.get(key.pid) })
    if (row !== null) rows.push(row)
    // What is not told any more goes. Where nobody is asked, it stays until its time runs out.
    else if (isEventDefinition(definition) || told !== undefined) empty.push(key)
  }
  const { after, progress, now } = given
  return materials.store.commit({ after, progress, now, states: [...states.values()], rows, empty })
}

/** Those alone to which somebody said yes. */
async function jobsOf(materials: Materials, { keys, now }: Work): Promise<readonly Job[]> {
  const { definitions } = materials
  const definitionOf = new Map(definitions.map((one) => [one.name, one]))
  const once = [...new Map(keys.map((key) => [nameOf(key), key])).values()]
  const pairs = [...new Map(once.map((key) => [pairOf(key), key])).values()]
  const yes = new Map<string, Yes>()
  for (const standing of await standingsOf(pairs, materials))
    if (isYes(standing, now)) yes.set(pairOf(standing), standing)
  return once.flatMap((key) => {
    const [definition, said] = [definitionOf.get(key.feature), yes.get(pairOf(key))]
    return definition === undefined || said === undefined ? [] : [{ key, definition, yes: said }]
  })
}

async function standingsOf(
  pairs: readonly FeatureKey[],
  { store, hear = async () => false }: Materials,
): Promise<readonly Standing[]> {
  const standings = await store.standings.of(pairs)
  const heard = new Set(standings.map(({ pid }) => pid))
  const unheard = new Set(pairs.flatMap(({ pid }) => (heard.has(pid) ? [] : [pid])))
  return unheard.size > 0 && (await hear([...unheard])) ? store.standings.of(pairs) : standings
}

interface EventJob extends Job {
  readonly definition: EventDefinition
}

async function statesOf(
  { store, events }: Materials,
  { progress, now, added, isAnew = false }: Work,
  jobs: readonly Job[],
): Promise<Map<string, StateRow>> {
  const wanted = jobs.filter((job): job is EventJob => isEventDefinition(job.definition))
  const found = isAnew ? [] : await store.states(wanted.map(stateKeyOf), now)
  const kept = new Map(found.map((row) => [nameOf(row), row.state]))
  const keptOf = ({ key, definition }: EventJob): FeatureState | null => {
    const state = kept.get(nameOf(key))
    return state?.digest === definition.digest ? state : null
  }
  const missing = wanted.filter((job) => keptOf(job) === null)
  const readOf = byPid(await readAnew(events, missing, progress.position))
  const addedOf = byPid(added)
  const states = new Map<string, StateRow>()
  for (const job of wanted) {
    const { key, definition, yes } = job
    const known = keptOf(job)
    const news = (known === null ? readOf : addedOf).get(key.pid) ?? []
    const state = withEvents(definition, known, usable(news, yes))
    if (state !== null)
      states.set(nameOf(key), { ...stateKeyOf(job), state: forgetting(definition, state, now) })
  }
  return states
}

const stateKeyOf = ({ key, definition: { source } }: EventJob): StateKey => ({ ...key, event: source.event })

async function readAnew(
  events: EventSource,
  jobs: readonly EventJob[],
  upTo: string,
): Promise<readonly FeatureEvent[]> {
  if (jobs.length === 0) return []
  const types = new Set(jobs.map(({ definition }) => definition.source.event))
  return events.of([...new Set(jobs.map(({ key }) => key.pid))], [...types], upTo)
}

const nameOf = ({ pid, feature }: FeatureKey): string => JSON.stringify([pid, feature])

const pairOf = ({ pid, scope }: Pick<FeatureKey, 'pid' | 'scope'>): string => JSON.stringify([pid, scope])
