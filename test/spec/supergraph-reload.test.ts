import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import type { GatewayDependencies, RunningGateway } from '../../gateway/server.ts'
import { startGateway } from '../../gateway/server.ts'
import { createLogLines, type LogLines } from '../support/log-lines.ts'
import { type PersonServices, startPersonServices } from '../support/person-services.ts'

const directory = mkdtempSync(join(tmpdir(), 'assent-reload-'))
const file = join(directory, 'supergraph.graphql')
/** As editors and orchestrators do it: written beside, then put in the place of the old one. */
const publish = (text: string): void => {
  writeFileSync(`${file}.next`, text)
  renameSync(`${file}.next`, file)
}

let services: PersonServices
let guarded: string
let loose: string
let gateway: RunningGateway
let logged: LogLines

const start = async (dependencies: GatewayDependencies = {}, more: Record<string, string> = {}) => {
  logged = createLogLines()
  const overrides = {
    supergraph: file,
    port: '0',
    profile: 'development',
    consentTimeoutMs: '5000',
    decisionLogFile: join(directory, 'decisions.jsonl'),
    ...more,
  }
  gateway = await startGateway(readConfig({ env: {}, overrides }), { log: logged.log, ...dependencies })
}

beforeAll(async () => {
  services = await startPersonServices()
  guarded = services.supergraph({ email: true })
  loose = services.supergraph({ email: false })
})
afterAll(() => services.close())
beforeEach(async () => {
  services.before = () => undefined
  services.asked.length = 0
  publish(guarded)
  await start()
})
afterEach(() => gateway.close())

const republish = async (text: string, report: RegExp) => {
  const reported = logged.next(report)
  publish(text)
  return reported
}
const RELOADED = /^supergraph reloaded/
const REFUSED = /^supergraph refused/

interface Answered {
  readonly id: string
  readonly status: number
  readonly emails: readonly (string | null)[]
  readonly errors: unknown
}

let questions = 0
/** Under an alias of its own: what several ask in the same words is sent once. */
const ask = async (): Promise<Answered> => {
  const key = `email${(questions += 1)}`
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-assent-client': 'explorer' },
    body: JSON.stringify({ query: `{ people { ${key}: email } }` }),
  })
  const { data, errors } = (await response.json()) as {
    data?: { people: Record<string, string | null>[] } | null
    errors?: unknown
  }
  const emails = (data?.people ?? []).map((person) => person[key] ?? null)
  return { id: response.headers.get('x-request-id') ?? '', status: response.status, emails, errors }
}

const GUARDED = ['email of ada', null, null]
const LOOSE = ['email of ada', 'email of bo', 'email of cyd']
const sentFor = ({ id }: Answered): string[] =>
  services.asked.filter(({ request }) => request === id).map(({ value }) => value)

const health = async (accept = 'application/json') => {
  const response = await fetch(`${gateway.url}/health/ready`, { headers: { accept } })
  return { status: response.status, text: await response.text() }
}

