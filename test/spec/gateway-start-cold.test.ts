import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createConsentSubgraph } from '../../gateway/adapters/consent-subgraph.ts'
import { readConfig } from '../../gateway/config.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { createLogLines } from '../support/log-lines.ts'
import { type PersonServices, startPersonServices } from '../support/person-services.ts'

let services: PersonServices
beforeAll(async () => void (services = await startPersonServices()))
afterAll(() => services.close())
beforeEach(() => {
  services.before = () => undefined
  services.consentQuestions.length = 0
})

const directory = mkdtempSync(join(tmpdir(), 'assent-cold-'))
const planned = join(directory, 'planned')
/** The planner, which notes every document it is given. */
const plannerProgram = { file: join(directory, 'planner.mjs'), execArgv: ['--import', 'tsx'] }
writeFileSync(
  plannerProgram.file,
  `import { appendFileSync } from 'node:fs'
  await import(${JSON.stringify(pathToFileURL('gateway/plan/planner-child.ts').href)})
  process.on('message', ({ type, text }) => type === 'plan' && appendFileSync(${JSON.stringify(planned)}, JSON.stringify(text) + '\\n'))`,
)

const start = (): Promise<RunningGateway> => {
  const overrides = {
    port: '0',
    profile: 'development',
    consentTimeoutMs: '20000',
    subgraphTimeoutMs: '20000',
    decisionLogFile: join(directory, 'decisions.jsonl'),
  }
  return startGateway(readConfig({ env: {}, overrides }), {
    log: createLogLines().log,
    supergraph: services.supergraph({ email: true }),
    plannerProgram,
  })
}
const ask = async ({ url }: RunningGateway, query = '{ people { email } }') => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data } = (await response.json()) as { data?: { people: { email: string | null }[] } }
  return { status: response.status, emails: data?.people.map(({ email }) => email) }
}

const GUARDED = { status: 200, emails: ['email of ada', null, null] }

describe('A gateway that starts with cold caches before many clients', () => {
  it('plans an operation once, asks for each client’s people in one question, and never answers by what was granted before', async () => {
    const gateway = await start()
    const clients = 200
    const answers = await Promise.all(Array.from({ length: clients }, () => ask(gateway)))
    for (const answer of answers) expect(answer).toEqual(GUARDED)
    // A request has one wave of protected fetches here, so it has one question, about all three people.
    expect(services.consentQuestions.length).toBeLessThanOrEqual(clients)
    expect(services.consentQuestions.length).toBeGreaterThan(0)
    for (const subjects of services.consentQuestions)
      expect(subjects.toSorted()).toEqual(['ada', 'bo', 'cyd'])
    expect(readFileSync(planned, 'utf8').trimEnd().split('\n')).toHaveLength(1)
    await gateway.close()

    const again = await start()
    services.before = (service) => (service === 'consent' ? Promise.reject(new Error('away')) : undefined)
    expect((await ask(again)).emails).toEqual([null, null, null])
    await again.close()
  })
})

describe('An event loop that stands still', () => {
  const stall = (ms: number): void => {
    const until = performance.now() + ms
    while (performance.now() < until);
  }

  it('does not make a late consent answer count: what is late by the clock is no answer', async () => {
    const yes = {
      data: { consentStates: [{ subject: 'ada', revision: '1', blocked: null, scopes: [] }] },
      errors: [],
    }
    const source = createConsentSubgraph({
      subgraphs: {
        send: async () => {
          stall(200)
          return yes
        },
      },
      subgraph: 'consent',
      timeoutMs: 100,
      clock: Date.now,
    })
    await expect(source.load(['ada'], {})).rejects.toMatchObject({ code: 'CONSENT_UNAVAILABLE' })
  })
})
