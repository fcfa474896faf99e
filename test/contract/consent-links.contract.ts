import { beforeEach, describe, expect, test } from 'vitest'
import { MOST_LINKED, type Link, type TakenLink } from '../../subgraphs/consent/links/link.ts'
import { createJudge } from '../../subgraphs/consent/links/state-of.ts'
import { type ConsentStore, ReceiptConflict } from '../../subgraphs/consent/store.ts'
import { firstReceipt, NOON, successor } from '../support/receipts.ts'

export function linkOf(decisionId: string, pids: readonly string[], more: Partial<Link> = {}): Link {
  return { decisionId, pids, kind: 'merged', at: NOON, by: 'rule e-mail@1', ...more }
}

/** What every consent store promises of links between pids. `open` gives an empty one. */
export function consentLinksContract(engine: string, open: () => Promise<ConsentStore>): void {
  describe(`Links in a consent store on ${engine}`, () => {
    let store: ConsentStore
    beforeEach(async () => {
      store = await open()
    })

    /** Who is one person with a pid, itself included. */
    const togetherWith = async (pid: string): Promise<readonly string[]> => {
      const { group } = (await store.records([pid])).get(pid)!
      return [...(group?.members.keys() ?? [pid])].toSorted()
    }

    const holds = async (pid: string, now = NOON + 10): Promise<string> => {
      const record = (await store.records([pid])).get(pid)!
      const { blocked, scopes } = createJudge({ context: {}, now })(record)
      return blocked ?? scopes.get('analytics')?.status ?? 'never asked'
    }

    const undo = (...decisionIds: string[]): Promise<readonly TakenLink[]> =>
      store.unlink(
        decisionIds.map((decisionId) => ({ decisionId, at: NOON, by: 'bo' })),
        NOON + 5,
      )

    test('says nothing of links where there are none', async () => {
      await store.append([firstReceipt('ada')])
      expect((await store.records(['ada'])).get('ada')).not.toHaveProperty('group')
    })

    test('tells of each linked pid all that are one person with it, with their words', async () => {
      await store.append([firstReceipt('ada'), firstReceipt('bo', 'profiling')])
      const [taken] = await store.link([linkOf('d1', ['ada', 'bo'])], NOON + 1)
      expect(taken).toEqual({
        ...linkOf('d1', ['ada', 'bo']),
        takenAt: NOON + 1,
        revision: '4',
        undone: null,
      })
      const { group, latest } = (await store.records(['bo', 'cyd'])).get('bo')!
      expect(latest.map(({ scope }) => scope)).toEqual(['profiling'])
      expect(group?.subject).toBe('bo')
      expect(group?.links).toEqual([
        { pids: ['ada', 'bo'], kind: 'merged', takenAt: NOON + 1, revision: '4' },
      ])
      const byPid = ([one]: unknown[], [other]: unknown[]) => (String(one) < String(other) ? -1 : 1)
      const said = [...group!.members].map(([pid, record]) => [
        pid,
        record.revision,
        record.blocked,
        record.latest.map(({ consentId, revision }) => [consentId, revision]),
      ])
      expect(said.toSorted(byPid)).toEqual([
        ['ada', '3', null, [['ada/analytics/1', '1']]],
        ['bo', '4', null, [['bo/profiling/1', '2']]],
      ])
    })

    test('is a write about each pid, in the order of all writes, and concerns all who are linked to them', async () => {
      await store.append([firstReceipt('ada')])
      await store.link([linkOf('d1', ['ada', 'bo'])], NOON + 1)
      await store.link([linkOf('d2', ['bo', 'cyd'], { kind: 'renamed' })], NOON + 2)
      const link = { decisionId: 'd2', kind: 'renamed', pids: ['bo', 'cyd'] }
      const changes = await store.changesAfter('1', 10)
      expect(changes.map(({ revision, subject, status }) => [revision, subject, status])).toEqual([
        ['2', 'ada', 'linked'],
        ['3', 'bo', 'linked'],
        ['4', 'bo', 'linked'],
        ['5', 'cyd', 'linked'],
      ])
      expect(changes[3]).toMatchObject({ link, scope: null, at: NOON + 2, initiator: 'system' })
      await store.append([successor(firstReceipt('ada'), 'withdrawn')])
      const concerned = (await store.concernedAfter('5', 10)).map(({ revision, subject }) => [
        revision,
        subject,
      ])
      expect(concerned.toSorted(([, one], [, other]) => (one! < other! ? -1 : 1))).toEqual([
        ['6', 'ada'],
        ['6', 'bo'],
        ['6', 'cyd'],
      ])
    })

    test('still concerns who was linked when something was written, by the end of the link that told them apart', async () => {
      await store.append([firstReceipt('ada')])
      await store.link([linkOf('d1', ['ada', 'bo']), linkOf('d2', ['bo', 'cyd'])], NOON + 1)
      const { revision } = await store.append([successor(firstReceipt('ada'), 'withdrawn')])
      await undo('d1')
      const before = String(Number(revision) - 1)
      const concerned = new Set((await store.concernedAfter(before, 10)).map(({ subject }) => subject))
      expect(concerned).toEqual(new Set(['ada', 'bo', 'cyd']))
    })

    test.each([[['d1', 'd2', 'd3', 'd4']], [['d4', 'd3', 'd2', 'd1']], [['d3', 'd1', 'd4', 'd2']]])(
      'ends in the order %j, each time leaving what the others say',
      async (order) => {
        const links = [
          linkOf('d1', ['ada', 'bo']),
          linkOf('d2', ['bo', 'cyd']),
          linkOf('d3', ['ada', 'bo']),
          linkOf('d4', ['cyd', 'dee']),
        ]
        for (const link of links) await store.link([link], NOON)
        const left = new Map(links.map((link) => [link.decisionId, link]))
        for (const decisionId of order) {
          await undo(decisionId)
          left.delete(decisionId)
          for (const pid of ['ada', 'bo', 'cyd', 'dee'])
            expect(await togetherWith(pid)).toEqual(reachable(pid, [...left.values()]))
        }
      },
    )

    test('holds what is most restrictive for all, and as it was when they are no longer linked', async () => {
      await store.append([firstReceipt('ada'), successor(firstReceipt('ada'), 'renewed')])
      await store.append([firstReceipt('bo')])
      await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
      expect([await holds('ada'), await holds('bo')]).toEqual(['renewed', 'given'])
      await store.link([linkOf('d2', ['bo', 'cyd'])], NOON)
      expect([await holds('ada'), await holds('bo'), await holds('cyd')]).toEqual([
        'unknown',
        'unknown',
        'unknown',
      ])
      await store.append([firstReceipt('cyd', 'analytics', { status: 'refused' })])
      expect([await holds('ada'), await holds('bo'), await holds('cyd')]).toEqual([
        'refused',
        'refused',
        'refused',
      ])
      await undo('d2')
      expect([await holds('ada'), await holds('bo'), await holds('cyd')]).toEqual([
        'renewed',
        'given',
        'refused',
      ])
    })

    test('lets a yes count for all that was said since they are linked, and a no at once', async () => {
      await store.append([firstReceipt('ada')])
      await store.link([linkOf('d1', ['ada', 'bo'])], NOON + 1)
      const again = successor(firstReceipt('ada'), 'renewed', { at: NOON + 2 })
      await store.append([again])
      expect([await holds('ada'), await holds('bo')]).toEqual(['renewed', 'renewed'])
      const no = firstReceipt('bo', 'analytics', { status: 'refused', at: NOON + 3 })
      await store.append([no])
      expect([await holds('ada'), await holds('bo')]).toEqual(['refused', 'refused'])
      await store.append([successor(again, 'renewed', { at: NOON + 4 })])
      expect([await holds('ada'), await holds('bo')]).toEqual(['renewed', 'renewed'])
      await undo('d1')
      expect([await holds('ada'), await holds('bo')]).toEqual(['renewed', 'refused'])
    })

    test('does not let a yes count for others that was said before they were linked and came later', async () => {
      await store.link([linkOf('d1', ['ada', 'bo'])], NOON + 5)
      await store.append([firstReceipt('ada', 'analytics', { at: NOON + 4 })])
      expect([await holds('ada'), await holds('bo')]).toEqual(['unknown', 'unknown'])
    })

    test('blocks all of whom one is blocked', async () => {
      await store.append([firstReceipt('ada'), firstReceipt('bo')])
      await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
      await store.mark('bo', 'suppressed', NOON)
      expect([await holds('ada'), await holds('bo')]).toEqual(['suppressed', 'suppressed'])
      await store.mark('bo', 'erased', NOON)
      expect([await holds('ada'), await holds('bo')]).toEqual(['erased', 'erased'])
      await undo('d1')
      expect([await holds('ada'), await holds('bo')]).toEqual(['given', 'erased'])
      expect((await store.changesAfter('4', 10)).map(({ subject, status }) => [subject, status])).toEqual([
        ['bo', 'erased'],
        ['ada', 'unlinked'],
      ])
    })

    test('carries everything over to another pid of the same person', async () => {
      const expiring = firstReceipt('old', 'analytics', { expiresAt: NOON + 5 })
      await store.append([expiring, firstReceipt('old', 'profiling', { status: 'refused' })])
      await store.link([linkOf('r1', ['old', 'new'], { kind: 'renamed' })], NOON + 1)
      expect([await holds('new', NOON + 4), await holds('new', NOON + 5)]).toEqual(['given', 'expired'])
      await store.append([firstReceipt('new', 'analytics', { status: 'withdrawn', at: NOON + 2 })])
      expect([await holds('old', NOON + 4), await holds('new', NOON + 4)]).toEqual(['withdrawn', 'withdrawn'])
    })

    test('takes a decision once, refuses it with other pids, and never takes one that was undone', async () => {
      const first = await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
      expect(await store.link([linkOf('d1', ['bo', 'ada'])], NOON + 9)).toEqual(first)
      expect(await store.revision()).toBe('2')
      await expect(store.link([linkOf('d1', ['ada', 'cyd'])], NOON)).rejects.toMatchObject({
        extensions: { code: 'LINK_ID_REUSED' },
      })
      const [ended] = await undo('d1')
      expect(ended).toMatchObject({ decisionId: 'd1', revision: '2', undone: '4' })
      expect(await undo('d1')).toEqual([ended])
      expect(await store.link([linkOf('d1', ['ada', 'bo'])], NOON)).toEqual([ended])
      expect([await togetherWith('ada'), await store.revision()]).toEqual([['ada'], '4'])
    })

    test('never takes a link whose end came first', async () => {
      const [end] = await undo('d9')
      expect(end).toMatchObject({ decisionId: 'd9', pids: [], undone: '1' })
      expect(await store.changesAfter('0', 10)).toEqual([])
      expect(await store.link([linkOf('d9', ['ada', 'bo'])], NOON)).toEqual([end])
      expect(await togetherWith('ada')).toEqual(['ada'])
    })

    test('takes all links of a batch or none, and no more of one person than one person can have', async () => {
      const chain = Array.from({ length: MOST_LINKED }, (_, index) =>
        linkOf(`d${index}`, [`p${index}`, `p${index + 1}`]),
      )
      await expect(store.link(chain, NOON)).rejects.toMatchObject({ extensions: { code: 'TOO_MANY_LINKED' } })
      expect([await store.revision(), await togetherWith('p0')]).toEqual(['0', ['p0']])
      await store.link(chain.slice(1), NOON)
      expect(await togetherWith('p1')).toHaveLength(MOST_LINKED)
    })

    test('does not let a yes in that has not seen what was said by who is linked', async () => {
      await store.append([firstReceipt('ada')])
      await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
      const { revision } = await store.recordsAt(['ada'])
      await store.append([firstReceipt('bo', 'profiling')])
      const yes = successor(firstReceipt('ada'), 'renewed')
      await expect(store.append([yes], revision)).rejects.toThrow(ReceiptConflict)
      expect((await store.append([yes], await store.revision())).receipts).toEqual([yes])
    })

    test('tells what was said while two were linked, under whichever pid, and nothing else', async () => {
      const before = firstReceipt('ada')
      await store.append([before])
      await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
      const [ours, theirs] = [successor(before, 'renewed'), firstReceipt('bo', 'profiling')]
      await store.append([ours, theirs, firstReceipt('cyd')])
      await undo('d1')
      await store.append([successor(ours, 'withdrawn')])
      const said = await store.saidWhileLinked('d1')
      expect(said.map(({ consentId }) => consentId)).toEqual([ours.consentId, theirs.consentId])
      expect(said[1]).toMatchObject({ subject: 'bo', scope: 'profiling', status: 'given', at: NOON })
      expect(await store.saidWhileLinked('d7')).toEqual([])
    })
  })
}

/** By the plainest means there are. */
function reachable(pid: string, links: readonly Link[]): readonly string[] {
  const reached = new Set([pid])
  for (let round = 0; round < links.length; round++)
    for (const { pids } of links)
      if (pids.some((one) => reached.has(one))) for (const one of pids) reached.add(one)
  return [...reached].toSorted()
}
