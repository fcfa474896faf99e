import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { expect, test, vi } from 'vitest'
import { WebSocketConnection } from '../../gateway/door/websocket-connection.ts'
import type { GraphqlDoor } from '../../gateway/door/graphql-door.ts'

/** A connection whose operations go on until they are let go, and what is said to its client. */
const connected = (mostStreamsPerConnection: number) => {
  const said: string[] = []
  let ended = false
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    ping: () => void socket.emit('pong'),
    terminate: () => void (ended = true),
    send: (text: string, sent: () => void) => {
      said.push(text)
      sent()
    },
  })
  const under: (() => void)[] = []
  const graphql = {
    open: () => new Promise((resolve) => under.push(() => resolve({ data: null }))),
  } as unknown as Pick<GraphqlDoor, 'open'>
  const options = { graphql, requestTimeoutMs: 1000, pingMs: 60_000, maxBodyBytes: 1000, observer: null }
  const connection = new WebSocketConnection(socket as unknown as WebSocket, () => undefined, {
    ...options,
    mostStreamsPerConnection,
  })
  const hear = (message: object): void =>
    void socket.emit('message', Buffer.from(JSON.stringify(message)), false)
  hear({ type: 'connection_init' })
  return {
    connection,
    hear,
    under,
    socket,
    isEnded: () => ended,
    close: () => socket.emit('close'),
    refused: () => said.filter((text) => text.includes('STREAMS_EXHAUSTED')).length,
  }
}

test('a client cannot have more under way than may be by completing what it has just asked', async () => {
  const { hear, under, refused, close } = connected(2)
  const askAndComplete = (id: string): void => {
    hear({ id, type: 'subscribe', payload: { query: '{ a }' } })
    hear({ id, type: 'complete' })
  }
  for (let number = 0; number < 50; number += 1) askAndComplete(String(number))
  expect(under).toHaveLength(4)
  expect(refused()).toBe(46)

  for (const end of under) end()
  await new Promise((resolve) => setImmediate(resolve))
  askAndComplete('after')
  expect(under).toHaveLength(5)
  close()
})

test('a client that says it is there and takes nothing of what waits for it is ended; one that is behind now and then is not', () => {
  vi.useFakeTimers()
  const { socket, isEnded, close } = connected(2)
  const pings = (count: number): void => void vi.advanceTimersByTime(count * 60_000)
  pings(10)
  for (const [waiting, count] of [
    [700, 4],
    [0, 1],
    [700, 4],
  ] as const) {
    socket.bufferedAmount = waiting
    pings(count)
  }
  expect(isEnded()).toBe(false)
  pings(1)
  expect(isEnded()).toBe(true)
  close()
  vi.useRealTimers()
})