describe('A supergraph that changes while the gateway runs', () => {
  it('is followed: after "reloaded" no new request is answered, or sends, by the looser rule', async () => {
    expect((await ask()).emails).toEqual(GUARDED)
    await republish(loose, RELOADED)
    expect((await ask()).emails).toEqual(LOOSE)
    await republish(guarded, RELOADED)
    const answered = await ask()
    expect([answered.emails, sentFor(answered)]).toEqual([GUARDED, ['ada.email']])
  })

  it('changes twenty times under requests without failing one, each on one graph whole', async () => {
    const burst = (): Promise<Answered>[] => Array.from({ length: 4 }, () => ask())
    const all: Promise<Answered>[] = []
    let inForce = guarded
    const texts = [loose, 'type Query {', guarded, `${loose}\n# again`, guarded.replace('crm_contact', 'crm')]
    for (let round = 0; round < 20; round += 1) {
      const text = texts[round % texts.length] ?? ''
      const fresh = `${text}\n# ${round}`
      const isBroken = text === texts[1] || text === texts[4]
      all.push(...burst())
      const reported = republish(fresh, isBroken ? REFUSED : RELOADED)
      all.push(...burst())
      await reported
      if (!isBroken) inForce = text
      const after = burst()
      all.push(...after)
      const expected = inForce === guarded ? GUARDED : LOOSE
      for (const { emails } of await Promise.all(after)) expect(emails).toEqual(expected)
    }
    const answers = await Promise.all(all)
    expect(answers).toHaveLength(240)
    for (const answer of answers) {
      expect([answer.status, answer.errors]).toEqual([200, undefined])
      const isGuarded = answer.emails[1] === null
      expect(answer.emails).toEqual(isGuarded ? GUARDED : LOOSE)
      expect(sentFor(answer).toSorted()).toEqual(
        isGuarded ? ['ada.email'] : ['ada.email', 'bo.email', 'cyd.email'],
      )
    }
  })

  it('is not loaded again when its text is the same', async () => {
    await republish(loose, RELOADED)
    publish(loose)
    await republish(guarded, RELOADED)
    expect(logged.lines.filter(({ msg }) => RELOADED.test(msg))).toHaveLength(2)
  })

  it('lets a request end on the graph it began with, then closes planner and connections of that graph', async () => {
    await gateway.close()
    const planners = join(directory, 'planners')
    const plannerProgram = {
      file: join(directory, 'planner.mjs'),
      execArgv: ['--import', 'tsx'],
    }
    writeFileSync(
      plannerProgram.file,
      `import { appendFileSync } from 'node:fs'
      appendFileSync(${JSON.stringify(planners)}, process.pid + ' ')
      await import(${JSON.stringify(pathToFileURL('gateway/plan/planner-child.ts').href)})`,
    )
    await start({ plannerProgram })
    await ask()
    services.requests.length = 0
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => (letGo = resolve))
    const arrived = new Promise<void>((resolve) => {
      services.before = () => (resolve(), held)
    })
    const slow = ask()
    await arrived
    await republish(loose, RELOADED)
    const [before = 0, after = 0] = readFileSync(planners, 'utf8').split(' ').map(Number)
    expect([isAlive(before), isAlive(after)]).toEqual([true, true])
    letGo()
    const answered = await slow
    expect([answered.emails, sentFor(answered)]).toEqual([GUARDED, ['ada.email']])
    await vi.waitFor(() => {
      expect([isAlive(before), isAlive(after)]).toEqual([false, true])
      expect(services.requests.map(({ socket }) => socket.destroyed)).not.toContain(false)
    })
  })
})

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('A supergraph that cannot be served', () => {
  it.each([
    ['text that is no supergraph', () => 'type Query {', /SUPERGRAPH_INVALID[^]*supergraph:1:13/],
    [
      'a scope nobody knows',
      () => guarded.replace('crm_contact', 'crm'),
      /SUPERGRAPH_UNFENCED[^]*crm \(Person\.email\)/,
    ],
    [
      'a consent specification we do not know',
      () => guarded.replace('/consent/v1.0', '/consent/v9.0'),
      /SUPERGRAPH_UNSUPPORTED/,
    ],
    [
      'no consent words, where the one in service has some',
      () => services.openSupergraph(),
      /SUPERGRAPH_UNFENCED[^]*links no consent words, and the one in service does/,
    ],
  ])('is refused for %s; the one before it stays, and readiness says why', async (_, text, reason) => {
    const refusal = await republish(text(), REFUSED)
    expect(refusal['reasons']).toMatch(reason)
    expect((await ask()).emails).toEqual(GUARDED)
    const { status, text: told } = await health()
    expect([status, JSON.parse(told)]).toMatchObject([
      200,
      {
        status: 'degraded',
        reasons: [{ code: 'SUPERGRAPH_REFUSED', message: expect.stringMatching(reason) }],
      },
    ])
    await republish(loose, RELOADED)
    expect(await health()).toEqual({ status: 200, text: '{"status":"ready","reasons":[]}' })
  })

  it('is refused with all that is wrong with it at once', async () => {
    const text = guarded.replace('crm_contact', 'crm').replace(`${services.url}/people`, 'nowhere')
    const { reasons } = await republish(text, REFUSED)
    expect(reasons).toMatch(/people \(supergraph\): has no url/)
    expect(reasons).toMatch(/crm \(Person\.email\): is not a scope/)
  })

  it('is told again, and replaced, when the file comes back after it was gone', async () => {
    const missing = logged.next(/cannot be read from where it is kept/)
    renameSync(file, `${file}.gone`)
    await missing
    expect((await health('text/plain')).text).toMatch(
      /^degraded\nSUPERGRAPH_UNAVAILABLE: .*supergraph\.graphql/,
    )
    expect((await ask()).emails).toEqual(GUARDED)
    await republish(loose, RELOADED)
    expect((await ask()).emails).toEqual(LOOSE)
  })
})
