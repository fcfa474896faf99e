import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { Agent, createServer, request as httpRequest } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compose } from '../../schema/compose.ts'

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
type Query { greeting: String }`

const directory = mkdtempSync(join(tmpdir(), 'assent-stop-'))
const supergraph = join(directory, 'supergraph.graphql')
const held: ServerResponse[] = []
let subgraph: Server
let asked: () => void

beforeAll(async () => {
  subgraph = createServer((request, response) => {
    request.resume()
    held.push(response)
    asked()
  }).listen(0, '127.0.0.1')
  await once(subgraph, 'listening')
  const { port } = subgraph.address() as AddressInfo
  const composed = compose([{ name: 'one', url: `http://127.0.0.1:${port}/graphql`, sdl: SDL }])
  writeFileSync(supergraph, composed.supergraph ?? '')
})
afterAll(() => {
  subgraph.closeAllConnections()
  subgraph.close()
})

interface Running {
  readonly child: ChildProcess
  readonly port: number
  readonly exited: Promise<[code: number | null, signal: string | null]>
}

const start = async (): Promise<Running> => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'cli/assent.ts', 'gateway', '--supergraph', supergraph, '--port', '0'],
    {
      env: { PATH: process.env['PATH'], ASSENT_LOG_LEVEL: 'error' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(/:(\d+)\/graphql/.exec(String(line))?.[1])
  return { child, port, exited }
}

const ask = async (
  port: number,
  agent?: Agent,
): Promise<{ status?: number; text: string; kept?: string }> => {
  const headers = { 'content-type': 'application/json' }
  const request = httpRequest({ port, path: '/graphql', method: 'POST', headers, ...(agent && { agent }) })
  request.end('{"query":"{ greeting }"}')
  const [response] = await once(request, 'response')
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, text, kept: response.headers.connection }
}

const answerHeld = (): void => {
  for (const response of held.splice(0))
    response.setHeader('content-type', 'application/json').end('{"data":{"greeting":"hello"}}')
}

/** Resolves when a connection on which nothing is sent has been closed by the other side, which then stops. */
const closed = (port: number): Promise<void> =>
  new Promise((resolve) =>
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .on('close', () => resolve()),
  )

describe('A gateway that is told to stop', () => {
  it('and is idle ends within a second', async () => {
    const { child, port, exited } = await start()
    const agent = new Agent({ keepAlive: true })
    asked = answerHeld
    expect(await ask(port, agent)).toMatchObject({ status: 200, text: '{"data":{"greeting":"hello"}}' })
    // Two more that would hold a server up: one that says nothing, and one in the middle of its headers.
    const silent = connect(port, '127.0.0.1').on('error', () => undefined)
    const slow = connect(port, '127.0.0.1', () => slow.write('POST /gra')).on('error', () => undefined)
    await Promise.all([once(silent, 'connect'), once(slow, 'connect')])
    const began = performance.now()
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    expect(performance.now() - began).toBeLessThan(1000)
    agent.destroy()
  })

  it('lets what runs end, and takes nothing new', async () => {
    const { child, port, exited } = await start()
    const reached = new Promise<void>((resolve) => (asked = resolve))
    const answer = ask(port)
    await reached
    const gone = closed(port)
    child.kill('SIGINT')
    await gone
    const refused = connect(port, '127.0.0.1')
    expect((await once(refused, 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' })
    answerHeld()
    expect(await answer).toMatchObject({ status: 200, kept: 'close' })
    expect(await exited).toEqual([0, null])
  })

  it('twice, ends at once with the status of the signal', async () => {
    const { child, port, exited } = await start()
    const reached = new Promise<void>((resolve) => (asked = resolve))
    const cut = expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await reached
    const gone = closed(port)
    child.kill('SIGTERM')
    await gone
    child.kill('SIGTERM')
    await cut
    expect(await exited).toEqual([143, null])
    answerHeld()
  })
})
