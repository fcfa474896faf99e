import { once } from 'node:events'
import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { supergraphFile } from '../../gateway/adapters/supergraph-file.ts'
import type { SupergraphSource } from '../../gateway/adapters/supergraph-source.ts'
import { supergraphUrl } from '../../gateway/adapters/supergraph-url.ts'
import { AssentError } from '../../gateway/errors.ts'
import { followSource } from '../../gateway/start/follow-source.ts'
import type { GraphLoader } from '../../gateway/start/graph-loader.ts'
import { createLogLines } from '../support/log-lines.ts'

const directory = mkdtempSync(join(tmpdir(), 'assent-sources-'))
const code = (reading: Promise<unknown>): Promise<string> =>
  reading.then(
    () => 'read',
    (problem: AssentError) => `${problem.code}: ${problem.message}`,
  )

describe('A supergraph in a file', () => {
  const file = join(directory, 'supergraph.graphql')
  const source = (): SupergraphSource => supergraphFile({ file, maxBytes: 100 })
  beforeEach(() => writeFileSync(file, 'one'))

  it('is read once for each version of it', async () => {
    const { read } = source()
    expect([await read(), await read()]).toEqual(['one', null])
    writeFileSync(`${file}.next`, 'two')
    renameSync(`${file}.next`, file)
    expect([await read(), await read()]).toEqual(['two', null])
  })

  it('is read when whole: not between two writes', async () => {
    const reading = source().read()
    const writing = setInterval(() => appendFileSync(file, '.'), 5)
    setTimeout(() => {
      clearInterval(writing)
      appendFileSync(file, 'end')
    }, 150)
    expect(await reading).toMatch(/^one\.+end$/)
  })

  it('says at once that it may have changed, also behind a link that is replaced', async () => {
    const link = join(directory, 'linked.graphql')
    symlinkSync(file, link)
    let stop = (): void => undefined
    const changed = new Promise<void>((resolve) => {
      stop = supergraphFile({ file: link, maxBytes: 100 }).onChange(resolve)
    })
    symlinkSync(join(directory, 'other'), `${link}.next`)
    renameSync(`${link}.next`, link)
    await changed
    stop()
  })

  it('is refused when it is not there or too large, by its name alone', async () => {
    writeFileSync(file, 'x'.repeat(101))
    expect(await code(source().read())).toMatch(/^SUPERGRAPH_TOO_LARGE: .*supergraph\.graphql/)
    rmSync(file)
    expect(await code(source().read())).toMatch(/^SUPERGRAPH_UNAVAILABLE: .*supergraph\.graphql/)
  })
})

describe('A supergraph from a url', () => {
  let service: Server
  let origin: string
  let headers: IncomingHttpHeaders[] = []
  let respond: (response: ServerResponse, path: string) => void
  beforeAll(async () => {
    service = createServer((request, response) => {
      headers.push(request.headers)
      respond(response, request.url ?? '')
    }).listen(0, '127.0.0.1')
    await once(service, 'listening')
    origin = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  })
  afterAll(() => {
    service.closeAllConnections()
    service.close()
  })
  beforeEach(() => {
    headers = []
    respond = (response) => response.end('one')
  })
  const source = (
    header: { name: string; value: string } | null = null,
    timeoutMs = 5000,
  ): SupergraphSource =>
    supergraphUrl({ url: `${origin}/graph?key=hidden`, timeoutMs, maxBytes: 100, header })
  const redirecting = (to: string) => (response: ServerResponse, path: string) =>
    path === '/moved' ? response.end('moved') : response.writeHead(302, { location: to }).end()

  it('is asked with the tag it came with, and costs nothing while it is the same', async () => {
    respond = (response) =>
      headers.at(-1)?.['if-none-match'] === '"v1"'
        ? response.writeHead(304).end()
        : response.setHeader('etag', '"v1"').end('one')
    const { read } = source()
    expect([await read(), await read()]).toEqual(['one', null])
    expect(headers.map((sent) => sent['if-none-match'])).toEqual([undefined, '"v1"'])
  })

  it('is asked with the token of the settings', async () => {
    await source({ name: 'x-key', value: 'the token' }).read()
    expect(headers[0]?.['x-key']).toBe('the token')
  })

  it('is followed within its origin and nowhere else', async () => {
    respond = redirecting('/moved')
    expect(await source({ name: 'x-key', value: 'the token' }).read()).toBe('moved')
    const other = createServer((_, response) => response.end('theirs')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    let asked = 0
    other.on('request', () => (asked += 1))
    respond = redirecting(`http://127.0.0.1:${(other.address() as AddressInfo).port}/moved`)
    expect(await code(source().read())).toMatch(/^SUPERGRAPH_UNAVAILABLE: .*another origin/)
    respond = redirecting('/again')
    expect(await code(source().read())).toMatch(/^SUPERGRAPH_UNAVAILABLE: .*without end/)
    other.close()
    expect(asked).toBe(0)
  })

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    [
      'another status',
      (response) => response.writeHead(500).end('no'),
      /^SUPERGRAPH_UNAVAILABLE: .*status 500/,
    ],
    ['too much', (response) => response.end('x'.repeat(101)), /^SUPERGRAPH_TOO_LARGE/],
    ['bytes that are no text', (response) => response.end(Buffer.from([0xff])), /^SUPERGRAPH_UNAVAILABLE/],
    ['an answer that breaks off', (response) => broken(response), /^SUPERGRAPH_UNAVAILABLE: .*broke off/],
    ['no answer in time', () => undefined, /^SUPERGRAPH_UNAVAILABLE: .*no answer/],
  ])('is refused for %s, and its query, which may hold a key, is not told', async (_, answer, reason) => {
    respond = answer
    const told = await code(source(null, 200).read())
    expect(told).toMatch(reason)
    expect(told).not.toContain('hidden')
  })

  const broken = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-length': 10 }).write('half')
    response.socket?.end()
  }
})

