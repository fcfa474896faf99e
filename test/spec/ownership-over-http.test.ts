import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { ownershipRoutes } from '../../subgraphs/ownership/routes.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { NOON, openProfileDesk, type ProfileDesk } from '../support/profile-desk.ts'

const TOKENS = new Map([
  ['crm', 'the token of the crm, thirty-two bytes and more'],
  ['cdp', 'the token of the cdp, thirty-two bytes and more'],
])
const OPERATOR = 'the token of the operator, thirty-two bytes and more'

describe('Systems write to profiles over HTTP', () => {
  let desk: ProfileDesk
  let app: FastifyInstance
  let url: string
  let isCurrent: boolean
  beforeEach(async () => {
    desk = openProfileDesk()
    isCurrent = true
    app = await serveSubgraph({
      name: 'identity',
      sdl: `extend schema @link(url: "https://assent.example/consent/v1.0") type Query { nothing: Int }`,
      resolvers: {},
      grantKey: null,
      clock: () => NOON,
      routes: ownershipRoutes({
        ...desk,
        currency: { isCurrent: () => isCurrent },
        systemTokens: TOKENS,
        operatorToken: OPERATOR,
      }),
    })
    url = await app.listen({ host: '127.0.0.1', port: 0 })
  })
  afterEach(() => app.close())

  const post = async (body: string | Uint8Array<ArrayBuffer>, token = TOKENS.get('crm') ?? '') => {
    const answer = await fetch(`${url}/profile/v1/writes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body,
    })
    const lines = (await answer.text()).trim().split('\n')
    return { answer, lines: lines.map((line) => JSON.parse(line === '' ? 'null' : line) as unknown) }
  }
  const line = (rest: object) =>
    JSON.stringify({
      pid: 'ada',
      attribute: 'shared.country',
      value: 'DE',
      version: 1,
      at: '2026-05-01T11:00:00Z',
      ...rest,
    })
  const show = (path: string, token = OPERATOR) =>
    fetch(`${url}/profile/v1/people/${path}`, { headers: { authorization: `Bearer ${token}` } })

  test('one line is one write and has one outcome, in their order', async () => {
    const body = [
      line({}),
      'broken',
      line({ attribute: 'segments.names', value: ['a'] }),
      line({ value: 'AT', version: 2 }),
    ]
    const { answer, lines } = await post(`${body.join('\r\n')}\n`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/x-ndjson; charset=utf-8',
    ])
    expect(lines).toEqual([
      {
        line: 1,
        outcome: 'lost',
        known: false,
        rule: 'own version',
        to: { system: 'crm', version: 2, at: NOON - 3_600_000 },
      },
      {
        line: 2,
        outcome: 'refused',
        code: 'PROFILE_WRITE_UNREADABLE',
        message: 'A line cannot be read as a write to a profile (line).',
      },
      expect.objectContaining({ line: 3, outcome: 'refused', code: 'NOT_THE_OWNER', owner: 'cdp' }),
      { line: 4, outcome: 'holds', known: false },
    ])
  })

  test('the token says which system it is', async () => {
    const segment = line({ attribute: 'shared.lifecycle', value: 'lead' })
    await post(segment, TOKENS.get('cdp'))
    const { holds } = (await (await show('ada/shared.lifecycle')).json()) as { holds: { system: string } }
    expect(holds.system).toBe('cdp')
  })

  test.each(['', 'somebody', OPERATOR])('whoever has no token of a system writes nothing', async (token) => {
    const { answer, lines } = await post(line({}), token)
    expect([answer.status, lines[0]]).toMatchObject([
      401,
      { errors: [{ extensions: { code: 'TOKEN_REFUSED' } }] },
    ])
    expect(await desk.store.of([{ pid: 'ada', attribute: 'shared.country' }], NOON)).toEqual([])
  })

  test('while it is not known what people consent to, nothing is taken and nothing is shown', async () => {
    isCurrent = false
    const { answer, lines } = await post(line({}))
    expect([answer.status, answer.headers.get('retry-after'), lines[0]]).toMatchObject([
      503,
      '5',
      { errors: [{ extensions: { code: 'OWNERSHIP_NOT_CURRENT' } }] },
    ])
    expect((await show('ada/shared.country')).status).toBe(503)
    expect(await desk.store.of([{ pid: 'ada', attribute: 'shared.country' }], NOON)).toEqual([])
  })

  test('more lines than are taken at once change nothing', async () => {
    const { answer } = await post(Array.from({ length: 5_001 }, (_, version) => line({ version })).join('\n'))
    expect(answer.status).toBe(413)
    expect(await desk.store.of([{ pid: 'ada', attribute: 'shared.country' }], NOON)).toEqual([])
  })

  test('bytes that are no text are refused by their line', async () => {
    const { lines } = await post(
      Buffer.concat([Buffer.from('{"pid":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
    )
    expect(lines).toMatchObject([{ outcome: 'refused', code: 'PROFILE_WRITE_UNREADABLE' }])
  })

  test('no lines have no outcomes', async () => {
    const { answer, lines } = await post('')
    expect([answer.status, lines]).toEqual([200, [null]])
  })

  test('support sees what holds, what lost, by which rule and to what', async () => {
    await post(line({}))
    await post(line({ value: 'AT', at: '2026-05-01T10:00:00Z' }), TOKENS.get('cdp'))
    const answer = await show('ada/shared.country')
    expect(await answer.json()).toEqual({
      attribute: 'shared.country',
      meaning: 'Where this person lives (ISO 3166-1 alpha-2).',
      writers: ['crm', 'cdp'],
      precedence: ['present', 'newest', 'system'],
      registry: 'profile@1.0.0',
      holds: { system: 'crm', version: 1, at: '2026-05-01T11:00:00.000Z', confirmed: false, value: 'DE' },
      lost: [
        {
          system: 'cdp',
          version: 1,
          at: '2026-05-01T10:00:00.000Z',
          confirmed: false,
          value: 'AT',
          rule: 'newest',
          to: { system: 'crm', version: 1, at: '2026-05-01T11:00:00.000Z', confirmed: false },
        },
      ],
    })
  })

  test('and nobody else does', async () => {
    expect((await show('ada/shared.country', TOKENS.get('crm'))).status).toBe(401)
    expect((await show('ada/shared.shoe_size')).status).toBe(404)
  })
})
