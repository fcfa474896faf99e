import { CodedFailure } from '../../coded-failure.ts'
import type { FeatureDefinition } from '../definitions/feature-definition.ts'
import type { FeatureKey, Progress } from '../store.ts'
import type { EventSource } from './event-source.ts'
import { isEventDefinition } from './feature-state.ts'
import { type Materials, work } from './workshop.ts'

export interface MaterialiserOptions extends Materials {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** How many events or people are taken at once. */
  readonly atOnce?: number
}

/**
 * Computes features from events. As a stream: event by event, onto what was kept of the earlier ones. As a batch: from the
 * event store anew. Where nothing is kept, or what is kept rests on a consent that is gone, or was made by another
 * definition, the stream reads that person's events anew, too; so both come to the same values, whatever the order.
 *
 * Nothing is computed about people who have not agreed to the use it is for (GDPR Art. 6(1)(a)), not even in advance.
 */
export interface Materialiser {
  /** Takes the next events; says how many there were. */
  takeEvents(): Promise<number>
  /**
   * Looks again at what is told of these people; default: of all of whom something was told since the last step. Throws when
   * something else was quicker again and again: then they are to be looked at another time.
   */
  takeTold(pids?: readonly string[]): Promise<void>
  /** Computes again what has moved out of windows, and for whom consent was given meanwhile; says for how many keys. */
  keepUp(): Promise<number>
  /**
   * A policy bundle changes what holds for people who say nothing: asks about everybody there is anything about, and looks at those
   * for whom it holds by the present one, once; says at how many.
   */
  takePolicy(): Promise<number>
  /** Computes everything anew, from everything there is; says about how many people. */
  rebuild(): Promise<number>
}

export function createMaterialiser(options: MaterialiserOptions): Materialiser {
  const { store, events, clock, atOnce = 500, definitions } = options
  const keysOf = (pid: string, isMeant: (definition: FeatureDefinition) => boolean): FeatureKey[] =>
    definitions.filter(isMeant).map(({ name, scope }) => ({ pid, scope, feature: name }))
  return {
    async takeEvents() {
      const [after, now] = [await store.progress(), clock()]
      const page = await events.after(after.position, atOnce)
      const last = page.at(-1)
      const keys = page.flatMap(({ pid, type }) =>
        keysOf(pid, (one) => isEventDefinition(one) && one.source.event === type),
      )
      // Of what comes behind a full page nothing is known yet.
      const asOf = last !== undefined && page.length === atOnce ? last.receivedAt : now
      const progress: Progress = { ...after, position: last?.position ?? after.position, asOf }
      await work(options, { after, progress, now, keys, added: page })
      return page.length
    },
    async takeTold(pids) {
      const isTold = (one: FeatureDefinition): boolean => one.source.kind === 'profile'
      for await (const some of pids === undefined ? toldLately(options, atOnce) : inPages(pids, atOnce)) {
        const keys = some.flatMap((pid) => keysOf(pid, isTold))
        await untilDone(() => again(options, keys))
      }
    },
    async keepUp() {
      const [after, now] = [await store.progress(), clock()]
      const granted = await store.grantedAfter(after.revision, atOnce)
      const fresh = granted.flatMap(({ pid, scope }) => keysOf(pid, (one) => one.scope === scope))
      const keys = [...fresh, ...(await store.due(now, atOnce))]
      if (keys.length === 0) return 0
      const progress = { ...after, revision: granted.at(-1)?.revision ?? after.revision }
      await work(options, { after, progress, now, keys, added: [] })
      return keys.length
    },
    takePolicy: () => lookByPolicy(options, atOnce, (pid) => keysOf(pid, () => true)),
    async rebuild() {
      let count = 0
      for await (const pids of peopleOf(options, atOnce)) {
        const keys = pids.flatMap((pid) => keysOf(pid, () => true))
        await untilDone(() => rebuildSome(options, keys))
        count += pids.length
      }
      return count
    },
  }
}

