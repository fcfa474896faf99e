import { write, writeSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AssentError } from '../errors.ts'
import type { DecisionLog, DecisionRecords } from '../ports.ts'

export interface DecisionLogFileOptions {
  readonly file: string
  /** `required`: a write is done when the system took it. `best-effort`: it is done at once, losses are counted. */
  readonly policy: 'required' | 'best-effort'
  /** Characters that may wait to be written; under `best-effort` more are lost, under `required` the request waits its turn. */
  readonly maxPending?: number
}

/** Where whole lines go. A port of this file only, so that a failing disk can be played in a test. */
export interface LineSink {
  append(text: string): Promise<void>
  close(): Promise<void>
}

export interface DecisionLogFile extends DecisionLog {
  /** Records lost under `best-effort` since the start. */
  readonly lost: () => number
  close(): Promise<void>
}

/** Appends decision records as JSON Lines. */
export const openDecisionLogFile = async (options: DecisionLogFileOptions): Promise<DecisionLogFile> => {
  try {
    await mkdir(dirname(options.file), { recursive: true })
    const handle = await open(options.file, 'a+', 0o600)
    await endLastLine(handle)
    const isFile = (await handle.stat()).isFile()
    return createDecisionLog(fileSink(handle, isFile), options)
  } catch (cause) {
    throw new AssentError('DECISION_LOG_UNWRITABLE', 'decisionLog.file', { cause })
  }
}

/** A process that was killed may have left half a line, which would spoil the next one. */
const endLastLine = async (handle: FileHandle): Promise<void> => {
  const { size } = await handle.stat()
  if (size === 0) return
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  if (bytesRead === 1 && buffer.toString() !== '\n') await handle.appendFile('\n')
}

/**
 * A few lines go to the system's memory in less time than it takes to hand them to another thread, so they are written
 * here and now; a disk that has once been slow is written to aside, where it holds up nobody else, until it is quick again.
 */
const fileSink = (handle: FileHandle, isFile: boolean): LineSink => {
  // One is written at a time, so its bytes have one place: a new one each time would have to be collected.
  const room = Buffer.allocUnsafeSlow(MOST_AT_ONCE)
  let isSlow = !isFile
  return {
    async append(text) {
      const fits = text.length * MOST_BYTES <= MOST_AT_ONCE
      const bytes = fits ? room : Buffer.from(text)
      const length = fits ? room.write(text) : bytes.length
      const start = performance.now()
      const aside = isSlow || length > MOST_AT_ONCE
      for (let at = 0; at < length;)
        // eslint-disable-next-line no-await-in-loop -- the rest of one text
        at += aside
          ? await writeAside(handle.fd, bytes.subarray(at, length))
          : writeSync(handle.fd, bytes, at, length - at)
      isSlow = !isFile || performance.now() - start > SLOW_MS
    },
    close: () => handle.close(),
  }
}

/** What a request may at most be kept waiting for another one's records. */
const SLOW_MS = 5
const MOST_AT_ONCE = 262_144

/** Of one character in UTF-8. */
const MOST_BYTES = 3

const writeAside = (file: number, bytes: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => {
    write(file, bytes, (problem, written) => (problem === null ? resolve(written) : reject(problem)))
  })

interface Batch {
  text: string
  records: number
  readonly done: PromiseWithResolvers
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (problem: AssentError) => void
}

/** One writer: while one batch is being written the next one gathers, so that a slow disk makes larger batches, not more of them. */
export const createDecisionLog = (
  sink: LineSink,
  { policy, maxPending = 16_777_216 }: Pick<DecisionLogFileOptions, 'policy' | 'maxPending'>,
): DecisionLogFile => {
  let gathering: Batch | undefined
  let writing: Promise<void> | undefined
  let torn = false
  let lost = 0

  const drain = async (): Promise<void> => {
    // What is decided in the same turn is written at once.
    await new Promise(setImmediate)
    for (let batch = takeBatch(); batch !== undefined; batch = takeBatch()) {
      try {
        // After a failure the last line may be cut short; a line break keeps the next one whole.
        await sink.append(torn ? `\n${batch.text}` : batch.text)
        torn = false
        batch.done.resolve()
      } catch (cause) {
        torn = true
        lost += batch.records
        batch.done.reject(new AssentError('DECISION_LOG_UNWRITABLE', 'decisionLog.file', { cause }))
      }
    }
    writing = undefined
  }
  const takeBatch = (): Batch | undefined => {
    const batch = gathering
    gathering = undefined
    return batch
  }
  const gather = (records: DecisionRecords): Promise<void> => {
    gathering ??= { text: '', records: 0, done: promiseWithResolvers() }
    const { done } = gathering
    gathering.text += records.lines()
    gathering.records += records.length
    writing ??= drain()
    return done.promise
  }

  return {
    async write(records) {
      if (records.length === 0) return
      if (policy === 'required') return gather(records)
      if ((gathering?.text.length ?? 0) > maxPending) lost += records.length
      else gather(records).catch(() => undefined)
    },
    lost: () => lost,
    async close() {
      await writing
      await sink.close()
    },
  }
}

const promiseWithResolvers = (): PromiseWithResolvers => {
  let resolve!: () => void
  let reject!: (problem: AssentError) => void
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
