import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { createOpentelemetryTracing } from '../../gateway/adapters/opentelemetry-tracing.ts'

it('a collector that is away holds up nobody for long', async () => {
  const nobody = createServer().listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  const { port } = nobody.address() as AddressInfo
  nobody.close()
  const url = `http://127.0.0.1:${port}/v1/traces`
  const tracing = createOpentelemetryTracing({ url, serviceName: 'assent', samplePercent: 100 })
  tracing.begin(undefined, {}).end()
  const began = performance.now()
  await tracing.close().catch(() => undefined)
  expect(performance.now() - began).toBeLessThan(2000)
})

it('a trace of nobody’s making begins one of its own, as often as is asked', async () => {
  const url = 'http://127.0.0.1:9/v1/traces'
  const never = createOpentelemetryTracing({ url, serviceName: 'assent', samplePercent: 0 })
  for (const sent of [
    undefined,
    '',
    'canary',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `ff-${'1'.repeat(32)}`,
  ])
    expect(never.begin(sent, {}).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  await never.close()
})
