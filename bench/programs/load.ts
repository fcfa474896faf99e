// A closed loop: so many connections, each with one request on its way. Told what to do by its parent, one job at a time.
import { connect, type Socket } from 'node:net'
import { readMessage } from '../http-message.ts'
import { useOfTree } from '../process-tree.ts'

export interface LoadJob {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly concurrency: number
  readonly warmSeconds: number
  /** Warming lasts until so many answers, too, though not for ever: a busy machine is slow to warm. */
  readonly warmRequests: number
  readonly seconds: number
  /** The process whose CPU is read when the measurement begins and ends. */
  readonly pid: number
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly cpuMs: number
  readonly rssMiB: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** The body of one answer; `different` counts the answers that had other bytes. */
  readonly answer: string
  readonly different: number
  /** Connections that the gateway closed in the middle. */
  readonly closed: number
}

export type LoadReport = { readonly at: 'begun' } | { readonly at: 'ended'; readonly result: LoadResult }

const report = (message: LoadReport): void => void process.send?.(message)

const run = async (job: LoadJob): Promise<void> => {
  const loop = openLoop(job)
  await sleep(job.warmSeconds)
  for (let more = 0; more < MOST_WARMING && loop.count() < job.warmRequests; more += 1) await sleep(1)
  const before = useOfTree(job.pid)
  const begun = performance.now()
  loop.begin()
  report({ at: 'begun' })
  await sleep(job.seconds)
  for (let more = 0; more < MOST_MORE && loop.count() < FEWEST; more += 1) await sleep(1)
  const after = useOfTree(job.pid)
  const measured = loop.end()
  const seconds = (performance.now() - begun) / 1000
  report({
    at: 'ended',
    result: { ...measured, seconds, cpuMs: after.cpuMs - before.cpuMs, rssMiB: after.rssMiB },
  })
}

/** A measurement lasts until so many answers, though not for ever: fewer say nothing. */
const FEWEST = 100

/** Seconds beyond `seconds`. */
const MOST_MORE = 15

/** Seconds beyond `warmSeconds`. */
const MOST_WARMING = 10

const sleep = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000))

interface Loop {
  /** Answers so far. */
  count(): number
  begin(): void
  end(): Pick<LoadResult, 'requests' | 'p50Ms' | 'p99Ms' | 'answer' | 'different' | 'closed'>
}

const openLoop = ({ url, body, headers, concurrency }: LoadJob): Loop => {
  const { hostname, port, pathname } = new URL(url)
  const request = requestBytes(pathname, `${hostname}:${port}`, headers, body)
  let latencies: number[] = []
  let answer: Buffer | undefined
  let different = 0
  let closed = 0
  let ended = false
  const onAnswer = (received: Buffer, ms: number): boolean => {
    latencies.push(ms)
    answer ??= Buffer.from(received)
    if (!answer.equals(received)) different += 1
    return !ended
  }
  for (let at = 0; at < concurrency; at += 1) {
    const socket = connect(Number(port), hostname)
    socket.once('close', () => {
      if (!ended) closed += 1
    })
    keepAsking(socket, request, onAnswer)
  }
  return {
    count: () => latencies.length,
    begin() {
      latencies = []
    },
    end() {
      ended = true
      const sorted = Float64Array.from(latencies).toSorted()
      const atShare = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
      const requests = sorted.length
      return {
        requests,
        p50Ms: atShare(0.5),
        p99Ms: atShare(0.99),
        answer: answer?.toString() ?? '',
        different,
        closed,
      }
    },
  }
}

const requestBytes = (
  path: string,
  host: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Buffer => {
  const all = {
    host,
    'content-type': 'application/json',
    accept: 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

const keepAsking = (
  socket: Socket,
  request: Buffer,
  onAnswer: (body: Buffer, ms: number) => boolean,
): void => {
  let chunks: Buffer[] = []
  let sentAt = performance.now()
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('connect', () => socket.write(request))
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    const message = readMessage(chunks.length === 1 ? chunk : Buffer.concat(chunks))
    if (message === undefined) return
    chunks = []
    const now = performance.now()
    if (!onAnswer(message.body, now - sentAt)) {
      socket.destroy()
      return
    }
    sentAt = now
    socket.write(request)
  })
}

process.on('message', (job) => void run(job as LoadJob))
process.on('disconnect', () => process.exit())
