import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import type { RunningGateway } from '../../gateway/server.ts'
import { startWorkers } from '../../gateway/start/workers.ts'
import { createLogLines } from '../support/log-lines.ts'
import { type PersonServices, startPersonServices } from '../support/person-services.ts'

const program = { file: 'gateway/start/worker-program.ts', execArgv: ['--import', 'tsx'] }
const directory = mkdtempSync(join(tmpdir(), 'assent-workers-'))
const file = join(directory, 'supergraph.graphql')
const publish = (text: string): void => {
  writeFileSync(`${file}.next`, text)
  renameSync(`${file}.next`, file)
}
const settings = (more: Record<string, string> = {}) =>
  readConfig({
    env: {},
    overrides: {
      supergraph: file,
      port: '0',
      profile: 'development',
      workers: '2',
      logLevel: 'silent',
      consentTimeoutMs: '10000',
      decisionLogFile: join(directory, 'decisions.jsonl'),
      ...more,
    },
  })

let services: PersonServices
let gateway: RunningGateway
const logged = createLogLines()

beforeAll(async () => {
  services = await startPersonServices()
  publish(services.supergraph({ email: true }))
  gateway = await startWorkers(settings(), { log: logged.log, program })
})
afterAll(async () => {
  await gateway.close()
  await services.close()
})

interface Answered {
  readonly emails: readonly (string | null)[]
  readonly id: string
}

/** Each over a connection of its own: connections are what is dealt out to the workers. */
const ask = async (url = gateway.url, query = '{ people { email } }'): Promise<Answered> => {
  const dispatcher = new Agent()
  const { body, headers } = await request(`${url}/graphql`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-assent-client': 'explorer' },
    body: JSON.stringify({ query }),
  })
  const { data } = (await body.json()) as { data: { people: { email: string | null }[] } }
  await dispatcher.close()
  return { emails: data.people.map(({ email }) => email), id: String(headers['x-request-id']) }
}
const health = async (): Promise<unknown> => {
  const { body, statusCode } = await request(`${gateway.url}/health/ready`, {
    headers: { accept: 'application/json' },
  })
  const { status, reasons } = (await body.json()) as { status: string; reasons: { code: string }[] }
  return [statusCode, status, reasons.map(({ code }) => code)]
}

const GUARDED = ['email of ada', null, null]
const LOOSE = ['email of ada', 'email of bo', 'email of cyd']
const logFiles = (): string[] => readdirSync(directory).filter((name) => name.startsWith('decisions'))
const recordsOf = (name: string): { request: string }[] =>
  readFileSync(join(directory, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { request: string })

describe('Workers behind one port', () => {
  it('both serve, and no decision record is lost or torn between them', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask()))
    expect(new Set(answers.map(({ emails }) => JSON.stringify(emails)))).toEqual(
      new Set([JSON.stringify(GUARDED)]),
    )
    expect(logFiles()).toEqual(['decisions.1.jsonl', 'decisions.2.jsonl'])
    const [first, second] = logFiles().map(recordsOf)
    expect(Math.min(first?.length ?? 0, second?.length ?? 0)).toBeGreaterThan(0)
    const recorded = new Set([...(first ?? []), ...(second ?? [])].map(({ request: id }) => id))
    expect(answers.filter(({ id }) => !recorded.has(id))).toEqual([])
  })

  it('change their supergraph together: after "reloaded" none serves the one before', async () => {
    for (const [email, expected] of [
      [false, LOOSE],
      [true, GUARDED],
    ] as const) {
      const reloaded = logged.next(/^supergraph reloaded/)
      publish(services.supergraph({ email }))
      await reloaded
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask()))
      for (const { emails } of answers) expect(emails).toEqual(expected)
    }
  })

  it('all refuse what one refuses, and say so from whichever is asked', async () => {
    const refused = logged.next(/^supergraph refused/)
    publish('type Query {')
    expect((await refused)['reasons']).toContain('SUPERGRAPH_INVALID')
    expect(await health()).toEqual([200, 'degraded', ['SUPERGRAPH_REFUSED']])
    expect((await ask()).emails).toEqual(GUARDED)
    const reloaded = logged.next(/^supergraph reloaded/)
    publish(`${services.supergraph({ email: true })}\n# again`)
    await reloaded
    expect(await health()).toEqual([200, 'ready', []])
  })

  it('are started again when they end, on the supergraph of the others', async () => {
    const reloaded = logged.next(/^supergraph reloaded/)
    publish(services.supergraph({ email: false }))
    await reloaded
    const ended = logged.next(/^a worker ended/)
    const again = logged.next(/^a worker was started again/)
    const [victim] = childrenOf(process.pid)
    process.kill(victim ?? 0, 'SIGKILL')
    expect(await ended).toMatchObject({ signal: 'SIGKILL', restartMs: 100 })
    expect(await health()).toEqual([200, 'degraded', ['WORKERS_MISSING']])
    await again
    expect(await health()).toEqual([200, 'ready', []])
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask()))
    for (const { emails } of answers) expect(emails).toEqual(LOOSE)
  })
})

/** The workers among the processes of this machine. */
const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, , ppid] = /^\d+ \(.*\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
        return (
          Number(ppid) === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker-program')
        )
      } catch {
        return false
      }
    })
    .map(Number)

describe('assent gateway --workers', () => {
  it('prints one address, and at SIGTERM lets all workers end what they have begun', async () => {
    publish(services.supergraph({ email: true }))
    const flags = ['--supergraph', file, '--port', '0', '--workers', '2', '--profile', 'development']
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/assent.ts', 'gateway', ...flags], {
      env: { PATH: process.env['PATH'], ASSENT_DECISION_LOG_FILE: join(directory, 'terminated.jsonl') },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let out = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    await vi.waitFor(() => expect(out).toMatch(/listens/), { timeout: 60_000, interval: 50 })
    expect(out.match(/listens/g)).toHaveLength(1)
    const url = new URL(/http:\S+/.exec(out)?.[0] ?? '').origin
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => (letGo = resolve))
    let arrived = 0
    const all = new Promise<void>((resolve) => {
      services.before = (service) => {
        if (service !== 'people') return undefined
        arrived += 1
        if (arrived === 6) resolve()
        return held
      }
    })
    // Equal questions would be asked once.
    const answers = Array.from({ length: 6 }, (_, at) => ask(url, `{ people { email } g${at}: greeting }`))
    await all
    child.kill('SIGTERM')
    const { port } = new URL(url)
    await vi.waitFor(() => refusesConnections(Number(port)), { timeout: 10_000, interval: 20 })
    letGo()
    for (const { emails } of await Promise.all(answers)) expect(emails).toEqual(GUARDED)
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })
})

const refusesConnections = async (port: number): Promise<void> => {
  const socket = createConnection({ host: '127.0.0.1', port })
  const refused = once(socket, 'error')
  await Promise.race([
    refused,
    once(socket, 'connect').then(() => Promise.reject(new Error('still listens'))),
  ])
}