describe('Who follows a source', () => {
  /** Reads what it is told, in that order; then what it read last, for ever. */
  const playing = (...plays: (string | null | Error)[]) => {
    let changed = (): void => undefined
    let onRead = (): void => undefined
    const source: SupergraphSource = {
      name: 'played',
      mayBeAway: false,
      read: async () => {
        onRead()
        const next = plays.shift() ?? null
        if (next instanceof Error) throw next
        return next
      },
      onChange: (tell) => {
        changed = tell
        return () => undefined
      },
    }
    const readAgain = async (): Promise<void> => {
      const all = new Promise<void>((resolve) => {
        onRead = () => plays.length === 0 && resolve()
      })
      changed()
      await all
      await feed.close()
    }
    const served: string[] = []
    let refuse: Error | null = null
    const loader: GraphLoader = {
      load: async (text) => {
        const refusal = refuse
        refuse = null
        if (refusal !== null) throw refusal
        return { serve: async () => void served.push(text), discard: async () => undefined }
      },
    }
    const config = { supergraphWatch: true, supergraphPollMs: 10, supergraphStartMs: 0 }
    const feed = followSource({ source, config, log: createLogLines().log })
    return {
      served,
      feed,
      readAgain,
      start: () => feed.start(loader, async () => undefined),
      refuseNext: (problem: Error) => (refuse = problem),
    }
  }

  it('loads no text a second time', async () => {
    const { start, served, readAgain } = playing('one', 'one', null, 'two', 'two', 'one', null)
    await start()
    await readAgain()
    expect(served).toEqual(['one', 'two', 'one'])
  })

  it('tries again what failed for a passing reason, and not what is wrong in itself', async () => {
    const passing = playing('one', 'two', null, null)
    await passing.start()
    passing.refuseNext(new AssentError('PLANNER_UNAVAILABLE', 'planner'))
    await passing.readAgain()
    expect([passing.served, passing.feed.problem]).toEqual([['one', 'two'], null])

    const lasting = playing('one', 'two', null, null)
    await lasting.start()
    lasting.refuseNext(new AssentError('SUPERGRAPH_INVALID', 'supergraph'))
    await lasting.readAgain()
    expect([lasting.served, lasting.feed.problem?.code]).toEqual([['one'], 'SUPERGRAPH_REFUSED'])
  })

  it('has nothing to complain of when the text in service is published again after a refused one', async () => {
    const { start, feed, readAgain, refuseNext } = playing('one', 'broken', 'one')
    await start()
    refuseNext(new AssentError('SUPERGRAPH_INVALID', 'supergraph'))
    await readAgain()
    expect(feed.problem).toBeNull()
  })
})
