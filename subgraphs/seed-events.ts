import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pauseFor } from 'node:timers/promises'
import type { ConsentStore } from './consent/store.ts'
import { ConsentNotCurrent } from './events/event-store.ts'
import type { Flow, SentLine } from './events/flow.ts'
import type { Log } from './log.ts'
import { generateRetailer, type Retailer } from './retailer/generate.ts'
import type { SeedOptions } from './seed.ts'
import { dataOf } from './seed-features.ts'
import type { Currency } from './standing/standing-store.ts'

interface SeedEventsOptions {
  readonly dataDir: string
  readonly flow: Pick<Flow, 'take'>
  readonly consent: Pick<ConsentStore, 'bases'>
  /** Nothing is taken while what was heard of consent may not be relied upon. */
  readonly currency: Pick<Currency, 'isCurrent'>
  readonly log: Log
  /** How long others come first after each part, at least; in milliseconds. */
  readonly pauseMs?: number
  /** The house has just opened: whoever waited for that is answered first. */
  readonly firstMs?: number
}

export interface EventSeedOptions extends Omit<SeedEventsOptions, 'flow'> {
  /** Null: no events are taken. */
  readonly flow: SeedEventsOptions['flow'] | null
}

/** Who the made-up people's events come from. */
const SOURCE = 'retailer'

/** Remembered until what these people did is in the event store, over starts that were broken off. */
export function rememberSeed(dataDir: string, options: SeedOptions): void {
  writeFileSync(fileOf(dataDir), JSON.stringify(options), { mode: 0o600 })
}

/** What has to be loaded before features are computed; nothing where nobody was made up, or all of it is there. */
export function eventSeed({ flow, ...around }: EventSeedOptions): {
  readonly loaded?: (isOver: AbortSignal) => Promise<boolean>
} {
  if (flow === null || !existsSync(fileOf(around.dataDir))) return {}
  return { loaded: (isOver) => seedEvents({ ...around, flow }, isOver) }
}

/**
 * Puts what the made-up people did into the event store by the way every event goes: contract, consent, person. It was
 * received when it happened, as if the shop had always sent it. Ids are the same each time, so what was stored before a
 * start was broken off is not stored twice. Answers false when the end came first.
 */
async function seedEvents(options: SeedEventsOptions, isOver: AbortSignal): Promise<boolean> {
  const { dataDir, flow, consent, currency, log, pauseMs = 20, firstMs = 2_000 } = options
  const seeded = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as SeedOptions
  const lines = await linesOf(generateRetailer(seeded), seeded.now, consent)
  let [failed, took] = [0, 0]
  await pauseFor(firstMs, undefined, { signal: isOver }).catch(() => undefined)
  // oxlint-disable no-await-in-loop -- one part after the other, so that whoever asks meanwhile is answered
  for (let start = 0; start < lines.length;) {
    await pauseFor(Math.max(pauseMs, took * OTHERS), undefined, { signal: isOver }).catch(() => undefined)
    if (isOver.aborted) return false
    if (!currency.isCurrent(Date.now())) continue
    const begun = performance.now()
    try {
      const outcomes = await flow.take(lines.slice(start, start + AT_ONCE))
      failed += outcomes.filter(({ outcome }) => outcome === 'quarantined').length
      start += AT_ONCE
    } catch (error) {
      if (error instanceof ConsentNotCurrent) continue
      log({ error: (error as Error).name }, 'What the made-up people did could not be stored; tried again.')
      await pauseFor(RETRY_MS, undefined, { signal: isOver }).catch(() => undefined)
    }
    took = performance.now() - begun
  }
  // oxlint-enable no-await-in-loop
  if (failed > 0) log({ failed }, 'Some of what the made-up people did is in quarantine.')
  rmSync(fileOf(dataDir), { force: true })
  return true
}

const AT_ONCE = 20
/** The store is theirs for so many times as long: a withdrawal is in force within a second, whatever is put in meanwhile. */
const OTHERS = 4
const RETRY_MS = 1_000

const fileOf = (dataDir: string): string => join(dataDir, 'retailer.json')

/** What was collected under consent that holds no more is not there any more: it went with the withdrawal. */
async function linesOf(
  retailer: Retailer,
  now: number,
  consent: Pick<ConsentStore, 'bases'>,
): Promise<readonly SentLine[]> {
  const pidOf = await pidsOf(retailer, consent)
  return retailer.events.flatMap((event): SentLine[] => {
    const pid = pidOf.get(event.personKey)
    const isKept = event.consentId === null || isInForce(retailer, event.personKey, now)
    if (pid === undefined || !isKept) return []
    const said = {
      eventId: event.id,
      type: event.kind,
      occurredAt: new Date(event.at).toISOString(),
      pid,
      consentId: event.consentId,
      data: dataOf(event, retailer),
    }
    return [{ source: SOURCE, line: Buffer.from(JSON.stringify(said)), receivedAt: event.at }]
  })
}

const isInForce = (retailer: Retailer, personKey: string, now: number): boolean =>
  (retailer.grantOf(personKey, 'analytics')?.until ?? 0) >= now

/** Who said a receipt is the person it was made up for, whatever their pid is by now. Who said nothing did nothing here. */
async function pidsOf(
  { receipts }: Retailer,
  consent: Pick<ConsentStore, 'bases'>,
): Promise<ReadonlyMap<string, string>> {
  const one = new Map(receipts.map(({ personKey, consentId }) => [personKey, consentId]))
  const bases = await consent.bases([...one.values()])
  const pids = new Map<string, string>()
  for (const [personKey, consentId] of one) {
    const subject = bases.get(consentId)?.subject
    if (subject !== undefined) pids.set(personKey, subject)
  }
  return pids
}
