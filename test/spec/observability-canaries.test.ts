import { expect, it } from 'vitest'
import { startCollector, startObservedGateway } from '../support/observed-gateway.ts'

/** Keys and values of the people, and what clients write that could be one. */
const PERSONAL = /\b(ada|bo|cyd|of ada|of bo)\b|canary/i

it('neither metrics nor spans nor logs nor headers hold anything personal, whatever goes wrong', async () => {
  const collector = await startCollector()
  const observed = await startObservedGateway({
    metricsPort: '0',
    otlpUrl: collector.url,
    accessLog: 'true',
    serverTiming: 'on',
    decisionLogPolicy: 'best-effort',
  })
  const headers: string[] = []
  const ask = async (query: string, sent: Record<string, string> = {}) => {
    const over = observed.logged.next(/^request$/)
    const response = await observed.ask(query, sent)
    for (const name of ['server-timing', 'x-request-id']) headers.push(response.headers.get(name) ?? '')
    await over
    return response.text()
  }
  const asked = [
    () => ask('{ people { id name email segment } }'),
    () => ask('query CanaryAda { people { canary: email } }'),
    () => ask('query CanaryAda($canary: Boolean!) { people { email @include(if: $canary) } }'),
    () => ask('{ people(canary: "ada") { email } }'),
    () => ask('{ people { email } "canary" }'),
    () => ask('{ greeting }', { 'x-assent-client': 'canary' }),
    () => ask('{ greeting }', { authorization: 'Bearer canary' }),
    () => ask('{ greeting }', { traceparent: 'canary', tracestate: 'canary=ada', baggage: 'canary=ada' }),
    () => ask('{ people { email } }', { 'x-assent-explain': 'plan' }),
    () => ask('{ people { email } }', { 'x-assent-explain': 'canary' }),
  ]
  const faults = [
    () => undefined,
    (service: string) => {
      if (service === 'consent') throw new Error('canary')
    },
    (service: string) => {
      if (service === 'people') throw new Error('canary')
    },
  ]
  const answers: string[] = []
  for (const fault of faults) {
    observed.services.before = fault
    for (const one of asked) answers.push(await one())
  }
  const metrics = await observed.scraped()
  await observed.close()
  await collector.close()
  // The canaries were there to be seen.
  expect(answers.join()).toMatch(/email of ada/)
  expect(metrics).toContain('CONSENT_UNAVAILABLE')
  expect(collector.spans.length).toBeGreaterThan(100)
  const told = { metrics, spans: collector.bodies, logs: observed.logged.lines, headers }
  for (const [where, text] of Object.entries(told))
    expect(PERSONAL.exec(JSON.stringify(text))?.[0], where).toBeUndefined()
})
