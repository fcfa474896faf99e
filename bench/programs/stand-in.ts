// Stands in for all subgraphs in one process, as cheaply as Node can: an answer is remembered by the exact body that
// asked for it, after a real GraphQL server has given it once. Counts what reaches it.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type HttpMessage, readMessage } from '../http-message.ts'
import type { Oracle, OracleRequest } from '../oracle.ts'
import { peopleOracles } from '../people/people-oracle.ts'
import { shopOracles } from '../shop/shop-oracle.ts'

/** What reached the subgraphs since the last `counts`. */
export interface StandInCounts {
  readonly calls: number
  readonly bytes: number
  /** Bodies never seen before; more than a few during a measurement, and the oracle is being measured. */
  readonly unknown: number
}

const oracles: ReadonlyMap<string, Oracle> = new Map([...shopOracles(), ...peopleOracles()])
const remembered = new Map<string, Buffer>()
let counts = { calls: 0, bytes: 0, unknown: 0 }

/** Answers kept; a gateway whose bodies never repeat must not fill the memory. */
const MOST_REMEMBERED = 20_000

const onRequest = (socket: Socket, { head, body }: HttpMessage): void => {
  const path = head.slice(head.indexOf('/') + 1, head.indexOf(' HTTP/'))
  const text = withoutGrant(body.toString('latin1'))
  counts.calls += 1
  counts.bytes += body.length
  const known = remembered.get(path + text)
  if (known !== undefined) {
    socket.write(known)
    return
  }
  counts.unknown += 1
  void ask(path, body).then((answer) => {
    if (remembered.size < MOST_REMEMBERED) remembered.set(path + text, answer)
    socket.write(answer)
  })
}

/** A grant names the request it was signed for; the answer does not depend on it. */
const withoutGrant = (body: string): string => {
  const at = body.lastIndexOf(',"extensions":{"assent":')
  return at === -1 ? body : body.slice(0, at)
}

const ask = async (path: string, body: Buffer): Promise<Buffer> => {
  try {
    const oracle = oracles.get(path)
    if (oracle === undefined) return response('404 Not Found', '{}')
    const request = JSON.parse(body.toString()) as OracleRequest
    return response('200 OK', JSON.stringify(await oracle(request)))
  } catch (problem) {
    return response('400 Bad Request', JSON.stringify({ errors: [{ message: String(problem) }] }))
  }
}

const response = (status: string, text: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )

const server = createServer({ noDelay: true }, (socket) => {
  let pending: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (let message = readMessage(pending); message !== undefined; message = readMessage(pending)) {
      pending = pending.subarray(message.end)
      onRequest(socket, message)
    }
  })
})

process.on('message', () => {
  process.send?.(counts)
  counts = { calls: 0, bytes: 0, unknown: 0 }
})
process.on('disconnect', () => process.exit())

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
