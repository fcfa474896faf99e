// The limit: a bare Node process that makes the same calls as a gateway and knows nothing of GraphQL.
// `LIMIT=json` parses, merges and writes; `LIMIT=raw` sends ready bodies, reads no answer and returns a ready one.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerBig, answerSmall } from '../limit/shop-limit.ts'
import { type Call, openCalls, type SendCall } from '../limit/subgraph-calls.ts'
import { SHOP_QUERIES } from '../shop/shop-queries.ts'

type Answer = (send: SendCall) => Promise<string>

const bodyOf = (query: string): string => JSON.stringify({ query })

const ANSWERS: ReadonlyMap<string, Answer> = new Map([
  [bodyOf(SHOP_QUERIES.big), answerBig],
  [bodyOf(SHOP_QUERIES.small), answerSmall],
])

const send = openCalls(process.env['STAND_IN'] ?? '')
const raw = process.env['LIMIT'] === 'raw'

/** The calls of one answer, in waves: what is sent together is answered together. */
interface Recording {
  readonly waves: readonly (readonly Call[])[]
  readonly answer: Buffer
}

const recordings = new Map<string, Promise<Recording>>()

/** Runs once as the other limit does and writes down what it sent: a wave is what leaves before any answer is read. */
const record = async (answer: Answer): Promise<Recording> => {
  const waves: Call[][] = []
  let underWay = 0
  const text = await answer(async (call) => {
    if (underWay === 0) waves.push([])
    waves.at(-1)?.push(call)
    underWay += 1
    const received = await send(call)
    underWay -= 1
    return received
  })
  return { waves, answer: Buffer.from(text) }
}

const replay = async (body: string, answer: Answer): Promise<Buffer> => {
  const recording = recordings.get(body) ?? record(answer)
  recordings.set(body, recording)
  const { waves, answer: ready } = await recording
  for (const wave of waves) await Promise.all(wave.map(send))
  return ready
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString()
    const answer = ANSWERS.get(body)
    if (answer === undefined) {
      response.writeHead(404).end()
      return
    }
    void (raw ? replay(body, answer) : answer(send).then((text) => Buffer.from(text))).then((bytes) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
        .end(bytes),
    )
  })
})

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
