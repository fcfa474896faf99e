import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SPANS } from '../../gateway/observe/catalogue.ts'
import {
  type CollectedSpan,
  type Collector,
  startCollector,
  startObservedGateway,
} from '../support/observed-gateway.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

let collector: Collector
const heard: string[] = []

const traced = (traceId: string): CollectedSpan[] =>
  collector.spans.filter((span) => span.traceId === traceId)
const named = (name: string): CollectedSpan => {
  const span = traced(TRACE).find((one) => one.name === name)
  return span ?? expect.fail(`no span ${name}`)
}

beforeAll(async () => {
  collector = await startCollector()
  const observed = await startObservedGateway({ otlpUrl: collector.url })
  observed.services.before = (service, headers) => {
    if (service === 'people') heard.push(String(headers['traceparent']))
  }
  await observed.ask('{ people { email } }', { traceparent: `00-${TRACE}-${PARENT}-01` })
  // A client that has decided against it is not traced; its subgraphs hear that.
  await observed.ask('{ greeting }', { traceparent: `00-${TRACE.replace('0', '1')}-${PARENT}-00` })
  await observed.ask('{ greeting }', { traceparent: 'ada@example.org' })
  observed.services.before = () => {
    throw new Error('away')
  }
  await observed.ask('{ greeting }', { traceparent: `00-${TRACE.replace('0', '2')}-${PARENT}-01` })
  await observed.close()
})
afterAll(() => collector.close())

describe('A trace', () => {
  it('is the client’s, from the request to each subgraph', () => {
    expect(named('assent.request')).toMatchObject({
      parentSpanId: PARENT,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/graphql',
        'http.response.status_code': 200,
        'graphql.operation.type': 'query',
        'assent.client': 'explorer',
        'assent.purpose': 'personalization',
        'assent.withheld': 2,
      },
    })
    const tree = traced(TRACE).map(({ name, parentSpanId }) => {
      const parent = traced(TRACE).find(({ spanId }) => spanId === parentSpanId)
      return `${parent?.name ?? 'client'} > ${name}`
    })
    expect(tree.toSorted()).toEqual(
      [
        'client > assent.request',
        ...['read', 'plan', 'fetch', 'project', 'write'].map((phase) => `assent.request > assent.${phase}`),
        'assent.fetch > assent.subgraph',
        'assent.fetch > assent.consent',
        'assent.fetch > assent.subgraph',
        'assent.fetch > assent.record',
      ].toSorted(),
    )
  })

  it('goes on in the subgraphs, each under its own span', () => {
    const subgraphs = traced(TRACE).filter(({ name }) => name === 'assent.subgraph')
    expect(heard.slice(0, 2).toSorted()).toEqual(
      subgraphs.map(({ spanId }) => `00-${TRACE}-${spanId}-01`).toSorted(),
    )
  })

  it('is not taken where the client decided against it', () => {
    expect(traced(TRACE.replace('0', '1'))).toEqual([])
    expect(heard[2]).toMatch(new RegExp(`^00-${TRACE.replace('0', '1')}-[0-9a-f]{16}-00$`))
  })

  it('begins here where the client sent something else than a trace', () => {
    expect(heard[3]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  it('says by code what failed', () => {
    const failed = traced(TRACE.replace('0', '2')).find(({ name }) => name === 'assent.subgraph')
    expect(failed).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': 'SUBGRAPH_UNREACHABLE' },
    })
  })

  it('holds the spans and attributes of the catalogue, and no others', () => {
    const known = new Map<string, readonly string[]>(
      Object.values(SPANS).map(({ name, attributes }) => [name, attributes]),
    )
    for (const { name, attributes } of collector.spans)
      expect(known.get(name) ?? expect.fail(name)).toEqual(expect.arrayContaining(Object.keys(attributes)))
  })
})
