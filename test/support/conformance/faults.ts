import type { Fault, Fields } from './suite.ts'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

const JSON_TYPE = 'application/json'

/** Answers that have nothing to do with what was asked. `SUBGRAPH_SECRET` must never reach a client. */
export const NONSENSE: Partial<Record<Fault, Answer>> = {
  html: { status: 200, type: 'text/html', body: '<html><body>SUBGRAPH_SECRET</body></html>' },
  status500: { status: 500, type: 'text/plain', body: 'SUBGRAPH_SECRET at /srv/app.js:1' },
  empty: { status: 200, type: JSON_TYPE, body: '' },
  array: { status: 200, type: JSON_TYPE, body: '[{"data":{"secret":"SUBGRAPH_SECRET"}}]' },
  dataArray: { status: 200, type: JSON_TYPE, body: '{"data":["SUBGRAPH_SECRET"]}' },
  noData: { status: 200, type: JSON_TYPE, body: '{"data":null}' },
}

/** A result as a subgraph with this fault would send it. */
export const answerWith = (
  fault: Fault | undefined,
  result: Fields,
  unmark: (body: string) => string,
): Answer => {
  const nonsense = fault === undefined ? undefined : NONSENSE[fault]
  return nonsense ?? { status: 200, type: JSON_TYPE, body: unmark(JSON.stringify(result)) }
}

type Entity = Fields | null

const ENTITIES: Partial<Record<Fault, (entities: readonly Entity[]) => unknown[]>> = {
  rotate: (entities) => [...entities.slice(1), ...entities.slice(0, 1)],
  short: (entities) => entities.slice(0, -1),
  long: (entities) => [...entities, ...entities.slice(0, 1)],
  wrongType: (entities) => entities.map((one) => one && { ...one, __typename: 'SUBGRAPH_SECRET' }),
}

/** What a subgraph with this fault does to a result before it writes it. */
export const tamperEntities = (fault: Fault | undefined, result: Fields): Fields => {
  if (fault === undefined) return result
  if (fault === 'pathless') return { ...result, errors: [{ message: 'SUBGRAPH_SECRET' }] }
  if (fault === 'extra') return { ...result, data: withExtra(result['data']), more: 'SUBGRAPH_SECRET' }
  if (fault === 'proto')
    return { ...result, data: JSON.parse(JSON.stringify(result['data']).replace(/\{/, PROTO)) as unknown }
  const change = ENTITIES[fault]
  const data = result['data'] as Fields | null | undefined
  if (change === undefined || !data) return result
  const changed = Object.entries(data).map(([key, value]) =>
    Array.isArray(value) && key.startsWith('_e') ? [key, change(value as Entity[])] : [key, value],
  )
  return { ...result, data: Object.fromEntries(changed) as Fields }
}

const PROTO = '{"__proto__":{"polluted":"SUBGRAPH_SECRET"},"constructor":{"prototype":{"polluted":1}},'

const withExtra = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withExtra)
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.entries(value).map(([key, one]) => [key, withExtra(one)])
  return { ...(Object.fromEntries(inner) as Fields), unasked: 'SUBGRAPH_SECRET' }
}
