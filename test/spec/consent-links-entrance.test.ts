import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { LinkRefused } from '../../subgraphs/identity/graph/linked-consent.ts'
import { linkedConsentOver } from '../../subgraphs/linked-consent.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { createSignedCaller, type SignedCallerOptions } from '../../subgraphs/signed-caller.ts'
import { firstReceipt, NOON } from '../support/receipts.ts'

const GATEWAY_KEY = 'the key of the gateway, thirty-two bytes'
const IDENTITY_KEY = 'the key of identity, of thirty-two bytes'

let app: FastifyInstance
let store: ConsentStore
let leases: ReturnType<typeof createMemoryLeaseStore>
let url: string

beforeEach(async () => {
  store = createMemoryConsentStore(() => NOON)
  leases = createMemoryLeaseStore(() => NOON)
  const subgraph = createConsentSubgraph({ store, leases, clock: () => NOON })
  app = await serveSubgraph({
    ...subgraph,
    name: 'consent',
    grantKey: GATEWAY_KEY,
    peerKeys: { identity: IDENTITY_KEY },
    clock: () => NOON,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/graphql`
})
afterEach(() => app.close())

const caller = (more: Partial<SignedCallerOptions> = {}) =>
  createSignedCaller({
    url,
    subgraph: 'consent',
    peer: 'identity',
    purpose: 'linking',
    key: IDENTITY_KEY,
    clock: () => NOON,
    timeoutMs: 2_000,
    ...more,
  })

const link = (more: object = {}) => ({
  decisionId: 'm_1',
  pids: ['ada', 'bo'],
  kind: 'merged' as const,
  at: NOON,
  by: 'clerk-7',
  ...more,
})

const groupOf = async (pid: string) => [
  ...((await store.records([pid])).get(pid)?.group?.members.keys() ?? []),
]

describe('The consent service links pids', () => {
  test('for identity, and answers when nobody relies on what was before', async () => {
    const consent = linkedConsentOver(caller())
    await consent.link([link() as never])
    expect(await groupOf('ada')).toEqual(['ada', 'bo'])
    await store.append([firstReceipt('bo')])
    const [said] = await consent.unlink([{ decisionId: 'm_1', at: NOON, by: 'clerk-7' }])
    expect(said).toMatchObject({ decisionId: 'm_1', pid: 'bo', scope: 'analytics', status: 'given' })
    expect(await groupOf('ada')).toEqual([])
    expect(await consent.saidWhileLinked(['m_1'])).toEqual([said])
  })

  test('and says that it waits while a gateway has not heard of it', async () => {
    await leases.hold('a gateway that is silent', '0')
    const answer = await caller()('consent/v1/links', { links: [link()], waitMs: 0 })
    expect(answer).toEqual({ revision: '2', effective: 'PENDING' })
    await leases.hold('a gateway that is silent', '2')
    expect(await caller()('consent/v1/links', { links: [link()] })).toEqual({
      revision: '2',
      effective: 'EFFECTIVE',
    })
    expect(await store.revision()).toBe('2')
  })

  test.each<[string, Partial<SignedCallerOptions>]>([
    ['the gateway, with its key', { key: GATEWAY_KEY, peer: 'gateway' }],
    ['the gateway, in the name of identity', { key: GATEWAY_KEY }],
    ['somebody with a key of their own', { key: 'a key that nobody shares with consent' }],
    ['somebody else who has the key', { peer: 'crm' }],
    ['a request to another service', { subgraph: 'features' }],
    ['a request of yesterday', { clock: () => NOON - 86_400_000 }],
  ])('not for %s', async (_who, options) => {
    await expect(caller(options)('consent/v1/links', { links: [link()] })).rejects.toThrow('status 403')
    expect(await store.revision()).toBe('0')
  })

  test('and gives identity nothing else that is the gateway’s', async () => {
    await expect(caller()('consent/v1/decide', { subjects: ['ada'] })).rejects.toThrow('status 403')
  })

  test.each<[string, unknown, string]>([
    ['no list', 'm_1', 'LINK_INVALID'],
    ['a person with themselves', [link({ pids: ['ada', 'ada'] })], 'LINK_INVALID'],
    ['one pid', [link({ pids: ['ada'] })], 'LINK_INVALID'],
    ['nobody', [link({ pids: ['ada', 'anonymous'] })], 'LINK_INVALID'],
    ['a pid that is none', [link({ pids: ['ada', 'a b'] })], 'LINK_INVALID'],
    ['an unknown kind', [link({ kind: 'similar' })], 'LINK_INVALID'],
    ['no decision', [link({ decisionId: '' })], 'LINK_INVALID'],
    ['no time', [link({ at: '2026' })], 'LINK_INVALID'],
    ['nobody who decided', [link({ by: '' })], 'LINK_INVALID'],
    ['two links under one id', [link(), link({ pids: ['ada', 'cyd'] })], 'LINK_ID_REUSED'],
  ])('not of %s, nor anything that comes with it', async (_what, links, code) => {
    const consent = linkedConsentOver(caller())
    const asked = Array.isArray(links)
      ? [link({ decisionId: 'm_0', pids: ['cyd', 'dee'] }), ...(links as [])]
      : links
    const refused = await consent.link(asked as never).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(LinkRefused)
    expect(refused).toMatchObject({ code })
    expect(await store.revision()).toBe('0')
  })

  test('later, where it is not reached: that is no refusal', async () => {
    await app.close()
    await expect(linkedConsentOver(caller()).link([link() as never])).rejects.not.toBeInstanceOf(LinkRefused)
  })
})
