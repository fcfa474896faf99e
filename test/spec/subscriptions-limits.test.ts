import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS, type LimitName } from '../../gateway/limits/limits.ts'
import { openPeopleDoor, type PeopleDoor } from '../support/open-people-door.ts'
import { type OperationReader, readOver, type Transport } from '../support/read-events.ts'

/** One way of asking, limited on every other way, is a way around the limit (CVE-2026-30241: no depth limit on WebSocket). */
const LIMITED: readonly [limit: LimitName, most: number, query: string, subscription: string][] = [
  [
    'depth',
    2,
    '{ person(id: "ada") { bestFriend { name } } }',
    'subscription { arrived { bestFriend { name } } }',
  ],
  ['aliases', 1, '{ person(id: "ada") { a: name b: name } }', 'subscription { arrived { a: name b: name } }'],
  ['rootFields', 1, '{ shops { sku } rounds { id } }', ''],
  [
    'tokens',
    12,
    '{ person(id: "ada") { id name id name id } }',
    'subscription { arrived { id name id name id name id } }',
  ],
  ['selections', 3, '{ person(id: "ada") { id name score } }', 'subscription { arrived { id name score } }'],
  [
    'directives',
    1,
    '{ person(id: "ada") { id @skip(if: false) name @skip(if: false) } }',
    'subscription { arrived { id @skip(if: false) name @skip(if: false) } }',
  ],
  [
    'fragments',
    1,
    '{ person(id: "ada") { ...A ...B } } fragment A on Person { id } fragment B on Person { name }',
    'subscription { arrived { ...A ...B } } fragment A on Person { id } fragment B on Person { name }',
  ],
  [
    'operations',
    1,
    'query A { shops { sku } } query B { shops { sku } }',
    'subscription A { count } subscription B { count }',
  ],
]

const codeOf = async (reader: OperationReader): Promise<unknown> => {
  const told: unknown = await reader.next().catch((cause: unknown) => cause)
  const { errors = told } = told as { errors?: unknown }
  const [first] = Array.isArray(errors) ? (errors as { extensions: { code: string; place: string } }[]) : []
  return first === undefined ? 'answered' : `${first.extensions.code} ${first.extensions.place}`
}

const overJson = (url: string, query: string): OperationReader => ({
  async next() {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as Record<string, unknown>
  },
  leave: async () => undefined,
})

describe.each(LIMITED)('limits.%s of %i is the same', (limit, most, query, subscription) => {
  let door: PeopleDoor
  beforeAll(async () => {
    const limits = { ...DEFAULT_LIMITS, [limit]: most }
    door = await openPeopleDoor({ limits, world: { limits } })
  })
  afterAll(() => door.close())

  const ask = async (transport: Transport | 'json', text: string): Promise<unknown> => {
    const reader =
      transport === 'json' ? overJson(door.url, text) : readOver(transport, door.url, { query: text })
    const code = await codeOf(reader)
    await reader.leave()
    return code
  }

  test.each(['json', 'sse', 'multipart', 'ws'] as const)('for a query over %s', async (transport) => {
    expect(await ask(transport, query)).toMatch(new RegExp(`^OPERATION_TOO_LARGE limits\\.${limit}`))
  })

  test.runIf(subscription !== '').each(['sse', 'multipart', 'ws'] as const)(
    'for a subscription over %s',
    async (transport) => {
      expect(await ask(transport, subscription)).toMatch(new RegExp(`^OPERATION_TOO_LARGE limits\\.${limit}`))
    },
  )
})
