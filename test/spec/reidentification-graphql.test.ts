import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reidentificationFromFile } from '../../cli/reidentification-file.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { createIdentitySubgraph } from '../../subgraphs/identity/subgraph.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { openDesk } from '../support/reidentification-desk.ts'
import { signedRequest } from '../support/signed-request.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'

const KEY = 'the key of the identity subgraph, for tests'
const REQUEST = `mutation ($input: ReidentificationInput!) {
  requestReidentification(input: $input) { id state pid fields legalTicket reason requester expiresAt approvals { person } } }`
const INPUT = {
  pid: 'p1_ada',
  fields: ['EMAIL'],
  legalTicket: 'AZ-2026-114',
  reason: 'Order of the district court of 4 May about a stolen card',
}
const step = (name: string, id: string): string =>
  `mutation { ${name}Reidentification(id: "${id}") { id state } }`

describe('re-identification in GraphQL', () => {
  let at: Awaited<ReturnType<typeof openDesk>>
  let app: FastifyInstance
  const serve = async (isSet = true): Promise<void> => {
    const subgraph = createIdentitySubgraph({
      store: createMemoryIdentityStore(),
      vault: at.vault,
      pseudonymizer: createPseudonymizer({
        keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
        current: 1,
      }),
      reidentification: isSet ? at.desk : null,
    })
    app = await serveSubgraph({ ...subgraph, name: 'identity', grantKey: KEY, clock: at.options.clock })
  }
  beforeEach(async () => {
    at = await openDesk()
    await serve()
  })
  afterEach(() => app.close())

  const ask = async (
    query: string,
    { actor = null as string | null, purpose = 'legal_request', variables = {} } = {},
  ) => {
    const { headers, payload } = signedRequest(
      { query, variables },
      { subgraph: 'identity', key: KEY, now: at.options.clock(), actor, purpose },
    )
    const response = await app.inject({ method: 'POST', url: '/graphql', headers, payload })
    return response.json<{
      data: Record<string, never> | null
      errors?: { extensions: { code: string } }[]
    }>()
  }
  const codeOf = ({ errors }: Awaited<ReturnType<typeof ask>>) => errors?.[0]?.extensions.code

  it('goes from the request to the values, and each step says where it stands', async () => {
    const asked = await ask(REQUEST, { actor: 'cyd@desk', variables: { input: INPUT } })
    expect(asked.data).toEqual({
      requestReidentification: {
        id: expect.any(String),
        state: 'PENDING',
        ...INPUT,
        requester: 'cyd',
        expiresAt: '2026-05-04T09:00:00.000Z',
        approvals: [],
      },
    })
    const { id } = (asked.data as unknown as { requestReidentification: { id: string } })
      .requestReidentification
    expect((await ask(step('approve', id), { actor: 'dee@desk' })).data).toMatchObject({
      approveReidentification: { state: 'PENDING' },
    })
    expect((await ask(step('approve', id), { actor: 'bo@desk' })).data).toMatchObject({
      approveReidentification: { state: 'APPROVED' },
    })
    const list = '{ reidentifications(state: APPROVED) { id approvals { person at } } }'
    expect((await ask(list, { actor: 'dee@desk' })).data).toEqual({
      reidentifications: [
        {
          id,
          approvals: [
            { person: 'dee', at: '2026-05-01T09:00:00.000Z' },
            { person: 'bo', at: '2026-05-01T09:00:00.000Z' },
          ],
        },
      ],
    })
    const redeem = `mutation { one: redeemReidentification(id: "${id}") { pid values { field values } }
      two: redeemReidentification(id: "${id}") { pid } }`
    const redeemed = await ask(redeem, { actor: 'cyd@desk' })
    expect(redeemed.errors).toMatchObject([{ path: ['two'], extensions: { code: 'REQUEST_NOT_OPEN' } }])
    const trail = '{ reidentificationTrail { position event person denied } }'
    expect((await ask(trail, { actor: 'ann@desk' })).data).toEqual({
      reidentificationTrail: [
        { position: 1, event: 'REQUESTED', person: 'cyd', denied: null },
        { position: 2, event: 'APPROVED', person: 'dee', denied: null },
        { position: 3, event: 'APPROVED', person: 'bo', denied: null },
        { position: 4, event: 'REDEEMED', person: 'cyd', denied: null },
        { position: 5, event: 'REDEEMED', person: 'cyd', denied: 'REQUEST_NOT_OPEN' },
        { position: 6, event: 'TRAIL_READ', person: 'ann', denied: null },
      ],
    })
  })

  it('is answered for its purpose only, to who comes through the gateway, and where it is set up', async () => {
    const variables = { input: INPUT }
    for (const purpose of ['customer_service', 'marketing'])
      expect(codeOf(await ask(REQUEST, { actor: 'cyd@desk', purpose, variables }))).toBe(
        'PURPOSE_NOT_ALLOWED',
      )
    const { payload } = signedRequest(
      { query: REQUEST, variables },
      {
        subgraph: 'identity',
        key: KEY,
        now: at.options.clock(),
        actor: 'cyd@desk',
        purpose: 'legal_request',
      },
    )
    const direct = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json' },
      payload,
    })
    expect(codeOf(direct.json())).toBe('PURPOSE_NOT_ALLOWED')
    expect(await at.trail()).toEqual([])
    await app.close()
    await serve(false)
    expect(codeOf(await ask(REQUEST, { actor: 'cyd@desk', variables }))).toBe('REIDENTIFICATION_NOT_ALLOWED')
  })
})

describe('the file with the staff', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'assent-staff-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const read = (text: string) => {
    writeFileSync(join(directory, 'staff.yaml'), text)
    return reidentificationFromFile(join(directory, 'staff.yaml'))
  }

  it('says who is who, and whose policies hold', () => {
    writeFileSync(join(directory, 'own.cedar'), 'forbid (principal, action, resource);')
    expect(
      read('staff:\n  - { person: cyd, names: [cyd@desk], roles: [requester] }\npolicies: own.cedar'),
    ).toEqual({
      staff: [{ person: 'cyd', names: ['cyd@desk'], roles: ['requester'] }],
      policies: 'forbid (principal, action, resource);',
    })
  })

  it.each([
    ['no YAML', 'staff: [', ['is no YAML.']],
    ['no map', '- cyd', ['the file is no map.', 'staff is no list, or empty.']],
    ['nobody', 'staff: []', ['staff is no list, or empty.']],
    [
      'half a person',
      'staff:\n  - { person: cyd, names: cyd@desk, role: [requester] }',
      [
        'staff[0] knows only person, names, roles.',
        'staff[0].names is no list, or empty.',
        'staff[0].roles is no list, or empty.',
      ],
    ],
    [
      'policies that are not there',
      'staff:\n  - { person: a, names: [b], roles: [c] }\npolicies: none.cedar',
      ['cannot be read.'],
    ],
  ])('with %s is refused, with every fault', (_which, text, problems) => {
    const reading = () => read(text)
    expect(reading).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    for (const problem of problems) expect(reading).toThrow(problem)
  })
})
