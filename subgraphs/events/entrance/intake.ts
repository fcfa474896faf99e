import { setImmediate } from 'node:timers/promises'
import { ConsentNotCurrent } from '../event-store.ts'
import type { Flow, Outcome, SentLine } from '../flow.ts'

/** What stands between the entrances and the flow: a queue that is never longer than it may be. */
export interface Intake {
  /**
   * What came of each, in order, when it is committed. Null: the queue is full. Throws when not one of them could be judged:
   * then the same is sent again as a whole.
   */
  submit(lines: readonly SentLine[]): Promise<readonly Answered[]> | null
  /** What waits and what is under way, in events. */
  waiting(): number
  /** Whether something does, or did a moment ago: who sends batch after batch has none waiting in between. */
  isBusy(): boolean
  /** Takes no more, and resolves when what was taken is through. */
  close(): Promise<void>
}

/** `unjudged`: nothing was kept of it, in no place; who sent it sends it again. */
export type Answered = Outcome | { readonly outcome: 'unjudged'; readonly error: unknown }

export interface IntakeOptions {
  readonly flow: Pick<Flow, 'take'>
  /** Events that may wait. */
  readonly mostWaiting: number
  /** Events that go through the flow together, at most. */
  readonly together: number
  /**
   * Resolves when consent is known to be current, or after a while. A batch waits for that in the queue: sent back it would
   * come again as a whole, and the more of them come again, the less gets through. Default: at once.
   */
  readonly untilCurrent?: () => Promise<void>
}

/** What waits as one. */
interface Job {
  readonly lines: readonly SentLine[]
  /** By the place of its line, until there is one for each. */
  readonly answer: (at: number, answered: Answered) => void
}

/** One line of a job. */
interface Waiting {
  readonly job: Job
  readonly at: number
}

/** Batches are cut into jobs of so many events. */
const JOB_EVENTS = 100
const BUSY_MS = 250
/** A lease that runs out while a pass is under way does not send the pass back at once. */
const ATTEMPTS = 3

/**
 * One pass at a time, of as much as has come meanwhile: the busier it is, the more events share the cost of a pass. So there
 * is no timer, and a single event waits for nobody.
 */
export function createIntake(options: IntakeOptions): Intake {
  const { mostWaiting, together } = options
  const jobs: Job[] = []
  const pace = createPace(together)
  let [waiting, isClosed] = [0, false]
  let running: Promise<void> | null = null
  let busyUntil = 0

  const run = async (): Promise<void> => {
    while (jobs.length > 0) {
      const some = takeSome(jobs, pace.size())
      const since = performance.now()
      // oxlint-disable-next-line no-await-in-loop -- one pass after the other
      await settle(some, options)
      const events = some.reduce((sum, { lines }) => sum + lines.length, 0)
      pace.took(events, performance.now() - since)
      waiting -= events
      busyUntil = performance.now() + BUSY_MS
      // The embedded database never lets go of the thread by itself, and what comes over the wire has to be read meanwhile.
      // oxlint-disable-next-line no-await-in-loop
      await setImmediate()
    }
    running = null
  }

  return {
    submit(lines) {
      if (lines.length === 0) return Promise.resolve([])
      // A batch is always taken by an empty queue, however large it is.
      if (isClosed || (waiting > 0 && waiting + lines.length > mostWaiting)) return null
      waiting += lines.length
      const parts = partsOf(lines, Math.min(JOB_EVENTS, together)).map(
        (part) => new Promise<readonly Answered[]>((done) => jobs.push(jobOf(part, done))),
      )
      running ??= Promise.resolve().then(run)
      return Promise.all(parts).then((answered) => unlessNone(answered.flat()))
    },
    waiting: () => waiting,
    isBusy: () => waiting > 0 || performance.now() < busyUntil,
    async close() {
      isClosed = true
      await running
    },
  }
}

function jobOf(lines: readonly SentLine[], done: (answered: readonly Answered[]) => void): Job {
  const all: Answered[] = []
  let left = lines.length
  return {
    lines,
    answer(at, answered) {
      all[at] = answered
      left -= 1
      if (left === 0) done(all)
    },
  }
}

