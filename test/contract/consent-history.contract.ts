import { beforeEach, describe, expect, test } from 'vitest'
import { createConsentHistory } from '../../subgraphs/consent/history/consent-history.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { firstReceipt, successor } from '../support/receipts.ts'

/** Times are milliseconds of a made-up day, and the store takes what is said at its own `clock.now`. */
export function consentHistoryContract(
  engine: string,
  open: () => Promise<{ readonly store: ConsentStore; readonly clock: { now: number } }>,
): void {
  describe(`What was granted at past times, on ${engine}`, () => {
    let store: ConsentStore
    let clock: { now: number }
    beforeEach(async () => {
      ;({ store, clock } = await open())
    })

    const yes = (pid: string, at: number, more = {}) => firstReceipt(pid, 'analytics', { at, ...more })
    const receiptsAt = async (pid: string, ...times: readonly number[]) => {
      const history = createConsentHistory(store, await store.revision())
      const granted = await history.grantedAt(times.map((at) => ({ pid, scope: 'analytics', at })))
      return granted.map((one) => one?.receipt ?? null)
    }
    const link = (decisionId: string, pids: readonly string[], takenAt: number) =>
      store.link([{ decisionId, pids, kind: 'merged', at: takenAt, by: 'rule' }], takenAt)

    test('is the last word that had been said', async () => {
      const first = yes('ada', 10)
      const no = successor(first, 'withdrawn', { at: 20 })
      const again = successor(no, 'given', { at: 30 })
      await store.append([first])
      await store.append([no])
      await store.append([again])
      expect(await receiptsAt('ada', 9, 10, 19, 20, 29, 30, 99)).toEqual([
        null,
        first.consentId,
        first.consentId,
        null,
        null,
        again.consentId,
        again.consentId,
      ])
    })

    test('ends when it runs out', async () => {
      const first = yes('ada', 10, { expiresAt: 20 })
      await store.append([first])
      expect(await receiptsAt('ada', 19, 20)).toEqual([first.consentId, null])
    })

    test('is for everywhere or not at all', async () => {
      const web = yes('ada', 10, { channel: 'web' })
      await store.append([web, yes('bo', 10), yes('bo', 12, { channel: 'web', status: 'refused' })])
      expect([await receiptsAt('ada', 50), await receiptsAt('bo', 11, 50)]).toEqual([
        [null],
        [yes('bo', 10).consentId, null],
      ])
    })

    test('names the revision of the receipt', async () => {
      await store.append([yes('bo', 5)])
      const { revision } = await store.append([yes('ada', 10)])
      const history = createConsentHistory(store, revision)
      const asked = { pid: 'ada', scope: 'analytics', at: 10 }
      expect(
        await history.grantedAt([asked, { ...asked, scope: 'profiling' }, { ...asked, pid: 'dee' }]),
      ).toEqual([{ receipt: yes('ada', 10).consentId, revision, at: 10 }, null, null])
    })

    test('of who is linked is the most restrictive, from the link to its end', async () => {
      await store.append([yes('ada', 10), yes('bo', 10, { status: 'refused' })])
      await link('m1', ['ada', 'bo'], 20)
      await store.unlink([{ decisionId: 'm1', at: 40, by: 'desk' }], 40)
      const own = yes('ada', 10).consentId
      expect(await receiptsAt('ada', 15, 20, 39, 40)).toEqual([own, null, null, own])
    })

    test('of who is linked through others, too', async () => {
      await store.append([yes('ada', 10), yes('bo', 10), yes('cyd', 10, { status: 'refused' })])
      await link('m1', ['ada', 'bo'], 20)
      await link('m2', ['bo', 'cyd'], 30)
      expect(await receiptsAt('ada', 29, 30)).toEqual([yes('ada', 10).consentId, null])
    })

    test('is nothing while the person was blocked, and nothing at all after an erasure', async () => {
      await store.append([yes('ada', 10)])
      clock.now = 20
      await store.mark('ada', 'suppressed', 20)
      clock.now = 30
      await store.mark('ada', 'suppression_lifted', 30)
      const own = yes('ada', 10).consentId
      expect(await receiptsAt('ada', 19, 20, 29)).toEqual([own, null, null])
      const history = createConsentHistory(store, await store.revision())
      expect(await history.blockedAt(['ada', 'bo'], 20)).toEqual(new Set(['ada']))
      expect(await history.blockedAt(['ada', 'bo'], 19)).toEqual(new Set())
      await store.mark('ada', 'erased', 50)
      expect(await receiptsAt('ada', 19, 60)).toEqual([null, null])
    })

    test('does not change by what is written behind the revision it was asked at', async () => {
      const first = yes('ada', 10)
      const { revision } = await store.append([first])
      await store.append([successor(first, 'withdrawn', { at: 12 })])
      await link('m1', ['ada', 'bo'], 11)
      const asked = [{ pid: 'ada', scope: 'analytics', at: 50 }]
      expect(await createConsentHistory(store, revision).grantedAt(asked)).toEqual([
        { receipt: first.consentId, revision, at: 10 },
      ])
      expect(await receiptsAt('ada', 50)).toEqual([null])
    })
  })
}
