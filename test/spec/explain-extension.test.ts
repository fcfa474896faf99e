import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { GatewayResult } from '../../gateway/request.ts'
import { UNENDING } from '../../gateway/lifetime.ts'
import type { ClientContract } from '../../gateway/ports.ts'
import { explaining } from '../../gateway/start/explaining.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { callerWith, createWorld } from '../support/world.ts'

const world = createWorld(peopleGraph)
const QUERY = '{ people(ids: ["ada", "bo", "cyd"]) { email ssn hint } }'

interface Asking {
  readonly contract?: Partial<ClientContract>
  readonly isDevelopment?: boolean
  readonly header?: string
}

const asked = (
  query: string,
  { contract = {}, isDevelopment = false, header }: Asking,
): Promise<GatewayResult> => {
  const { gateway } = world
  return explaining(gateway, isDevelopment, gateway).execute({
    document: parse(query),
    variables: {},
    caller: callerWith({ scopes: world.vocabularyScopes, contract }),
    requestId: 'request-1',
    lifetime: UNENDING,
    incoming: (name) => (name === 'x-assent-explain' ? header : undefined),
  })
}

describe('a request that asks for its plan', () => {
  it('is told the plan after the cut, and how often the fence granted and denied what', async () => {
    const { extensions } = await asked(QUERY, { contract: { explain: true }, header: 'plan' })
    expect(extensions?.['plan']).toMatchObject({
      kind: 'Sequence',
      nodes: [
        { kind: 'Fetch', asks: expect.not.stringContaining('email') as string },
        {
          kind: 'Parallel',
          nodes: [
            { lookups: [{ name: 'L1', guards: [{ type: 'Person', subject: 'id' }] }] },
            { lookups: [{ name: 'L2' }] },
          ],
        },
      ],
    })
    expect(extensions?.['fence']).toEqual([
      {
        lookup: 'L1',
        objects: 3,
        people: 3,
        partitions: 2,
        anonymous: 0,
        subgraph: expect.stringMatching(/people/i) as string,
        granted: [
          { coordinate: 'Person.email', count: 2 },
          { coordinate: 'Person.ssn', count: 1 },
        ],
        denied: [
          { coordinate: 'Person.email', reason: 'REFUSED', count: 1 },
          { coordinate: 'Person.ssn', reason: 'REFUSED', count: 1 },
          { coordinate: 'Person.ssn', reason: 'EXPIRED', count: 1 },
        ],
      },
      expect.objectContaining({ lookup: 'L2', partitions: 1, anonymous: 2 }),
    ])
  })

  it('is told of nobody in particular', async () => {
    const { extensions } = await asked(QUERY.replace('ids: ["ada", "bo", "cyd"]', 'ids: []'), {
      contract: { explain: true },
      header: 'plan',
    })
    const all = await asked(QUERY, { contract: { explain: true }, header: 'plan' })
    const fence = JSON.stringify(all.extensions?.['fence'])
    expect(fence).not.toMatch(/ada|bo|cyd|canary/)
    expect(extensions?.['fence']).toEqual([])
  })

  it('is told no reasons where the contract discloses only places', async () => {
    const contract = { explain: true, disclose: 'coordinate' as const }
    const { extensions } = await asked(QUERY, { contract, header: 'plan' })
    expect(JSON.stringify(extensions?.['fence'])).not.toMatch(/REFUSED|EXPIRED|reason/)
  })

  it('gets the same data as one that does not', async () => {
    const { data } = await asked(QUERY, { contract: { explain: true }, header: 'plan' })
    const plain = await asked(QUERY, {})
    expect(JSON.stringify(data)).toBe(JSON.stringify(plain.data))
    expect(plain.extensions).not.toHaveProperty('plan')
  })

  it('is refused in production where the contract does not allow it, before anything is sent', async () => {
    await expect(asked(QUERY, { header: 'plan' })).rejects.toMatchObject({ code: 'EXPLAIN_REFUSED' })
    await expect(asked(QUERY, { header: 'anything' })).rejects.toMatchObject({ code: 'EXPLAIN_REFUSED' })
  })

  it('is answered by a development gateway whatever the contract says, in the one form there is', async () => {
    expect((await asked(QUERY, { isDevelopment: true, header: 'plan' })).extensions).toHaveProperty('plan')
    await expect(asked(QUERY, { isDevelopment: true, header: 'all' })).rejects.toMatchObject({
      code: 'HEADER_INVALID',
    })
  })
})
