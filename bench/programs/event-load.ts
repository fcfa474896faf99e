// Sends batches of events: as many a second as it is told, or as fast as they are taken. Told what to do by its parent.
import { Agent, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { useOfTree } from '../process-tree.ts'

export interface EventLoadJob {
  readonly url: string
  readonly token: string
  /** Who consented, and by which receipt. */
  readonly givers: readonly Giver[]
  /** Each batch of so many. */
  readonly perBatch: number
  /** Events a second; null: the next batch when one is answered. */
  readonly perSecond: number | null
  /** Batches on their way at once, at most. */
  readonly concurrency: number
  readonly seconds: number
  /** Of so many events one was sent before, and one names its person by an address. */
  readonly oneInRepeated: number
  readonly oneByAddress: number
  readonly prefix: string
  /** The process whose CPU and memory are read. */
  readonly pid: number
}

export interface Giver {
  readonly pid: string
  readonly consentId: string
  readonly email: string | null
}

export interface EventLoadResult {
  readonly sent: number
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
  /** Batches that were asked to come again. */
  readonly turnedAway: number
  readonly failed: number
  readonly seconds: number
  readonly cpuMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of the process and all it has started, a look a second. */
  readonly rssMiB: readonly number[]
}

const run = async (job: EventLoadJob): Promise<void> => {
  const tally = new Tally()
  const agent = new Agent({ keepAlive: true, maxSockets: job.concurrency })
  const before = useOfTree(job.pid)
  const rssMiB = [before.rssMiB]
  const looks = setInterval(() => rssMiB.push(useOfTree(job.pid).rssMiB), 1_000)
  const begun = performance.now()
  await Promise.all(Array.from({ length: job.concurrency }, () => keepSending(job, { agent, begun, tally })))
  const seconds = (performance.now() - begun) / 1_000
  clearInterval(looks)
  agent.destroy()
  const after = useOfTree(job.pid)
  rssMiB.push(after.rssMiB)
  process.send?.({
    ...tally.result(),
    seconds,
    cpuMs: after.cpuMs - before.cpuMs,
    rssMiB,
  } satisfies EventLoadResult)
}

interface Sending {
  readonly agent: Agent
  readonly begun: number
  readonly tally: Tally
}

const keepSending = async (job: EventLoadJob, { agent, begun, tally }: Sending): Promise<void> => {
  const isOver = (): boolean => performance.now() - begun >= job.seconds * 1_000
  // oxlint-disable no-await-in-loop -- one batch after the other
  while (!isOver()) {
    const at = tally.next()
    const due = job.perSecond === null ? 0 : begun + (at * job.perBatch * 1_000) / job.perSecond
    await sleep(due - performance.now())
    if (isOver()) return
    const body = batch(job, at)
    // From when it was due: who waits in line waits, too.
    const since = Math.max(due, job.perSecond === null ? performance.now() : due)
    for (;;) {
      const answer = await post(job, agent, body)
      if (tally.take(answer, { events: job.perBatch, ms: performance.now() - since })) break
      if (isOver()) return
      await sleep(TURNED_AWAY_MS)
    }
  }
  // oxlint-enable no-await-in-loop
}

const TURNED_AWAY_MS = 250

const sleep = (ms: number): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise((done) => setTimeout(done, ms))

/** What is sent again is the same again. */
const REPEATED_AT = new Date(Date.now() - 2_000).toISOString()

const SKUS = ['KIT-001', 'KIT-002', 'GRD-014', 'TOY-120', 'BKS-441']

const batch = (
  { givers, perBatch, oneInRepeated, oneByAddress, prefix }: EventLoadJob,
  at: number,
): Buffer => {
  const now = new Date(Date.now() - 2_000).toISOString()
  const lines = Array.from({ length: perBatch }, (_, index) => {
    const number = at * perBatch + index
    const isRepeated = number > 0 && number % oneInRepeated === 0
    const giver = isRepeated ? givers[0] : givers[(number * 7919) % givers.length]
    const { pid, consentId, email } = giver ?? NOBODY
    const isByAddress = !isRepeated && email !== null && number % oneByAddress === 0
    const who = isByAddress ? { person: { email } } : { pid }
    const data = { sku: isRepeated ? SKUS[0] : SKUS[number % SKUS.length] }
    const occurredAt = isRepeated ? REPEATED_AT : now
    const eventId = isRepeated ? `${prefix}-0-again` : `${prefix}-${number}`
    return JSON.stringify({ eventId, type: 'page_view', version: 1, occurredAt, ...who, consentId, data })
  })
  return gzipSync(lines.join('\n'), { level: 1 })
}

const NOBODY: Giver = { pid: '', consentId: '', email: null }

interface Answer {
  readonly status: number
  readonly body: string
}

const post = ({ url, token }: EventLoadJob, agent: Agent, body: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'content-length': body.length,
    }
    const sending = request(url, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    sending.on('error', reject)
    sending.end(body)
  })

class Tally {
  readonly #latencies: number[] = []
  #batches = 0
  #sent = 0
  #turnedAway = 0
  #failed = 0
  readonly #counts: Record<string, number> = { stored: 0, duplicate: 0, quarantined: 0 }

  /** The number of the next batch. */
  next(): number {
    return this.#batches++
  }

  /** False: it is sent again. */
  take({ status, body }: Answer, { events, ms }: { readonly events: number; readonly ms: number }): boolean {
    if (status === 429 || status === 503) {
      this.#turnedAway += 1
      return false
    }
    this.#latencies.push(ms)
    this.#sent += events
    if (status !== 200) this.#failed += 1
    // The counts stand in front of the lines, so not all of them are parsed here beside what is measured.
    for (const [, outcome = '', count] of body
      .slice(0, 100)
      .matchAll(/"(stored|duplicate|quarantined)":(\d+)/g))
      this.#counts[outcome] = (this.#counts[outcome] ?? 0) + Number(count)
    return true
  }

  result(): Omit<EventLoadResult, 'seconds' | 'cpuMs' | 'rssMiB'> {
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
    const { stored = 0, duplicate = 0, quarantined = 0 } = this.#counts
    const counts = { stored, duplicate, quarantined, turnedAway: this.#turnedAway, failed: this.#failed }
    return { sent: this.#sent, ...counts, p50Ms: at(0.5), p99Ms: at(0.99) }
  }
}

process.on('message', (job) => void run(job as EventLoadJob))
process.on('disconnect', () => process.exit())
