import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayRequest } from '../../gateway/request.ts'
import type { HttpDoor } from '../../gateway/door/http-door.ts'
import { JsonText } from '../../gateway/json-text.ts'
import { openTestDoor } from '../support/open-test-door.ts'

const executed: GatewayRequest[] = []
let door: HttpDoor
let doorWithoutBatches: HttpDoor

const execute = async (request: GatewayRequest): Promise<object> => {
  executed.push(request)
  // The later a member stands, the sooner it is answered.
  for (let wait = 5 - Number(request.variables['n']); wait > 0; wait--) await Promise.resolve()
  return { data: new JsonText(`{"n":${JSON.stringify(request.variables['n'])}}`) }
}

beforeAll(async () => {
  door = await openTestDoor({ execute, http: { maxBatch: 4 } })
  doorWithoutBatches = await openTestDoor({ execute, http: { maxBatch: 1 } })
})
afterAll(() => Promise.all([door.close(), doorWithoutBatches.close()]))

const post = async (body: unknown, url = door.url): Promise<[status: number, body: unknown]> => {
  executed.length = 0
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return [response.status, await response.json()]
}

const numbered = (n: number) => ({
  query: 'query ($n: Int) { customers(first: $n) { pid } }',
  variables: { n },
})
const refused = (code: string) => ({
  errors: [expect.objectContaining({ extensions: expect.objectContaining({ code }) })],
})

describe('A batch', () => {
  it('is answered in order, whoever is ready first', async () => {
    expect(await post([numbered(1), numbered(2), numbered(3)])).toEqual([
      200,
      [{ data: { n: 1 } }, { data: { n: 2 } }, { data: { n: 3 } }],
    ])
    expect(new Set(executed.map(({ requestId }) => requestId)).size).toBe(3)
    // One account of what they are together: the limits of an operation hold for all of them.
    expect(new Set(executed.map(({ batch }) => batch)).size).toBe(1)
    expect(executed[0]?.batch).toBeDefined()
  })

  it('lets a member that was overtaken while the others were answered not leave', async () => {
    let isOvertaken = false
    const overtaken = await openTestDoor({
      http: { maxBatch: 4 },
      execute: async ({ variables: { n } }) => {
        if (n === 2) isOvertaken = true
        return { data: new JsonText(`{"n":${String(n)}}`), mayLeave: () => n === 2 || !isOvertaken }
      },
    })
    expect(await post([numbered(1), numbered(2)], overtaken.url)).toEqual([
      200,
      [refused('CONSENT_OVERTAKEN'), { data: { n: 2 } }],
    ])
    expect(await post(numbered(1), overtaken.url)).toEqual([503, refused('CONSENT_OVERTAKEN')])
    await overtaken.close()
  })

  it('answers each member for itself: one that is wrong fails alone', async () => {
    expect(await post([{ query: '{ nothing }' }, 7, numbered(3), { query: '{' }])).toEqual([
      200,
      [
        refused('GRAPHQL_VALIDATION_FAILED'),
        refused('PARAMETERS_INVALID'),
        { data: { n: 3 } },
        refused('GRAPHQL_PARSE_FAILED'),
      ],
    ])
    expect(executed).toHaveLength(1)
  })

  it('does not unfold into another one', async () => {
    expect(await post([[numbered(1)]])).toEqual([200, [refused('PARAMETERS_INVALID')]])
  })

  it('of more than the limit, or of none, is refused as a whole', async () => {
    expect(await post([1, 2, 3, 4, 5].map(numbered))).toEqual([400, refused('BATCH_TOO_LARGE')])
    expect(await post([])).toEqual([400, refused('PARAMETERS_INVALID')])
    expect(executed).toEqual([])
  })

  it('is refused where batches are turned off, also one of one', async () => {
    expect(await post([numbered(1)], doorWithoutBatches.url)).toEqual([400, refused('BATCH_TOO_LARGE')])
    expect(executed).toEqual([])
  })
})
