import { beforeEach, describe, expect, test } from 'vitest'
import type { KeptRequest } from '../../subgraphs/identity/reidentification/kept-request.ts'
import type { ReidentificationStore } from '../../subgraphs/identity/reidentification/reidentification-store.ts'
import {
  linkAfter,
  type TrailEntry,
  type TrailLink,
} from '../../subgraphs/identity/reidentification/trail.ts'
import { asker, openDesk } from '../support/reidentification-desk.ts'

const entry: TrailEntry = {
  at: Date.UTC(2026, 4, 1),
  event: 'requested',
  person: 'cyd',
  name: 'cyd@desk',
  client: 'legal',
  request: null,
  pid: 'p1_ada',
  fields: ['EMAIL'],
  ticket: 'AZ-1',
  reason: null,
  denied: null,
  policies: ['one'],
}

const request: KeptRequest = {
  id: '5c1ad6c5-95bb-4d66-9f0c-6a8f9e3e1d01',
  requester: 'cyd',
  pid: 'p1_ada',
  records: ['r_1', 'r_2'],
  fields: ['EMAIL', 'GIVEN_NAME'],
  ticket: 'AZ-1',
  reason: { key: { keyId: 'w1', bytes: Buffer.from([0, 1, 255]) }, sealed: Buffer.from([7, 0, 128]) },
  requestedAt: Date.UTC(2026, 4, 1),
  approvals: [],
  refusal: null,
  redeemedAt: null,
  expiresAt: Date.UTC(2026, 4, 4),
  revision: 1,
}
const key = Buffer.alloc(32, 7)

/** What every store of requests does. `open` gives an empty one, and each call after it another replica on the same data. */
export function reidentificationStoreContract(
  engine: string,
  open: () => Promise<() => ReidentificationStore>,
): void {
  describe(`store of re-identifications on ${engine}`, () => {
    let store: ReidentificationStore
    let replica: ReidentificationStore
    beforeEach(async () => {
      const opened = await open()
      store = opened()
      replica = opened()
    })
    const put = (one: KeptRequest, into = store) => into.inTurn((turn) => turn.put(one))
    const append = (into = store) =>
      into.inTurn(async (turn): Promise<TrailLink> => {
        const link = linkAfter(turn.tip, entry, key)
        await turn.append(link)
        return link
      })

    test('what was put is read as it was, the newest first', async () => {
      const approved = {
        ...request,
        id: request.id.replace(/.$/, '2'),
        approvals: [{ person: 'dee', at: 7 }],
      }
      await put(request)
      await put(approved)
      expect(await store.request(request.id)).toEqual(request)
      expect(await store.request(request.id.replace(/.$/, '9'))).toBeNull()
      expect(await store.requests(10)).toEqual([approved, request])
      expect(await store.requests(1)).toEqual([approved])
      await put({ ...request, revision: 2, refusal: { person: 'bo', at: 9 } })
      expect((await replica.request(request.id))?.refusal).toEqual({ person: 'bo', at: 9 })
    })

    test('who asked since is counted', async () => {
      await put(request)
      await put({
        ...request,
        id: request.id.replace(/.$/, '2'),
        requester: 'bo',
        requestedAt: request.requestedAt + 5,
      })
      const since = (at: number) => store.inTurn((turn) => turn.requestersSince(at))
      expect((await since(request.requestedAt - 1)).toSorted()).toEqual(['bo', 'cyd'])
      expect(await since(request.requestedAt)).toEqual(['bo'])
    })

    test('a turn that fails leaves nothing', async () => {
      const failing = store.inTurn(async (turn) => {
        await turn.put(request)
        await turn.append(linkAfter(turn.tip, entry, key))
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
      expect(await store.requests(10)).toEqual([])
      expect(await store.trail(0, 10)).toEqual([])
      await append()
      expect((await store.trail(0, 10)).map(({ position }) => position)).toEqual([1])
    })

    test('turns of all replicas come one after the other, and the trail has no gap and no fork', async () => {
      await Promise.all(Array.from({ length: 12 }, (_, index) => append(index % 2 === 0 ? store : replica)))
      const links = await store.trail(0, 100)
      expect(links.map(({ position }) => position)).toEqual(
        Array.from({ length: 12 }, (_, index) => index + 1),
      )
      for (const [index, link] of links.entries())
        expect(link.previous).toEqual(links[index - 1]?.hash ?? Buffer.alloc(32))
      expect((await replica.trail(10, 1)).map(({ position }) => position)).toEqual([11])
    })

    test('there is one key of the trail, whoever makes it first', async () => {
      expect(await store.trailKey()).toBeNull()
      const made = (fill: number) => ({ keyId: `w${fill}`, bytes: Buffer.alloc(3, fill) })
      await Promise.all([store.keepTrailKey(made(1)), replica.keepTrailKey(made(2))])
      const kept = await store.trailKey()
      expect(kept).toEqual(await replica.trailKey())
      await store.keepTrailKey(made(3))
      expect(await store.trailKey()).toEqual(kept)
    })

    test('two approvals and two redemptions at once on two replicas: each counts once', async () => {
      const { desk, options, ask } = await openDesk({ store })
      const { desk: other } = await openDesk({ ...options, store: replica })
      const { id } = await ask()
      const twice = await Promise.allSettled([desk, other].map((each) => each.approve(asker('dee@desk'), id)))
      expect(twice.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      await other.approve(asker('bo@desk'), id)
      const redeemed = await Promise.allSettled(
        [desk, other, desk].map((each) => each.redeem(asker('cyd@desk'), id)),
      )
      expect(redeemed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await store.trail(0, 100)).toHaveLength(7)
    })
  })
}
