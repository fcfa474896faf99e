import { setImmediate as othersTurn, setTimeout as pauseFor } from 'node:timers/promises'
import { openDefinitions } from './features/definitions/definitions-in.ts'
import type { EventSource, ProfileSource } from './features/materialise/event-source.ts'
import { createMaterialiser, type Materialiser } from './features/materialise/materialiser.ts'
import type { FeaturesStore } from './features/store.ts'
import type { Log } from './log.ts'
import type { Follower } from './standing/follower.ts'
import type { Currency } from './standing/standing-store.ts'
import type { ToldPeople } from './told-people.ts'

export interface FeaturesOptions {
  readonly features: FeaturesStore
  /** Default: there are none, and only what has run out is removed. */
  readonly events?: EventSource
  /** Default: nobody told anything. */
  readonly profiles?: ProfileSource
  /** Of whom something was told meanwhile. */
  readonly told?: ToldPeople
  /** Ends when what was loaded is in the event store: then everything is computed anew. False: the end came first. */
  readonly loaded?: (isOver: AbortSignal) => Promise<boolean>
  /** Hears of consent of these people. Default: nothing holds of whom nothing was heard. */
  readonly follower?: Pick<Follower, 'ensure'>
  readonly currency: Pick<Currency, 'isCurrent'>
  readonly clock: () => number
  readonly log: Log
  /** Whether events wait to be stored: they come first. Default: they never do. */
  readonly isBusy?: () => boolean
  /** Between two looks at what is new, in milliseconds. */
  readonly everyMs?: number
}

/** Computes features while events come in, windows move on and people agree; removes the values whose time has run out. */
export function openFeatures(options: FeaturesOptions): { stop(): Promise<void> } {
  const over = new AbortController()
  const running = keep(options, over.signal)
  return {
    async stop() {
      over.abort()
      await running
    },
  }
}

const PURGE_EVERY_MS = 60_000

async function keep(options: FeaturesOptions, isOver: AbortSignal): Promise<void> {
  const { features, clock, log, loaded, everyMs = 1_000 } = options
  const round = roundOf(options, isOver)
  let [purgedAt, failures] = [0, 0]
  if (loaded !== undefined && !(await loaded(isOver))) return
  while (!isOver.aborted) {
    // oxlint-disable no-await-in-loop -- one round after the other
    try {
      await round()
      if (clock() - purgedAt >= PURGE_EVERY_MS) {
        purgedAt = clock()
        await features.purge(purgedAt)
      }
      failures = 0
    } catch (error) {
      failures += 1
      if (failures === 1)
        log(
          { error: (error as Error).name, code: (error as { code?: unknown }).code },
          'Features could not be computed; tried again.',
        )
    }
    await pauseFor(everyMs, undefined, { signal: isOver }).catch(() => undefined)
    // oxlint-enable no-await-in-loop
  }
}

function roundOf(options: FeaturesOptions, isOver: AbortSignal): () => Promise<void> {
  const { features: store, events, profiles, told, currency, clock, loaded, isBusy = () => false } = options
  if (events === undefined) return async () => {}
  const sources = { store, events, ...(profiles && { profiles }) }
  const materials = { definitions: openDefinitions(), ...sources, hear: hearingOnce(options), clock }
  const atEase = createMaterialiser(materials)
  const inAHurry = createMaterialiser({ ...materials, atOnce: 100 })
  const materialiser = (): Materialiser => (isBusy() ? inAHurry : atEase)
  // A few people at once: whoever asks meanwhile is answered in between.
  const anew = createMaterialiser({ ...materials, atOnce: 25 })
  let isAnew = loaded !== undefined
  // What was told before this process began, and was not looked at by the one before.
  let isFirst = true
  // What was heard of consent may be older than what is in force: nothing is computed by it.
  const goesOn = (): boolean => !isOver.aborted && currency.isCurrent(clock())
  const keepUp = async (): Promise<void> => {
    if (goesOn()) await takeTold(materialiser(), told)
    if (goesOn()) await materialiser().keepUp()
    // Whoever stands by policy may be everybody there is: as many as in so long, and the others in the next rounds.
    const until = performance.now() + LOOK_ELSEWHERE_MS
    while (goesOn() && (await materialiser().takePolicy()) > 0 && performance.now() < until)
      await othersTurn()
  }
  return async () => {
    if (isAnew && goesOn()) {
      await anew.rebuild()
      isAnew = false
    }
    // Before the next step, which says that everything up to it was looked at.
    if (isFirst && goesOn()) {
      await materialiser().takeTold()
      isFirst = false
    }
    let lookedAt = performance.now()
    // oxlint-disable no-await-in-loop -- one page after the other
    while (goesOn()) {
      const since = performance.now()
      if ((await materialiser().takeEvents()) === 0) break
      // The embedded database never lets go of the thread by itself: between two pages others are answered.
      await othersTurn()
      await giveWay(isBusy, GIVEN_WAY * (performance.now() - since), isOver)
      // There may be more of them for hours.
      if (performance.now() - lookedAt < LOOK_ELSEWHERE_MS) continue
      await keepUp()
      lookedAt = performance.now()
    }
    // oxlint-enable no-await-in-loop
    await keepUp()
  }
}

const REMEMBERED_PEOPLE = 200_000

/** Each once under each bundle: who was asked about and has no standing has said nothing, and whatever they say is heard. */
function hearingOnce({
  features: { standings },
  follower,
}: FeaturesOptions): (pids: readonly string[]) => Promise<boolean> {
  const asked = new Set<string>()
  let under: string | null = null
  return async (pids) => {
    const policy = await standings.policy()
    // Where there is no bundle nothing holds that nobody said.
    if (policy === null || follower === undefined) return false
    if (policy !== under || asked.size > REMEMBERED_PEOPLE) asked.clear()
    under = policy
    const fresh = pids.filter((pid) => !asked.has(pid))
    if (fresh.length === 0) return false
    await follower.ensure(fresh)
    for (const pid of fresh) asked.add(pid)
    return true
  }
}

/** While events wait, for so many times as long as a page took nothing is computed: what is not computed yet is only late. */
const GIVEN_WAY = 3
const LOOK_EVERY_MS = 25
/** What people said, and what moves out of windows, is looked at this often however many events wait. */
const LOOK_ELSEWHERE_MS = 2_000

async function giveWay(isBusy: () => boolean, ms: number, isOver: AbortSignal): Promise<void> {
  const until = performance.now() + ms
  while (isBusy() && !isOver.aborted && performance.now() < until)
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    await pauseFor(LOOK_EVERY_MS, undefined, { signal: isOver }).catch(() => undefined)
}

async function takeTold(materialiser: Materialiser, told: ToldPeople | undefined): Promise<void> {
  const pids = told?.take() ?? []
  try {
    if (pids.length > 0) await materialiser.takeTold(pids)
  } catch (error) {
    told?.add(pids)
    throw error
  }
}
