import { beforeEach, describe, expect, it } from 'vitest'
import { type Redeemed } from '../../subgraphs/identity/reidentification/decide-request.ts'
import { verifyTrail } from '../../subgraphs/identity/reidentification/verify-trail.ts'
import { adaInCrm, asker, openDesk } from '../support/reidentification-desk.ts'

const HOUR = 3_600_000

type Desk = Awaited<ReturnType<typeof openDesk>>

describe('who stands behind a pid', () => {
  let at: Desk
  beforeEach(async () => {
    at = await openDesk()
  })
  const refused = (code: string) => ({ extensions: { code } })
  const valuesOf = ({ values }: Redeemed) =>
    Object.fromEntries(values.map(({ field, values: all }) => [field, all]))

  it('is told to who asked with a ticket, when two others have approved, once', async () => {
    const { id, state } = {
      ...(await at.ask('cyd@desk', { fields: ['EMAIL', 'GIVEN_NAME'] })),
      state: 'PENDING',
    }
    expect(state).toBe('PENDING')
    await at.desk.approve(asker('dee@desk'), id)
    await expect(at.desk.redeem(asker('cyd@desk'), id)).rejects.toMatchObject(refused('REQUEST_NOT_OPEN'))
    await at.desk.approve(asker('bo@desk'), id)
    expect(valuesOf(await at.desk.redeem(asker('cyd@desk'), id))).toEqual({
      EMAIL: ['ada@example.org', 'ada@shop.example'],
      GIVEN_NAME: ['Ada'],
    })
    await expect(at.desk.redeem(asker('cyd@desk'), id)).rejects.toMatchObject(refused('REQUEST_NOT_OPEN'))
  })

  it('only in the fields that were asked for', async () => {
    const redeemed = await at.desk.redeem(asker('cyd@desk'), await at.approved())
    expect(valuesOf(redeemed)).toEqual({ EMAIL: ['ada@example.org', 'ada@shop.example'] })
    expect(JSON.stringify(redeemed)).not.toMatch(/Lind|1990|device/)
  })

  it('nothing is opened in the vault before the redemption, nor for who may not redeem', async () => {
    const id = await at.approved()
    for (const name of ['dee@desk', 'bo@desk', 'ann@desk', 'nobody', null])
      await expect(at.desk.redeem(asker(name), id)).rejects.toMatchObject(
        refused('REIDENTIFICATION_NOT_ALLOWED'),
      )
    expect(at.opened).toEqual([])
    await at.desk.redeem(asker('cyd@desk'), id)
    expect(at.opened).toHaveLength(1)
  })

  describe('approval', () => {
    it('is not the requester’s, whatever name they use', async () => {
      const { id } = await at.ask()
      for (const name of ['cyd@desk', 'cyd-by-night', ' CYD@desk '])
        await expect(at.desk.approve(asker(name), id)).rejects.toMatchObject(
          refused('REIDENTIFICATION_NOT_ALLOWED'),
        )
    })

    it('is not the requester’s even where the policies would let them', async () => {
      const lenient = await openDesk({ authority: { rule: () => ({ isAllowed: true, policies: ['all'] }) } })
      const { id } = await lenient.ask()
      await expect(lenient.desk.approve(asker('cyd-by-night'), id)).rejects.toMatchObject(
        refused('APPROVER_NOT_INDEPENDENT'),
      )
    })

    it('counts once a person', async () => {
      const { id } = await at.ask()
      await at.desk.approve(asker('dee@desk'), id)
      await expect(at.desk.approve(asker('DEE@desk'), id)).rejects.toMatchObject(
        refused('APPROVER_NOT_INDEPENDENT'),
      )
      const [shown] = await at.desk.list(asker('bo@desk'), { state: 'PENDING', first: 10 })
      expect(shown?.approvals).toEqual([{ person: 'dee', at: expect.any(Number) }])
    })

    it('counts once a customer, where two of the staff are one in the graph', async () => {
      const { id } = await at.ask()
      await at.desk.approve(asker('bo@desk'), id)
      await expect(at.desk.approve(asker('eve@desk'), id)).rejects.toMatchObject(
        refused('APPROVER_NOT_INDEPENDENT'),
      )
    })

    it('by two at once is two; by one person twice at once is one', async () => {
      const { id } = await at.ask()
      const twice = await Promise.allSettled([
        at.desk.approve(asker('dee@desk'), id),
        at.desk.approve(asker('dee@desk'), id),
      ])
      expect(twice.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      const other = (await at.ask('cyd@desk')).id
      await Promise.all([at.desk.approve(asker('dee@desk'), other), at.desk.approve(asker('bo@desk'), other)])
      expect(await at.desk.list(asker('dee@desk'), { state: 'APPROVED', first: 10 })).toHaveLength(1)
    })

    it('may be refused by one, and then it is over', async () => {
      const id = await at.approved()
      await at.desk.refuse(asker('eve@desk'), id)
      await expect(at.desk.redeem(asker('cyd@desk'), id)).rejects.toMatchObject(refused('REQUEST_NOT_OPEN'))
      await expect(at.desk.approve(asker('eve@desk'), id)).rejects.toMatchObject(refused('REQUEST_NOT_OPEN'))
      expect(at.opened).toEqual([])
    })
  })

  describe('time', () => {
    it('runs out for the approvals', async () => {
      const { id } = await at.ask()
      at.later(72 * HOUR)
      await expect(at.desk.approve(asker('dee@desk'), id)).rejects.toMatchObject(refused('REQUEST_NOT_OPEN'))
    })

    it('runs out for the redemption, from the second approval on', async () => {
      const { id } = await at.ask()
      at.later(71 * HOUR)
      await at.desk.approve(asker('dee@desk'), id)
      await at.desk.approve(asker('bo@desk'), id)
      at.later(24 * HOUR - 1)
      const [shown] = await at.desk.list(asker('dee@desk'), { state: 'APPROVED', first: 10 })
      expect(shown?.id).toBe(id)
      at.later(1)
      await expect(at.desk.redeem(asker('cyd@desk'), id)).rejects.toMatchObject(refused('REQUEST_NOT_OPEN'))
      expect(await at.desk.list(asker('dee@desk'), { state: 'EXPIRED', first: 10 })).toHaveLength(1)
    })
  })

  describe('is asked for', () => {
    it('as often as one person may, and all together may', async () => {
      for (let count = 0; count < 5; count += 1) await at.ask()
      await expect(at.ask()).rejects.toMatchObject(refused('REIDENTIFICATION_LIMIT'))
      await at.ask('bo@desk')
      at.later(24 * HOUR + 1)
      await at.ask()
      const crowded = await openDesk({ terms: { ...at.options.terms, requestsInTotal: 2 } })
      await crowded.ask()
      await crowded.ask('bo@desk')
      await expect(crowded.ask('bo@desk')).rejects.toMatchObject(refused('REIDENTIFICATION_LIMIT'))
    })

    const wrong: readonly (readonly [string, Parameters<Desk['ask']>[1], string])[] = [
      ['without a ticket', { legalTicket: '' }, 'REIDENTIFICATION_INVALID'],
      ['with an address for a ticket', { legalTicket: 'ada@example.org' }, 'REIDENTIFICATION_INVALID'],
      ['with a number for a ticket', { legalTicket: '+49301234567' }, 'REIDENTIFICATION_INVALID'],
      ['without a reason', { reason: 'because  ' }, 'REIDENTIFICATION_INVALID'],
      ['with a reason nobody reads', { reason: 'x'.repeat(2001) }, 'REIDENTIFICATION_INVALID'],
      ['without a field', { fields: [] }, 'REIDENTIFICATION_INVALID'],
      ['with a field that is none', { fields: ['toString'] }, 'REIDENTIFICATION_INVALID'],
      ['with a field twice', { fields: ['EMAIL', 'EMAIL'] }, 'REIDENTIFICATION_INVALID'],
      ['about nobody', { pid: 'p1_nobody' }, 'INVALID_SUBJECT'],
      ['about what is no pid', { pid: 'ada@example.org' }, 'INVALID_SUBJECT'],
    ]
    it.each(wrong)('not %s', async (_how, input, code) => {
      await expect(at.ask('cyd@desk', input)).rejects.toMatchObject(refused(code))
      expect(await at.desk.list(asker('dee@desk'), { state: null, first: 10 })).toEqual([])
      expect(JSON.stringify(await at.trail())).not.toMatch(/example\.org|1234567/)
    })

    it('not by who is nobody of the staff, has no role for it, or has another purpose', async () => {
      for (const who of [
        asker('dee@desk'),
        asker('nobody'),
        asker(null),
        asker('cyd@desk', 'customer_service'),
      ])
        await expect(
          at.desk.request(who, {
            pid: 'p1_ada',
            fields: ['EMAIL'],
            legalTicket: 'AZ-1',
            reason: 'because it is so',
          }),
        ).rejects.toMatchObject(refused('REIDENTIFICATION_NOT_ALLOWED'))
    })
  })

  describe('is about the records that were asked about', () => {
    it('and not about those of who was merged into this person later', async () => {
      const bo = { source: 'crm', recordId: '2', email: 'bo@example.org' }
      await at.vault.put([bo])
      const id = await at.approved()
      at.owned.set('p1_ada', [...(at.owned.get('p1_ada') ?? []), at.vault.nameOf(bo)])
      expect(valuesOf(await at.desk.redeem(asker('cyd@desk'), id))).toEqual({
        EMAIL: ['ada@example.org', 'ada@shop.example'],
      })
    })

    it('and not about those that are somebody else’s by now, or erased', async () => {
      const id = await at.approved()
      at.owned.set('p1_ada', [at.vault.nameOf(adaInCrm)])
      await at.vault.erase([at.vault.nameOf(adaInCrm)])
      await expect(at.desk.redeem(asker('cyd@desk'), id)).rejects.toMatchObject(
        refused('NOTHING_LEFT_TO_REVEAL'),
      )
      const [shown] = await at.desk.list(asker('dee@desk'), { state: 'APPROVED', first: 1 })
      expect(shown?.redeemedAt).toBeNull()
    })
  })

  it('two redemptions at once, on two replicas, reveal once', async () => {
    const id = await at.approved()
    const replica = await openDesk({ ...at.options })
    const outcomes = await Promise.allSettled([
      at.desk.redeem(asker('cyd@desk'), id),
      replica.desk.redeem(asker('cyd@desk'), id),
      at.desk.redeem(asker('cyd-by-night'), id),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
  })

  describe('requests', () => {
    it('are shown with their reason to who may decide, their own to requesters, and to nobody else', async () => {
      const { id } = await at.ask()
      await at.ask('bo@desk')
      const seenBy = async (name: string) =>
        (await at.desk.list(asker(name), { state: null, first: 10 })).length
      const [newest, first] = await at.desk.list(asker('dee@desk'), { state: null, first: 10 })
      expect(newest?.requester).toBe('bo')
      expect(first).toMatchObject({
        id,
        pid: 'p1_ada',
        fields: ['EMAIL'],
        ticket: 'AZ-2026-114',
        reason: 'Order of the district court of 4 May about a stolen card',
        requester: 'cyd',
      })
      expect(await seenBy('ann@desk')).toBe(2)
      expect(await seenBy('nobody')).toBe(0)
    })

    it('keep their reasons sealed', async () => {
      await at.ask()
      const kept = await at.options.store.requests(10)
      expect(JSON.stringify(kept)).not.toContain('stolen card')
      expect(kept[0]?.reason.sealed.toString('latin1')).not.toContain('stolen card')
    })
  })

  describe('the trail', () => {
    it('has who, when, which ticket and fields of every step and of every refusal, and no value', async () => {
      const id = await at.approved()
      await at.desk.redeem(asker('cyd@desk'), id)
      await expect(at.desk.redeem(asker('dee@desk'), id)).rejects.toThrow()
      const entries = await at.trail()
      const steps = entries.map(
        ({ event, person, denied }) => `${String(event)} ${String(person)} ${String(denied)}`,
      )
      expect(steps).toEqual([
        'requested cyd null',
        'approved dee null',
        'approved bo null',
        'redeemed cyd null',
        'redeemed dee REIDENTIFICATION_NOT_ALLOWED',
      ])
      expect(entries[3]).toMatchObject({
        at: Date.UTC(2026, 4, 1, 9),
        name: 'cyd@desk',
        client: 'legal',
        pid: 'p1_ada',
        fields: ['EMAIL'],
        ticket: 'AZ-2026-114',
        request: id,
        policies: ['requesters-follow-and-redeem-their-own'],
      })
      expect(JSON.stringify(entries)).not.toMatch(/Ada|Lind|example|1234567|1990|stolen/)
    })

    it('that cannot be written stops everything, and nothing is revealed', async () => {
      const id = await at.approved()
      const { store } = at.options
      const broken = await openDesk({
        ...at.options,
        store: {
          ...store,
          inTurn: (work) =>
            store.inTurn((turn) =>
              work({
                ...turn,
                append: async () => {
                  throw new Error('disk full: ada@example.org')
                },
              }),
            ),
        },
      })
      const failure = await broken.desk.redeem(asker('cyd@desk'), id).catch((error: unknown) => error)
      expect(failure).toMatchObject(refused('AUDIT_UNAVAILABLE'))
      expect(String(failure)).not.toContain('ada@')
      await expect(broken.ask()).rejects.toMatchObject(refused('AUDIT_UNAVAILABLE'))
      // The step was not taken either.
      await at.desk.redeem(asker('cyd@desk'), id)
    })

    it('is read by auditors, and that is in it', async () => {
      await at.ask()
      const entries = await at.desk.trail(asker('ann@desk'), { after: 0, first: 10 })
      expect(entries.map(({ position, event }) => [position, event])).toEqual([
        [1, 'requested'],
        [2, 'trail read'],
      ])
      for (const name of ['cyd@desk', 'dee@desk', 'nobody', null])
        await expect(at.desk.trail(asker(name), { after: 0, first: 10 })).rejects.toMatchObject(
          refused('REIDENTIFICATION_NOT_ALLOWED'),
        )
      expect(await at.desk.trail(asker('ann@desk'), { after: 6, first: 10 })).toMatchObject([
        { event: 'trail read' },
      ])
    })

    describe('is verified', () => {
      const verified = async (
        change: (links: Awaited<ReturnType<Desk['options']['store']['trail']>>) => typeof links,
      ) => {
        const id = await at.approved()
        await at.desk.redeem(asker('cyd@desk'), id)
        const { store, ring } = at.options
        const { damages } = await verifyTrail(
          {
            ...store,
            trail: async (after, limit) =>
              change(await store.trail(0, 1000))
                .filter(({ position }) => position > after)
                .slice(0, limit),
          },
          ring,
        )
        return damages.map(({ kind, place }) => `${kind} ${place.length > 10 ? 'id' : place}`)
      }
      it('as whole', async () => expect(await verified((links) => links)).toEqual([]))
      it('and a changed entry is found', async () =>
        expect(
          await verified((links) =>
            links.map((link) =>
              link.position === 2 ? { ...link, entry: link.entry.replace('dee', 'eve') } : link,
            ),
          ),
        ).toEqual(['HASH 2', 'REQUEST id']))
      it('and a missing one', async () =>
        expect(await verified((links) => links.filter(({ position }) => position !== 2))).toEqual([
          'GAP 3',
          'REQUEST id',
        ]))
      it('and one that was cut off at the end', async () =>
        expect(await verified((links) => links.slice(0, -1))).toEqual(['REQUEST id']))
      it('and one that was sealed elsewhere', async () =>
        expect(
          await verified((links) =>
            links.map((link) => (link.position === 4 ? { ...link, seal: Buffer.alloc(32) } : link)),
          ),
        ).toEqual(['SEAL 4', 'REQUEST id']))

      it('and a trail that was set back as a whole misses the head that was noted', async () => {
        await at.ask()
        const { head } = await verifyTrail(at.options.store, at.options.ring)
        await at.ask()
        expect((await verifyTrail(at.options.store, at.options.ring, head)).damages).toEqual([])
        const anew = await openDesk()
        await anew.ask()
        const { damages } = await verifyTrail(anew.options.store, anew.options.ring, head)
        expect(damages).toEqual([{ kind: 'HEAD', place: head }])
      })
    })
  })
})
