import { setImmediate } from 'node:timers/promises'
import type { Flow, Outcome, SentLine } from '../flow.ts'

/** What stands between the entrances and the flow: a queue that is never longer than it may be. */
export interface Intake {
  /** What came of each, in order, when it is committed. Null: the queue is full. */
  submit(lines: readonly SentLine[]): Promise<readonly Outcome[]> | null
  /** What waits and what is under way, in events. */
  waiting(): number
  /** Takes no more, and resolves when what was taken is through. */
  close(): Promise<void>
}

export interface IntakeOptions {
  readonly flow: Pick<Flow, 'take'>
  /** Events that may wait. */
  readonly mostWaiting: number
  /** Events that go through the flow together. */
  readonly together: number
}

interface Job {
  readonly lines: readonly SentLine[]
  readonly done: (outcomes: readonly Outcome[]) => void
  readonly failed: (error: unknown) => void
}

/**
 * One pass at a time, of as much as has come meanwhile: the busier it is, the more events share the cost of a pass. So there
 * is no timer, and a single event waits for nobody.
 */
export function createIntake({ flow, mostWaiting, together }: IntakeOptions): Intake {
  const jobs: Job[] = []
  let [waiting, isClosed] = [0, false]
  let running: Promise<void> | null = null

  const pass = async (): Promise<void> => {
    const some = takeSome(jobs, together)
    const lines = some.flatMap((job) => job.lines)
    try {
      const outcomes = await flow.take(lines)
      let next = 0
      for (const { lines: own, done } of some) done(outcomes.slice(next, (next += own.length)))
    } catch (error) {
      for (const { failed } of some) failed(error)
    } finally {
      waiting -= lines.length
    }
  }
  const run = async (): Promise<void> => {
    while (jobs.length > 0) {
      // oxlint-disable-next-line no-await-in-loop -- one pass after the other
      await pass()
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
      const parts = partsOf(lines, together).map(
        (part) =>
          new Promise<readonly Outcome[]>((done, failed) => {
            jobs.push({ lines: part, done, failed })
          }),
      )
      running ??= Promise.resolve().then(run)
      return Promise.all(parts).then((outcomes) => outcomes.flat())
    },
    waiting: () => waiting,
    async close() {
      isClosed = true
      await running
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
