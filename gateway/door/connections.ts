import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The connections of a server, and on which of them a request is running. */
export interface Connections {
  /** A request runs on the connection of this answer until the answer is over. */
  run(response: ServerResponse): void
  /** The connection is no longer one of HTTP requests; whoever upgraded it ends it. */
  leave(socket: Socket): void
  /**
   * Takes no new connections, closes those where nothing runs, lets running requests end, and after the time closes the rest.
   * The server alone would wait for connections on which nothing was ever sent: browsers open such in advance.
   */
  drain(ms: number): Promise<void>
}

export const trackConnections = (server: Server): Connections => {
  const running = new Map<Socket, number>()
  let isDraining = false
  server.on('connection', (socket: Socket) => {
    running.set(socket, 0)
    socket.once('close', () => running.delete(socket))
  })
  const finish = (socket: Socket): void => {
    const others = (running.get(socket) ?? 1) - 1
    if (running.has(socket)) running.set(socket, others)
    if (isDraining && others === 0) socket.end()
  }
  return {
    run(response) {
      const socket = response.socket
      if (socket === null) return
      running.set(socket, (running.get(socket) ?? 0) + 1)
      response.once('close', () => finish(socket))
    },
    leave: (socket) => void running.delete(socket),
    async drain(ms) {
      isDraining = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const [socket, requests] of running) if (requests === 0) socket.destroy()
      const timer = setTimeout(() => {
        for (const socket of running.keys()) socket.destroy()
      }, ms)
      await closed
      clearTimeout(timer)
    },
  }
}
