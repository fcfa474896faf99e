import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way between two processes on which messages can be held up, in one direction or in both, or lost with their connection. */
export interface TcpProxy {
  readonly port: number
  hold(directions: readonly Direction[]): void
  letGo(): void
  /** Every connection there is breaks off. */
  reset(): void
  /** When the request that comes from this port of ours arrived here: what is held up here has left already. */
  arrivedAt(port: number): number | undefined
  close(): Promise<void>
}

type Direction = 'there' | 'back'

interface Line {
  readonly client: Socket
  readonly upstream: Socket
  readonly held: Record<Direction, Buffer[]>
  arrivedAt: number
  isAnswered: boolean
}

export interface TcpProxyOptions {
  /** The port that a new connection goes to; null: there is nobody. */
  readonly target: () => number | null
  readonly stamp: () => number
}

export const openTcpProxy = async ({ target, stamp }: TcpProxyOptions): Promise<TcpProxy> => {
  const lines = new Set<Line>()
  const byPort = new Map<number, Line>()
  const isHeld: Record<Direction, boolean> = { there: false, back: false }
  const pass = (line: Line, direction: Direction, bytes: Buffer): void => {
    if (isHeld[direction]) line.held[direction].push(bytes)
    else (direction === 'there' ? line.upstream : line.client).write(bytes)
  }
  const server = createServer((client) => {
    const port = target()
    if (port === null) return void client.destroy()
    const upstream = connect(port, '127.0.0.1')
    const line: Line = {
      client,
      upstream,
      held: { there: [], back: [] },
      arrivedAt: 0,
      isAnswered: true,
    }
    lines.add(line)
    upstream.once('connect', () => byPort.set(upstream.localPort ?? 0, line))
    client.on('data', (bytes: Buffer) => {
      // The first bytes behind an answer are those of the next request.
      if (line.isAnswered) line.arrivedAt = stamp()
      line.isAnswered = false
      pass(line, 'there', bytes)
    })
    upstream.on('data', (bytes: Buffer) => {
      line.isAnswered = true
      pass(line, 'back', bytes)
    })
    // Who is gone may have left something on the way.
    client.on('close', () => line.held.there.length === 0 && upstream.destroy())
    upstream.on('close', () => {
      lines.delete(line)
      client.destroy()
    })
    for (const socket of [client, upstream]) socket.on('error', () => undefined).setNoDelay(true)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    hold(directions) {
      for (const direction of directions) isHeld[direction] = true
    },
    letGo() {
      Object.assign(isHeld, { there: false, back: false })
      for (const line of lines) release(line)
    },
    reset() {
      for (const { client, upstream } of lines) {
        client.resetAndDestroy()
        upstream.resetAndDestroy()
      }
    },
    arrivedAt: (port) => byPort.get(port)?.arrivedAt,
    async close() {
      for (const { client, upstream } of lines) {
        client.destroy()
        upstream.destroy()
      }
      server.close()
      await once(server, 'close')
    },
  }
}

const release = ({ client, upstream, held }: Line): void => {
  for (const bytes of held.there.splice(0)) upstream.write(bytes)
  for (const bytes of held.back.splice(0)) client.write(bytes)
  if (client.destroyed) upstream.end()
}
