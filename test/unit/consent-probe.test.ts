import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { type ConsumerKind, createProbeFigures } from '../../cli/probe-figures.ts'
import { keepProbing } from '../../cli/keep-probing.ts'
import { probeRound, type Probing } from '../../cli/probe-round.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A gateway that says a withdrawal is in force, and shows the value some times more. */
const gatewayThatIsLate = async (times: number): Promise<string> => {
  const consent = { isGiven: false, left: 0 }
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { query } = JSON.parse(body) as { query: string }
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data: answerTo(query) }))
    })
  }).listen(0, '127.0.0.1')
  const answerTo = (query: string): object => {
    if (!query.startsWith('mutation')) {
      const isShown = consent.isGiven || consent.left-- > 0
      return { customer: { email: isShown ? 'a value' : null } }
    }
    consent.isGiven = query.includes('giveConsent(')
    consent.left = times
    return { said: [{ revision: '7', effect: { effective: 'EFFECTIVE' } }] }
  }
  await once(server, 'listening')
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}

const probing = (gateway: string): Probing => ({
  gateways: [gateway],
  scope: 'crm_contact',
  field: ['email'],
  headers: () => ({}),
  toldUpTo: async () => new Map([['webhook', 7]]),
  mostMs: 5_000,
  mostToldMs: 5_000,
  figures: createProbeFigures(),
})

describe('The probe', () => {
  test('measures each way that a change takes', async () => {
    const round = probing(await gatewayThatIsLate(0))
    await probeRound('ada', round)
    expect(round.figures.rows().map(({ path, count }) => `${path} ${count}`)).toEqual([
      'grant_shown 1',
      'withdrawal_effective 1',
      'answer_withheld 1',
      'webhook_told 1',
    ])
    expect(round.figures.staleReads).toBe(0)
  })

  test('looks at any field of a canary, through those that lead to it', async () => {
    const asked: string[] = []
    let isGiven = false
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { query } = JSON.parse(body) as { query: string }
        if (query.startsWith('mutation')) isGiven = query.includes('giveConsent(')
        else asked.push(query)
        const said = [{ revision: '7', effect: { effective: 'EFFECTIVE' } }]
        const features = { planTier: isGiven ? 'plus' : null }
        const data = query.startsWith('mutation') ? { said } : { customer: { features } }
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => server.close())
    const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
    const round = { ...probing(gateway), field: ['features', 'planTier'] }
    await probeRound('ada', round)
    expect([...new Set(asked)]).toEqual(['query($pid: ID!) { customer(pid: $pid) { features{ planTier } } }'])
    expect(round.figures.staleReads).toBe(0)
  })

  test('measures each way to the consumers of changes by itself, by the slowest on it', async () => {
    const gateway = await gatewayThatIsLate(0)
    const positions = [
      { pull: 6, webhook: 6, nats: 7 },
      { pull: 6, webhook: 8, nats: 8 },
      { pull: 7, webhook: 8, nats: 8 },
    ]
    let looks = 0
    const toldUpTo: Probing['toldUpTo'] = async () =>
      new Map(Object.entries(positions[looks++] ?? {}) as [ConsumerKind, number][])
    const round = { ...probing(gateway), toldUpTo }
    await probeRound('ada', round)
    const told = round.figures.rows().filter(({ path }) => path.endsWith('_told'))
    expect(told.map(({ path }) => path)).toEqual(['nats_told', 'webhook_told', 'pull_told'])
    expect(looks).toBe(3)
  })

  test('finds a value that is shown although its withdrawal is in force', async () => {
    const round = probing(await gatewayThatIsLate(5))
    await probeRound('ada', round)
    expect(round.figures.staleReads).toBe(1)
    expect(round.figures.text()).toContain('assent_consent_stale_reads_total 1')
  })

  test('goes on after a round that failed, counts it, and tells each reason once', async () => {
    const round = probing(await gatewayThatIsLate(0))
    let rounds = 0
    const toldUpTo: Probing['toldUpTo'] = async () => {
      if (++rounds <= 2) throw new Error('nobody is there')
      return new Map([['webhook', 7]])
    }
    const told: string[] = []
    await keepProbing('ada', {
      probing: { ...round, toldUpTo },
      isOver: () => rounds === 3,
      tell: (sentence) => told.push(sentence),
      pauseMs: 0,
    })
    expect(told).toEqual(['nobody is there'])
    expect(round.figures.failures).toBe(2)
    expect(round.figures.text()).toContain('assent_consent_probe_failures_total 2')
    expect(round.figures.rows().find(({ path }) => path === 'webhook_told')?.count).toBe(1)
  })

  test('tells of the slowest what was measured, and nothing between', () => {
    const figures = createProbeFigures()
    for (const ms of [1, 2, 3, 400]) figures.took('grant_shown', ms)
    expect(figures.rows()).toEqual([{ path: 'grant_shown', count: 4, p50: 2, p99: 400 }])
    expect(figures.text()).toContain('assent_consent_propagation_ms{path="grant_shown",quantile="0.99"} 400')
  })

  test.each([
    ['a wrong address', 404, {}, /answered 404/],
    [
      'a wrong token',
      401,
      { errors: [{ message: 'No.', extensions: { code: 'CALLER_UNAUTHENTICATED' } }] },
      /CALLER_UNAUTHENTICATED/,
    ],
    [
      'a scope that nobody knows',
      200,
      { errors: [{ message: 'No.', extensions: { code: 'UNKNOWN_SCOPE' } }] },
      /UNKNOWN_SCOPE/,
    ],
  ] as const)('ends at %s, which would be refused each time', async (_, status, body, told) => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => server.close())
    const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
    const watched = keepProbing('ada', {
      probing: probing(gateway),
      isOver: () => false,
      tell: () => undefined,
    })
    await expect(watched).rejects.toMatchObject({
      code: 'PROBE_REFUSED',
      message: expect.stringMatching(told),
    })
  })
})
