import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { METRICS } from '../../gateway/observe/catalogue.ts'
import { type ObservedGateway, startObservedGateway } from '../support/observed-gateway.ts'

let observed: ObservedGateway

beforeAll(async () => {
  observed = await startObservedGateway({ metricsPort: '0', accessLog: 'true' })
})
afterAll(() => observed.close())

/** How much each named series grew while something was done; an access line says that a request is over. */
const growth = async (names: readonly string[], doing: () => Promise<unknown>) => {
  const before = await observed.scrape()
  const over = observed.logged.next(/^request$/)
  await doing()
  await over
  const after = await observed.scrape()
  return Object.fromEntries(names.map((name) => [name, (after.get(name) ?? 0) - (before.get(name) ?? 0)]))
}

describe('A scrape tells', () => {
  it('what the catalogue names, and the process beside it', async () => {
    const page = await observed.scraped()
    for (const { name } of Object.values(METRICS)) expect(page).toContain(`# HELP ${name} `)
    expect(page).toMatch(/^process_cpu_seconds_total /m)
    expect(page).toMatch(/^nodejs_eventloop_lag_seconds /m)
  })

  it('how requests ended, what subgraphs and consent were asked, and what was decided', async () => {
    const expected = {
      'assent_requests_total{outcome="ok",client="explorer",operation="other"}': 1,
      'assent_request_duration_seconds_count{outcome="ok",operation="other"}': 1,
      'assent_request_phase_duration_seconds_count{phase="plan"}': 1,
      'assent_subgraph_requests_total{subgraph="people",kind="query",outcome="ok"}': 2,
      'assent_subgraph_request_duration_seconds_count{subgraph="people"}': 2,
      'assent_subgraph_response_bytes_count{subgraph="people"}': 2,
      'assent_subgraph_representations_total{subgraph="people"}': 1,
      'assent_consent_questions_total{outcome="answered"}': 1,
      'assent_consent_subjects_total{outcome="answered"}': 3,
      'assent_decisions_total{coordinate="Person.email",decision="granted",reason=""}': 1,
      'assent_decisions_total{coordinate="Person.email",decision="denied",reason="REFUSED"}': 1,
      'assent_decisions_total{coordinate="Person.email",decision="denied",reason="NOT_GIVEN"}': 1,
      assent_decision_records_total: 3,
      'assent_withheld_values_total{coordinate="Person.email",reason="REFUSED"}': 1,
      'assent_withheld_values_total{coordinate="Person.email",reason="NOT_GIVEN"}': 1,
      'assent_plans_total{outcome="made"}': 1,
      'assent_plans_total{outcome="kept"}': 0,
      assent_planning_duration_seconds_count: 1,
    }
    const grown = await growth(Object.keys(expected), () => observed.ask('{ people { email } }'))
    expect(grown).toEqual(expected)
  })

  it('that a plan was kept', async () => {
    const grown = await growth(
      ['assent_plans_total{outcome="made"}', 'assent_plans_total{outcome="kept"}', 'assent_plans_kept'],
      () => observed.ask('{ people { email } }'),
    )
    expect(Object.values(grown)).toEqual([0, 1, 0])
  })

  it('which code a request was refused with, and nothing that a client made up', async () => {
    const aliases = Array.from({ length: 200 }, (_, index) => `a${index}: greeting`).join(' ')
    const grown = await growth(
      [
        'assent_errors_total{code="OPERATION_TOO_LARGE"}',
        'assent_requests_total{outcome="refused",client="explorer",operation="other"}',
      ],
      () => observed.ask(`query MadeUp { ${aliases} }`),
    )
    expect(Object.values(grown)).toEqual([1, 1])
    await growth([], () => observed.ask('{ greeting }', { 'x-assent-client': 'made-up' }))
    const page = await observed.scraped()
    expect(page).toContain('assent_requests_total{outcome="refused",client="unknown",operation="other"} 1')
    expect(page).not.toMatch(/made.?up/i)
  })

  it('that consent could not be read, and never that it was assumed', async () => {
    observed.services.before = (service) => {
      if (service === 'consent') throw new Error('away')
    }
    const grown = await growth(
      [
        'assent_consent_questions_total{outcome="CONSENT_UNAVAILABLE"}',
        'assent_consent_subjects_total{outcome="unanswered"}',
        'assent_decisions_total{coordinate="Person.email",decision="denied",reason="CONSENT_UNAVAILABLE"}',
      ],
      () => observed.ask('{ people { email } }'),
    )
    observed.services.before = () => undefined
    expect(Object.values(grown)).toEqual([1, 3, 3])
    expect(await observed.scraped()).not.toContain('fail_open')
  })

  it('how a subgraph failed', async () => {
    observed.services.before = () => {
      throw new Error('away')
    }
    const grown = await growth(
      [
        'assent_subgraph_requests_total{subgraph="people",kind="query",outcome="SUBGRAPH_UNREACHABLE"}',
        'assent_errors_total{code="SUBGRAPH_UNREACHABLE"}',
      ],
      () => observed.ask('{ greeting }'),
    )
    observed.services.before = () => undefined
    expect(Object.values(grown)).toEqual([1, 1])
  })
})

describe('The access log', () => {
  it('has one line a request, of names and counts', async () => {
    const over = observed.logged.next(/^request$/)
    const response = await observed.ask('{ people { email } }')
    expect(await over).toMatchObject({
      request: response.headers.get('x-request-id'),
      client: 'explorer',
      purpose: 'personalization',
      type: 'query',
      operation: 'other',
      hash: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      status: 200,
      outcome: 'ok',
      subgraphRequests: 2,
      consentSubjects: 3,
      withheld: 2,
      errors: [],
    })
  })
})

describe('Server-Timing', () => {
  it('tells a developer what took how long', async () => {
    const response = await observed.ask('{ people { email } }')
    expect(response.headers.get('server-timing')).toMatch(
      /^read;dur=[\d.]+, plan;dur=[\d.]+, fetch;dur=[\d.]+, consent;dur=[\d.]+, project;dur=[\d.]+$/,
    )
  })
})

it('without a setting nothing is measured and nobody is told', async () => {
  const silent = await startObservedGateway({ serverTiming: 'off' })
  const response = await silent.ask('{ people { email } }')
  expect(response.headers.get('server-timing')).toBeNull()
  expect(silent.logged.lines.map(({ msg }) => msg)).not.toContain('metrics are served')
  await silent.close()
})
