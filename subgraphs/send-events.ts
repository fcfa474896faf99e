import type { FastifyInstance, FastifyReply } from 'fastify'

export interface StreamEvent {
  readonly event: string
  /** Where to go on from after a break; sent as the event's id. */
  readonly id?: string
  readonly data: unknown
}

/** Events from the position named in `input` on, until the signal is aborted. */
export type EventStream = (input: unknown, signal: AbortSignal) => AsyncIterable<StreamEvent>

/** Sends streams as Server-Sent Events, each until its listener leaves or the app closes. */
export function createEventSender(
  app: FastifyInstance,
): (reply: FastifyReply, events: EventStream, input: unknown) => Promise<void> {
  const open = new Set<AbortController>()
  app.addHook('preClose', async () => {
    for (const leave of open) leave.abort()
  })
  return async (reply, events, input) => {
    const leave = new AbortController()
    open.add(leave)
    reply.hijack()
    reply.raw.on('close', () => leave.abort())
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    try {
      for await (const event of events(input, leave.signal)) await send(reply.raw, event, leave.signal)
    } catch {
      reply.raw.write('event: failed\ndata: {}\n\n')
    } finally {
      open.delete(leave)
      reply.raw.end()
    }
  }
}

async function send(
  out: NodeJS.WritableStream,
  { event, id, data }: StreamEvent,
  signal: AbortSignal,
): Promise<void> {
  const head = id === undefined ? '' : `id: ${id}\n`
  const isTaken = out.write(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  if (!isTaken) await drained(out, signal)
}

async function drained(out: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      out.off('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    out.once('drain', done)
    signal.addEventListener('abort', done, { once: true })
  })
}
