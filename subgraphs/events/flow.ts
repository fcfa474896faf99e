import type { Basis } from './consent-receipts.ts'
import type { Envelope, Person } from './envelope.ts'
import { type Fault, fault as faultOf, onward, passed, type Step, valuesOf } from './fault.ts'
import type { FlowCounters } from './flow-counters.ts'
import { ConsentNotCurrent } from './event-store.ts'
import { type FlowParts, isAboutTheData, passEvents, type PassedEvents, passUnstored } from './pass-events.ts'
import { tryNeighbours } from './try-neighbours.ts'
import { tokenise, type WhoIs } from './pseudonymise.ts'
import { failedOf, toFailedEvent } from './quarantine/keep-failed.ts'
import type { PayloadSeal } from './quarantine/payload-seal.ts'
import type { KeptPayload, QuarantineStore } from './quarantine/quarantine-store.ts'
import { readLine } from './read-line.ts'

/** The whole way of events from bytes to the store, or to quarantine. */
export interface Flow {
  /**
   * What came of each line, in order, when all of it is committed. Throws when nothing could be judged: then the same is sent
   * again, and what was stored already is not stored twice.
   */
  take(lines: readonly SentLine[]): Promise<readonly Outcome[]>
  /** Tries again what quarantine has a payload of. Ids that are not there are left out. */
  replay(ids: readonly string[]): Promise<readonly Replayed[]>
  /** Throws where one of the neighbours does not answer: then it is not about the events that cannot be judged. */
  tryNeighbours(): Promise<void>
  /** Keeps what could not be judged however often it came. Throws where a neighbour does not answer: then nothing is given up. */
  giveUp(sent: SentLine): Promise<Outcome>
}

export interface SentLine {
  readonly source: string
  readonly line: Buffer
  /** What it is called when it does not say so itself. */
  readonly eventId?: string
  /** When it first came, where it has been with others since. Never what a source says. Default: now. */
  readonly receivedAt?: number
}

export type Outcome =
  | { readonly outcome: 'stored'; readonly eventId: string; readonly position: string }
  | { readonly outcome: 'duplicate'; readonly eventId: string }
  /** Kept with its reason under this id. */
  | {
      readonly outcome: 'quarantined'
      readonly eventId: string | null
      readonly fault: Fault
      readonly id: string
    }

export interface Replayed {
  readonly id: string
  /** `without_payload`: only who sent it can send it again. */
  readonly outcome: 'stored' | 'duplicate' | 'quarantined' | 'without_payload'
  readonly fault: Fault | null
}

export interface FlowOptions extends FlowParts {
  readonly quarantine: Pick<QuarantineStore, 'put' | 'read' | 'settle'>
  readonly seal: PayloadSeal
  readonly counters: FlowCounters
  /** Of one event. */
  readonly mostBytes: number
  /** How long quarantine keeps a payload, in milliseconds. */
  readonly keepMs: number
}

export function createFlow(options: FlowOptions): Flow {
  return {
    async take(lines) {
      const receivedAt = options.clock()
      return takeLines(
        lines.map((sent) => ({ receivedAt, ...sent })),
        options,
      )
    },
    replay: (ids) => replay(ids, options),
    tryNeighbours: () => tryNeighbours(options),
    giveUp: (sent) => giveUp({ receivedAt: options.clock(), ...sent }, options),
  }
}

type Arrived = SentLine & { readonly receivedAt: number }

/**
 * Whatever a neighbour refuses for what a line says must not keep the others of its batch from being taken, nor come again for
 * ever: the lines are halved until it stands alone, and then it is kept without a word of it. What was stored meanwhile is not
 * stored twice.
 */
async function takeLines(lines: readonly Arrived[], options: FlowOptions): Promise<readonly Outcome[]> {
  const origins = lines.map((sent) => originOf(sent, options))
  const read = lines.map((sent) => readLine(sent, options.mostBytes))
  try {
    return await run(read, origins, options)
  } catch (error) {
    if (!isAboutTheData(error)) throw error
    if (lines.length === 1) return run([faultOf('EVENT_NOT_STORABLE', 'store')], origins, options)
    const half = Math.ceil(lines.length / 2)
    const first = await takeLines(lines.slice(0, half), options)
    return [...first, ...(await takeLines(lines.slice(half), options))]
  }
}