/** What was being written when the last step ended is looked at, too. */
const OVERLAP_MS = 60_000

async function* toldLately(
  { store, profiles }: MaterialiserOptions,
  limit: number,
): AsyncGenerator<readonly string[]> {
  const { asOf } = await store.progress()
  if (profiles === undefined) return
  const since = Math.max(0, asOf - OVERLAP_MS)
  yield* pagesOf({ people: (after, most) => profiles.people(after, most, since) }, limit)
}

async function lookByPolicy(
  options: MaterialiserOptions,
  limit: number,
  keysOf: (pid: string) => readonly FeatureKey[],
): Promise<number> {
  const { store } = options
  const [policy, look] = [await store.standings.policy(), await store.policyLook()]
  if (look.policy === policy && look.upTo === null) return 0
  if (look.policy !== policy && policy !== null) await hearOfEverybody(options, limit)
  const after = look.policy === policy ? look.upTo : null
  const pids = await store.byPolicy(after, limit)
  await untilDone(() =>
    again(
      options,
      pids.flatMap((pid) => keysOf(pid)),
    ),
  )
  await store.looked({ policy, upTo: pids.length < limit ? null : (pids.at(-1) ?? null) })
  return pids.length
}

/** Of whom nothing was heard is among none of those who are asked about when a bundle changes. */
async function hearOfEverybody(options: MaterialiserOptions, limit: number): Promise<void> {
  const { hear, store } = options
  if (hear === undefined) return
  for await (const pids of peopleOf(options, limit)) {
    const heard = new Set((await store.standings.ofPeople(pids)).map(({ pid }) => pid))
    await hear(pids.filter((pid) => !heard.has(pid)))
  }
}

function* inPages<T>(all: readonly T[], limit: number): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += limit) yield all.slice(start, start + limit)
}

/** Nothing has happened, and these are looked at. */
async function again(options: MaterialiserOptions, keys: readonly FeatureKey[]): Promise<boolean> {
  const [after, now] = [await options.store.progress(), options.clock()]
  return work(options, { after, progress: after, now, keys, added: [] })
}

async function rebuildSome(
  { store, events, clock, ...rest }: MaterialiserOptions,
  keys: readonly FeatureKey[],
): Promise<boolean> {
  const [after, now] = [await store.progress(), clock()]
  // A stream that has taken nothing yet begins behind what is read here.
  const isFirst = after.position === '0'
  const position = isFirst ? await events.newest() : after.position
  const progress = { ...after, position, asOf: isFirst ? now : after.asOf }
  return work({ store, events, ...rest }, { after, progress, now, keys, added: [], isAnew: true })
}

const MOST_ATTEMPTS = 10

/** A stream beside it may be quicker, again and again; when it always is, whoever asked has to know that nothing was done. */
async function untilDone(attempt: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < MOST_ATTEMPTS; count += 1)
    // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
    if (await attempt()) return
  throw new CodedFailure('FEATURES_OVERTAKEN', `${MOST_ATTEMPTS} attempts`)
}

/** Everybody there is anything about, each once. */
async function* peopleOf(
  { events, profiles }: MaterialiserOptions,
  limit: number,
): AsyncGenerator<readonly string[]> {
  const told = new Set<string>()
  if (profiles !== undefined)
    for await (const pids of pagesOf(profiles, limit)) {
      for (const pid of pids) told.add(pid)
      yield pids
    }
  for await (const pids of pagesOf(events, limit)) yield pids.filter((pid) => !told.has(pid))
}

async function* pagesOf(
  source: Pick<EventSource, 'people'>,
  limit: number,
): AsyncGenerator<readonly string[]> {
  let page: readonly string[]
  let last: string | null = null
  do {
    // oxlint-disable-next-line no-await-in-loop -- one page after the other
    page = await source.people(last, limit)
    last = page.at(-1) ?? null
    yield page
  } while (page.length === limit)
}