/** Where nothing was judged there is nothing to tell of each. */
function unlessNone(answered: readonly Answered[]): readonly Answered[] {
  const [first] = answered
  if (first?.outcome === 'unjudged' && answered.every(({ outcome }) => outcome === 'unjudged'))
    throw first.error
  return answered
}

/**
 * Never throws: whoever waits for a line is told. What one line cannot be judged for keeps no other from being taken, of its own
 * batch or of another one: lines that fail together are halved until those stand alone that fail alone, in the order they came.
 * Where so many passes in a row fail that it is not about them, a neighbour is away, and the rest is given back.
 */
async function settle(jobs: readonly Job[], options: IntakeOptions): Promise<void> {
  const all = jobs.flatMap((job) => job.lines.map((_, at): Waiting => ({ job, at })))
  const most = failuresInARow(all.length)
  const waiting: (readonly Waiting[])[] = [all]
  let failures = 0
  for (let some = waiting.pop(); some !== undefined; some = waiting.pop())
    try {
      // oxlint-disable-next-line no-await-in-loop -- one pass after the other
      const outcomes = await takePatiently(some, options)
      for (const [place, { job, at }] of some.entries()) job.answer(at, outcomes[place] ?? UNTOLD)
      failures = 0
    } catch (error) {
      failures += 1
      const isAboutAll = error instanceof ConsentNotCurrent || failures === most
      if (some.length > 1 && !isAboutAll) {
        const half = Math.ceil(some.length / 2)
        waiting.push(some.slice(half), some.slice(0, half))
        continue
      }
      const givenBack = isAboutAll ? [some, ...waiting.splice(0)].flat() : some
      for (const { job, at } of givenBack) job.answer(at, { outcome: 'unjudged', error })
    }
}

const UNTOLD: Answered = { outcome: 'unjudged', error: new Error('Nothing was told of a line.') }

/** As many as it takes to halve all of them down to one, and then a few more: others that are bad may follow upon it. */
const failuresInARow = (lines: number): number => Math.ceil(Math.log2(lines)) + 1 + MORE_FAILURES
const MORE_FAILURES = 8

async function takePatiently(
  waiting: readonly Waiting[],
  { flow, untilCurrent = async () => {} }: IntakeOptions,
): Promise<readonly Outcome[]> {
  const lines = waiting.flatMap(({ job, at }) => job.lines[at] ?? [])
  for (let attempt = 1; ; attempt += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
      await untilCurrent()
      // oxlint-disable-next-line no-await-in-loop
      return await flow.take(lines)
    } catch (error) {
      if (!(error instanceof ConsentNotCurrent) || attempt === ATTEMPTS) throw error
    }
  }
}

/** Whoever else needs the database, and the lease on consent before all, waits behind a pass: for about so long. */
const PASS_MS = 80
/** Fewer share the cost of a pass too badly. */
const LEAST_TOGETHER = 500

/** How many events go through together: as many as take that long, as far as the last passes tell. */
function createPace(most: number): { size(): number; took(events: number, ms: number): void } {
  const least = Math.min(LEAST_TOGETHER, most)
  let size = least
  return {
    size: () => size,
    took(events, ms) {
      // What a few events take says nothing about many.
      if (events < size / 2) return
      const fits = Math.round((events * PASS_MS) / Math.max(ms, 1))
      size = Math.min(Math.max(Math.round((size + fits) / 2), least), most)
    },
  }
}

/** Whole jobs, at least one, as many as fit. */
function takeSome(jobs: Job[], together: number): readonly Job[] {
  let [count, lines] = [0, 0]
  for (const job of jobs) {
    if (count > 0 && lines + job.lines.length > together) break
    count += 1
    lines += job.lines.length
  }
  return jobs.splice(0, count)
}

function partsOf(lines: readonly SentLine[], size: number): readonly (readonly SentLine[])[] {
  return Array.from({ length: Math.ceil(lines.length / size) }, (_, part) =>
    lines.slice(part * size, (part + 1) * size),
  )
}