/**
 * With its payload, if all but the store can judge it and consent allows that; else its envelope; else no word of it. What a
 * neighbour that is away could still say is waited for: it comes again, and less is kept only of what is to blame itself.
 */
async function giveUp(sent: Arrived, options: FlowOptions): Promise<Outcome> {
  const read = readLine(sent, options.mostBytes)
  const unjudged = faultOf('EVENT_NOT_JUDGED', 'store')
  const ways: readonly (readonly [Step<Envelope>, PassEvents])[] = [
    [read, passUnstored],
    [read, async (steps) => ({ steps: onward(steps, () => unjudged), receipts: new Map(), contracted: [] })],
    [unjudged, passEvents],
  ]
  let cause: unknown
  for (const [step, pass] of ways) {
    // oxlint-disable no-await-in-loop -- one way after the other
    await tryNeighbours(options)
    try {
      const [outcome] = await run([step], [originOf(sent, options)], options, pass)
      if (outcome !== undefined) return outcome
    } catch (error) {
      cause = error
    }
    // oxlint-enable no-await-in-loop
  }
  throw cause
}

/** Where an event is from, in case it fails. */
interface Origin {
  readonly source: string
  readonly bytes: number
  readonly digest: () => string
}

const originOf = ({ source, line }: SentLine, { seal }: Pick<FlowOptions, 'seal'>): Origin => ({
  source,
  bytes: line.length,
  digest: () => seal.digest(source, line),
})

type PassEvents = typeof passEvents

async function run(
  envelopes: readonly Step<Envelope>[],
  origins: readonly Origin[],
  options: FlowOptions,
  pass: PassEvents = passEvents,
): Promise<readonly Outcome[]> {
  const done = await pass(envelopes, options)
  const ids = await keepFailed({ envelopes, origins, done }, options)
  count({ ...done, envelopes }, options)
  for (const { contract } of valuesOf(done.contracted))
    if (contract.isDeprecated) options.counters.deprecated(contract.type, contract.version)
  return done.steps.map((step, at): Outcome => {
    const envelope = valueOf(envelopes[at])
    const eventId = envelope?.eventId ?? null
    if (step.isFault) return { outcome: 'quarantined', eventId, fault: step.fault, id: ids.get(at) ?? '' }
    return { ...step.value, eventId: eventId ?? '' }
  })
}

const valueOf = <T>(step: Step<T> | undefined): T | null =>
  step === undefined || step.isFault ? null : step.value

interface Run {
  readonly envelopes: readonly Step<Envelope>[]
  readonly origins: readonly Origin[]
  readonly done: PassedEvents
}

/** Answers under which id each is kept, by its place. */
async function keepFailed(
  { envelopes, origins, done }: Run,
  { quarantine, seal, keepMs, clock, whoIs }: FlowOptions,
): Promise<ReadonlyMap<number, string>> {
  const failed = failedOf(done.steps)
  if (failed.length === 0) return new Map()
  const now = clock()
  // Identifiers are gone before anything is written.
  const read = failed.flatMap(({ at }) => valueOf(envelopes[at]) ?? [])
  const people = await tokenise(
    read.map(({ person }) => person),
    whoIs,
  )
  const named = new Map(read.map((envelope, index) => [envelope, people[index] ?? envelope.person]))
  const known = await knownOf(people, whoIs)
  const kept = failed.map(({ at, fault }) => {
    const { source = '', bytes = 0, digest = () => '' } = origins[at] ?? {}
    const envelope = valueOf(envelopes[at])
    const person = envelope && named.get(envelope)
    const entry = toFailedEvent(
      {
        fault,
        digest: digest(),
        bytes,
        source,
        envelope: envelope && person ? { ...envelope, person } : null,
        isKnown: isOneOf(known, person),
        contract: valueOf(done.contracted[at])?.contract ?? null,
        basis: basisOf(envelope, done.receipts),
      },
      { seal, now, keepMs },
    )
    return { at, entry }
  })
  await quarantine.put(
    kept.map(({ entry }) => entry),
    now,
  )
  return new Map(kept.map(({ at, entry }) => [at, entry.id]))
}

/** Undefined: there is none, or it is not understood. */
const basisOf = (envelope: Envelope | null, receipts: PassedEvents['receipts']): Basis | undefined =>
  (envelope?.consentId == null ? null : receipts.get(envelope.consentId)) ?? undefined

