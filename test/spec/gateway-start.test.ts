import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { type GatewayDependencies, type RunningGateway, startGateway } from '../../gateway/server.ts'
import { createLogLines } from '../support/log-lines.ts'
import { type PersonServices, startPersonServices } from '../support/person-services.ts'

const directory = mkdtempSync(join(tmpdir(), 'assent-starting-'))
let services: PersonServices
let logged = createLogLines()

beforeAll(async () => void (services = await startPersonServices()))
afterAll(() => services.close())
beforeEach(() => {
  logged = createLogLines()
  services.before = () => undefined
})

const start = (
  overrides: Record<string, string>,
  dependencies: GatewayDependencies = {},
): Promise<RunningGateway> => {
  const always = { port: '0', profile: 'development', decisionLogFile: join(directory, 'decisions.jsonl') }
  return startGateway(readConfig({ env: {}, overrides: { ...always, ...overrides } }), {
    log: logged.log,
    ...dependencies,
  })
}
const health = async (url: string) => {
  const response = await fetch(`${url}/health/ready`, { headers: { accept: 'application/json' } })
  const { status, reasons } = (await response.json()) as { status: string; reasons: { code: string }[] }
  return [response.status, status, reasons.map(({ code }) => code)]
}

describe('A gateway whose supergraph comes from a url', () => {
  it('tells why it is not ready until the url answers, and refuses requests meanwhile', async () => {
    let supergraph: string | null = null
    const service = createServer((_, response) =>
      supergraph === null ? response.writeHead(503).end() : response.end(supergraph),
    ).listen(0, '127.0.0.1')
    await once(service, 'listening')
    const place = `http://127.0.0.1:${(service.address() as AddressInfo).port}/graph`
    const listens = logged.next(/^gateway listens/)
    const starting = start({ supergraph: place })
    const url = String((await listens)['url'])
    expect(await health(url)).toEqual([503, 'not ready', ['SUPERGRAPH_UNAVAILABLE']])
    expect(await (await fetch(`${url}/health/live`)).text()).toBe('live\n')
    const refused = await fetch(`${url}/graphql?query={greeting}`, {
      headers: { 'apollo-require-preflight': '1' },
    })
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('GATEWAY_STARTING')])

    supergraph = services.supergraph({ email: true })
    const gateway = await starting
    expect(await health(url)).toEqual([200, 'ready', []])
    expect(gateway.url).toBe(url)
    await gateway.close()
    service.close()
  })

  it('gives up after the time of the settings, and leaves nothing behind that listens', async () => {
    const listens = logged.next(/^gateway listens/)
    const starting = start({ supergraph: 'http://127.0.0.1:1/graph', supergraphStartMs: '150' })
    await expect(starting).rejects.toThrow(/^The supergraph cannot be read .*127\.0\.0\.1:1\/graph/)
    await expect(fetch(String((await listens)['url']))).rejects.toThrow(/fetch failed/)
  })
})

describe('A gateway for people’s data', () => {
  it('is not ready before consent has answered, and degraded when it ceases to', async () => {
    services.before = (service) => {
      if (service === 'consent') throw new Error('away')
    }
    const gateway = await start({}, { supergraph: services.supergraph({ email: true }) })
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      expect(await health(gateway.url)).toEqual([503, 'not ready', ['CONSENT_UNAVAILABLE']])
      services.before = () => undefined
      vi.advanceTimersByTime(1000)
      expect(await health(gateway.url)).toEqual([200, 'ready', []])
      services.before = () => Promise.reject(new Error('away'))
      expect(await health(gateway.url)).toEqual([200, 'ready', []])
      vi.advanceTimersByTime(1000)
      expect(await health(gateway.url)).toEqual([200, 'degraded', ['CONSENT_UNAVAILABLE']])
    } finally {
      vi.useRealTimers()
      await gateway.close()
    }
  })

  it('asks nobody about consent for a graph without consent words', async () => {
    services.consentQuestions.length = 0
    const gateway = await start({}, { supergraph: services.openSupergraph() })
    expect(await health(gateway.url)).toEqual([200, 'ready', []])
    expect(services.consentQuestions).toEqual([])
    await gateway.close()
  })

  it('is degraded while its planner is started again', async () => {
    const pidFile = join(directory, 'planner')
    const program = join(directory, 'planner.mjs')
    writeFileSync(
      program,
      `import { writeFileSync } from 'node:fs'
      writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))
      process.on('message', () => process.send({ type: 'loaded' }))
      process.on('disconnect', () => process.exit())`,
    )
    const supergraph = services.openSupergraph()
    const gateway = await start({}, { supergraph, plannerProgram: { file: program, execArgv: [] } })
    expect(await health(gateway.url)).toEqual([200, 'ready', []])
    const ended = logged.next(/planner process ended/)
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    await ended
    expect(await health(gateway.url)).toEqual([200, 'degraded', ['PLANNER_UNAVAILABLE']])
    await gateway.close()
  })
})

describe('assent gateway', () => {
  const assent = (...args: string[]): Promise<[code: number, err: string]> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ['--import', 'tsx', 'cli/assent.ts', 'gateway', '--port', '0', ...args],
        { env: { PATH: process.env['PATH'], ASSENT_SUPERGRAPH_SOURCE_START_MS: '100' } },
        (_, _out, err) => resolve([child.exitCode ?? -1, err]),
      )
    })

  it('ends with 3 and a reason when its supergraph is not there', async () => {
    const [file, url] = await Promise.all([
      assent('--supergraph', '/nowhere'),
      assent('--supergraph', 'http://127.0.0.1:1/graph'),
    ])
    expect(file).toEqual([3, expect.stringMatching(/^SUPERGRAPH_UNAVAILABLE: .*\/nowhere/)])
    expect(url).toEqual([3, expect.stringMatching(/^SUPERGRAPH_UNAVAILABLE: .*127\.0\.0\.1:1\/graph/m)])
  })
})
