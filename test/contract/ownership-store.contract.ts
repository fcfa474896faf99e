import { beforeEach, describe, expect, test } from 'vitest'
import type { KeptWrite, OwnershipStore } from '../../subgraphs/ownership/store.ts'
import type { StandingStore } from '../../subgraphs/standing/standing-store.ts'
import { heard, NOON } from '../support/profile-desk.ts'

interface Opened {
  readonly store: OwnershipStore
  /** What the same owner has heard of consent. */
  readonly standings: StandingStore
}

const HOUR = 3_600_000

/** What every store of what systems said promises. `open` gives an empty one. */
export function ownershipStoreContract(engine: string, open: () => Promise<Opened>): void {
  describe(`A store of what systems said, on ${engine}`, () => {
    let store: OwnershipStore
    let standings: StandingStore
    beforeEach(async () => {
      ;({ store, standings } = await open())
    })

    const said = async (pid: string, attribute = 'shared.country') =>
      (await store.of([{ pid, attribute }], NOON)).toSorted((a, b) => a.version - b.version)

    test('keeps each member as it was written, whatever kind the value is', async () => {
      const values = ['DE', 'a "quoted" {word}', 0, -12.25, 1e300, ['a', 'b'], null]
      const writes = values.map((value, version) => write('ada', { value, version, at: NOON - version * 7 }))
      expect(await store.add(writes, NOON)).toEqual(values.map(() => 'added'))
      expect(await said('ada')).toEqual(writes.map(saidIn))
    })

    test('takes the same once, also within a batch, and what differs in anything beside it', async () => {
      const one = write('ada', {})
      expect(await store.add([one, one], NOON)).toEqual(['added', 'known'])
      expect(await store.add([{ ...one, receivedAt: NOON + HOUR, registry: 'profile@2.0.0' }], NOON)).toEqual(
        ['known'],
      )
      const others = [
        write('bo', {}),
        write('ada', { attribute: 'shared.phone' }),
        write('ada', { system: 'cdp' }),
        write('ada', { version: 2 }),
        write('ada', { at: NOON - 1 }),
        write('ada', { confirmed: true }),
        write('ada', { value: 'AT' }),
        write('ada', { value: null }),
      ]
      expect(await store.add(others, NOON)).toEqual(others.map(() => 'added'))
      expect(await store.add([], NOON)).toEqual([])
    })

    test('answers the pairs that are asked, each once, and none beside', async () => {
      await store.add(
        ['ada', 'bo'].flatMap((pid) =>
          ['shared.country', 'shared.phone'].map((attribute) => write(pid, { attribute })),
        ),
        NOON,
      )
      const keys = [
        { pid: 'ada', attribute: 'shared.country' },
        { pid: 'bo', attribute: 'shared.phone' },
        { pid: 'ada', attribute: 'shared.country' },
        { pid: 'cyd', attribute: 'shared.country' },
      ]
      const found = await store.of(keys, NOON)
      expect(found.map(({ pid, attribute }) => `${pid} ${attribute}`).toSorted()).toEqual([
        'ada shared.country',
        'bo shared.phone',
      ])
      expect(await store.of([], NOON)).toEqual([])
    })

    test('takes and answers thousands at once', async () => {
      const writes = Array.from({ length: 3_000 }, (_, n) => write(`pid-${n % 700}`, { version: n }))
      expect(new Set(await store.add(writes, NOON))).toEqual(new Set(['added']))
      expect(await store.of(writes, NOON)).toHaveLength(3_000)
    })

    describe('what rests on consent', () => {
      const segment = (pid: string, revision: number, version = 1) =>
        write(pid, {
          version,
          consent: { scope: 'profiling', consentId: `rc-${revision}`, revision: String(revision) },
        })

      test('is taken of who granted it alone', async () => {
        await standings.write([heard('ada', 'profiling', 7), heard('bo', 'profiling', 7, false)], '7')
        const writes = ['ada', 'bo', 'cyd'].map((pid) => segment(pid, 7))
        expect(await store.add(writes, NOON)).toEqual(['added', 'not alive', 'not alive'])
      })

      test('ends with the consent, at the very moment', async () => {
        await standings.write([{ ...heard('ada', 'profiling', 7), expiresAt: NOON }], '7')
        await store.add([segment('ada', 7)], NOON - 1)
        const key = [{ pid: 'ada', attribute: 'shared.country' }]
        expect([(await store.of(key, NOON - 1)).length, (await store.of(key, NOON)).length]).toEqual([1, 0])
      })

      test('is cut by a withdrawal and stays cut under a later yes', async () => {
        await standings.write([heard('ada', 'profiling', 7)], '7')
        await store.add([segment('ada', 7), write('ada', { version: 2 })], NOON)
        await standings.write([{ ...heard('ada', 'profiling', 9), cut: '8' }], '9')
        expect((await said('ada')).map(({ version }) => version)).toEqual([2])
        expect(await store.add([segment('ada', 7, 3), segment('ada', 9, 4)], NOON)).toEqual([
          'not alive',
          'added',
        ])
        expect(await store.purgeDead(NOON)).toBe(1)
        expect((await said('ada')).map(({ version }) => version)).toEqual([2, 4])
      })

      test('an erasure takes what rests on a contract, too, and keeps it out', async () => {
        await store.add([write('ada', {}), write('bo', {})], NOON)
        await standings.write([], '8', { blocks: [{ pid: 'ada', kind: 'erased', revision: '8' }] })
        expect(await said('ada')).toEqual([])
        expect(await store.add([write('ada', { version: 2 })], NOON)).toEqual(['not alive'])
        expect(await store.purgeDead(NOON, ['bo'])).toBe(0)
        expect(await store.purgeDead(NOON, ['ada'])).toBe(1)
        expect(await store.purgeDead(NOON)).toBe(0)
        expect(await said('bo')).toHaveLength(1)
      })
    })

    test('a suppression hides what is there and keeps out what comes, until it is lifted', async () => {
      const block = (kind: 'suppressed' | null, revision: string) =>
        standings.write([], revision, { blocks: [{ pid: 'ada', kind, revision }] })
      await store.add([write('ada', {})], NOON)
      await block('suppressed', '8')
      expect(await said('ada')).toEqual([])
      expect(await store.add([write('ada', { version: 2 })], NOON)).toEqual(['not alive'])
      expect(await store.purgeDead(NOON)).toBe(0)
      await block(null, '9')
      expect(await said('ada')).toHaveLength(1)
    })

    test('removes what is older than it is kept, and lets nothing hold again by that', async () => {
      await store.add(
        [
          // The clock of the system went back between the two: the later word is the older one.
          write('ada', { version: 1, at: NOON }),
          write('ada', { version: 2, at: NOON - 2 * HOUR, value: null }),
          write('bo', { version: 1, at: NOON - 2 * HOUR }),
          write('bo', { version: 2, at: NOON }),
          write('cyd', { version: 1, at: NOON - 2 * HOUR }),
          write('dee', { attribute: 'shared.phone', at: NOON - 2 * HOUR }),
        ],
        NOON,
      )
      expect(await store.expire(new Map([['shared.country', NOON - HOUR]]))).toBe(2)
      const left = async (pid: string) => (await said(pid)).map(({ version }) => version)
      expect([await left('ada'), await left('bo'), await left('cyd')]).toEqual([[1, 2], [2], []])
      expect(await store.expire(new Map([['shared.country', NOON]]))).toBe(3)
      expect(await said('dee', 'shared.phone')).toHaveLength(1)
    })

    test('follows people to their new pids, what is there already with it, and forgets the elder ones', async () => {
      await store.add([write('ada', {}), write('ada', { version: 2 }), write('ada-2', { version: 2 })], NOON)
      await store.copyPids([{ from: 'ada', to: 'ada-2' }])
      await store.copyPids([{ from: 'ada', to: 'ada-2' }])
      expect((await said('ada-2')).map(({ version }) => version)).toEqual([1, 2])
      await store.forgetPids(['ada'])
      expect([(await said('ada')).length, (await said('ada-2')).length]).toEqual([0, 2])
    })
  })
}

function write(pid: string, rest: Partial<KeptWrite>): KeptWrite {
  return {
    pid,
    attribute: 'shared.country',
    system: 'crm',
    version: 1,
    at: NOON - HOUR,
    confirmed: false,
    value: 'DE',
    receivedAt: NOON,
    registry: 'profile@1.0.0',
    consent: null,
    ...rest,
  }
}

const saidIn = ({ pid, attribute, system, version, at, confirmed, value }: KeptWrite) => ({
  pid,
  attribute,
  system,
  version,
  at,
  confirmed,
  value,
})