const isOneOf = (known: ReadonlySet<string>, person: Person | null | undefined): boolean =>
  person != null && 'pid' in person && known.has(person.pid)

/** Those of the pids under which somebody is known here. */
function knownOf(people: readonly Person[], whoIs: WhoIs): Promise<ReadonlySet<string>> {
  const pids = people.flatMap((person) => ('pid' in person ? [person.pid] : []))
  return whoIs.known([...new Set(pids)])
}

function count(
  { steps, envelopes }: Pick<PassedEvents, 'steps'> & Pick<Run, 'envelopes'>,
  { counters, contracts, clock }: Pick<FlowOptions, 'counters' | 'contracts' | 'clock'>,
): void {
  const now = clock()
  for (const [at, step] of steps.entries()) {
    const named = valueOf(envelopes[at])?.type ?? null
    // What nobody agreed on is no label; what does not fit its contract is counted under its type.
    const type = named === null || contracts.find(named, null, now) === 'unknown_type' ? null : named
    counters.count(type, step.isFault ? step.fault.code : step.value.outcome)
  }
}

/** By the same way as when it first came; the pid of the entry is the one used now. */
async function replay(ids: readonly string[], options: FlowOptions): Promise<readonly Replayed[]> {
  const { quarantine, seal, clock } = options
  const entries = (await quarantine.read(ids, clock())).filter(({ state }) => state === 'waiting')
  const opened = entries.map((entry) => {
    const envelope = entry.sealed === null ? null : seal.open(entry.id, entry.sealed)
    const { pid } = entry.envelope
    const person = pid === null ? envelope?.person : { pid }
    return { entry, envelope: envelope && person ? { ...envelope, person } : null }
  })
  const whole = opened.flatMap(({ entry, envelope }) => (envelope === null ? [] : [{ entry, envelope }]))
  const outcomes = await replayOpened(whole, options)
  const settled = whole.flatMap(({ entry }, at) =>
    outcomes[at]?.outcome === 'quarantined' ? [] : [entry.id],
  )
  if (settled.length > 0) await quarantine.settle(settled, 'replayed', clock())
  const byId = new Map(whole.map(({ entry }, at) => [entry.id, outcomes[at]]))
  return opened.map(({ entry: { id } }): Replayed => {
    const outcome = byId.get(id)
    if (outcome === undefined) return { id, outcome: 'without_payload', fault: null }
    return { id, outcome: outcome.outcome, fault: outcome.outcome === 'quarantined' ? outcome.fault : null }
  })
}

interface OpenedEntry {
  readonly entry: KeptPayload
  readonly envelope: Envelope
}

/** What could not be judged may still not be: it is tried alone, behind the others, and keeps none of them back. */
async function replayOpened(
  opened: readonly OpenedEntry[],
  options: FlowOptions,
): Promise<readonly Outcome[]> {
  const [others, doubtful] = [
    opened.filter(({ entry }) => entry.code !== 'EVENT_NOT_JUDGED'),
    opened.filter(({ entry }) => entry.code === 'EVENT_NOT_JUDGED'),
  ]
  const outcomes = new Map<OpenedEntry, Outcome | undefined>()
  for (const [at, outcome] of (await runOpened(others, options)).entries())
    outcomes.set(others[at] as OpenedEntry, outcome)
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const one of doubtful) outcomes.set(one, await replayDoubtful(one, options))
  return opened.flatMap((one) => outcomes.get(one) ?? [])
}

const runOpened = (opened: readonly OpenedEntry[], options: FlowOptions): Promise<readonly Outcome[]> =>
  run(
    opened.map(({ envelope }) => passed(envelope)),
    opened.map(({ entry: { source, bytes, digest } }) => ({ source, bytes, digest: () => digest })),
    options,
  )

async function replayDoubtful(one: OpenedEntry, options: FlowOptions): Promise<Outcome | undefined> {
  try {
    return (await runOpened([one], options))[0]
  } catch (error) {
    if (error instanceof ConsentNotCurrent) throw error
    await tryNeighbours(options)
    // It stays where it is, as it is.
    const { id, code, stage, place } = one.entry
    return {
      outcome: 'quarantined',
      eventId: one.envelope.eventId,
      fault: { code, stage, place },
      id,
    }
  }
}
