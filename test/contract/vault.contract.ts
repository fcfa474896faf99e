import { beforeEach, describe, expect, test } from 'vitest'
import type { RawRecord } from '../../subgraphs/identity/vault/raw-record.ts'
import type { Entry } from '../../subgraphs/identity/vault/sealed-entry.ts'
import type { SealedStore } from '../../subgraphs/identity/vault/sealed-store.ts'
import { openVault } from '../../subgraphs/identity/vault/sealed-vault.ts'
import type { Vault } from '../../subgraphs/identity/vault/vault.ts'
import { createTestRing } from '../support/data-key-ring.ts'

const ada: RawRecord = {
  source: 'crm',
  recordId: 'ada.lind',
  givenName: 'Ada',
  familyName: 'Lind',
  email: 'ada@example.org',
  phone: '+49 30 1234567',
  loyalty: 'LOYAL-7781',
  dateOfBirth: '1990-02-09',
  householdId: 'Gartenweg 9',
  company: 'Lind & Töchter',
  deviceIds: ['device-of-ada'],
}
const bo: RawRecord = { source: 'crm', recordId: '2', givenName: 'Bo', email: 'bo@example.org' }
const cyd: RawRecord = { source: 'shop', recordId: '2', givenName: 'Cyd' }

/** An empty store, and everything that is in it as text, however it is written. */
export interface OpenedStore {
  readonly store: SealedStore
  readonly everything: () => Promise<string>
}

/** What the vault does over every store. `open` gives an empty one. */
export function vaultContract(engine: string, open: () => Promise<OpenedStore>): void {
  describe(`vault on ${engine}`, () => {
    let opened: OpenedStore
    let ring: ReturnType<typeof createTestRing>
    let vault: Vault
    let now = Date.UTC(2026, 4, 1)
    const over = (store: SealedStore): Promise<Vault> => openVault({ store, ring, clock: () => now })
    beforeEach(async () => {
      opened = await open()
      ring = createTestRing()
      vault = await over(opened.store)
    })

    const openOne = async (of: RawRecord, from = vault): Promise<RawRecord | undefined> =>
      (await from.open([from.nameOf(of)])).records.get(from.nameOf(of))

    test('what was put is opened by its name, and nothing that was not asked for', async () => {
      await vault.put([ada, bo, cyd])
      const { records, refused } = await vault.open([vault.nameOf(cyd), vault.nameOf(ada), 'r_nobody'])
      expect(records).toEqual(
        new Map([
          [vault.nameOf(ada), ada],
          [vault.nameOf(cyd), cyd],
        ]),
      )
      expect(refused).toEqual([])
      expect((await vault.open([])).records.size).toBe(0)
    })

    test('names tell nothing, differ by source and are the same for every replica and after a restart', async () => {
      expect(vault.nameOf(ada)).toMatch(/^r_[\w-]{43}$/)
      expect(vault.nameOf(bo)).not.toBe(vault.nameOf(cyd))
      const other = await over(opened.store)
      expect(other.nameOf(ada)).toBe(vault.nameOf(ada))
      await other.put([ada])
      expect(await openOne(ada)).toEqual(ada)
    })

    test('the store holds no value, no record id and no key, in no notation', async () => {
      await vault.put([ada, bo])
      const text = await opened.everything()
      expect(text).toContain(vault.nameOf(ada))
      const values = Object.values(ada)
        .flat()
        .filter((value) => value !== 'crm')
      for (const value of values)
        for (const notation of ['utf8', 'latin1', 'base64', 'hex'] as const)
          expect(text, notation).not.toContain(Buffer.from(value).toString(notation).replaceAll('=', ''))
    })

    test('a record that comes again replaces what was there; of one that comes twice at once the last counts', async () => {
      await vault.put([ada])
      await vault.put([
        { ...ada, email: 'first@example.org' },
        { ...ada, email: 'ada@new.example' },
      ])
      expect(await openOne(ada)).toEqual({ ...ada, email: 'ada@new.example' })
    })

    test('two who write the same records at once both succeed, and one of them was last', async () => {
      const other = await over(opened.store)
      await Promise.all([
        vault.put([ada, bo, cyd]),
        other.put([cyd, bo, { ...ada, phone: '1' }]),
        vault.put([{ ...ada, phone: '2' }]),
      ])
      expect([ada.phone, '1', '2']).toContain((await openOne(ada))?.phone)
      expect(await openOne(bo)).toEqual(bo)
    })

    describe('refuses', () => {
      const tampered = async (tamper: (entry: Entry, other: Entry) => Entry) => {
        await vault.put([ada, bo])
        const [first, other] = [vault.nameOf(ada), vault.nameOf(bo)]
        const { store } = opened
        const broken = await over({
          ...store,
          async read(names) {
            const [otherEntry] = await store.read([other])
            if (otherEntry === undefined) throw new Error('It was just put.')
            return (await store.read(names)).map((entry) =>
              entry.name === first ? tamper(entry, otherEntry) : entry,
            )
          },
        })
        return broken.open([first, other])
      }
      const flip = (bytes: Buffer): Buffer => {
        const flipped = Buffer.from(bytes)
        flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
        return flipped
      }
      const refusals: Record<string, (entry: Entry, other: Entry) => Entry> = {
        'a changed bit': (entry) => ({ ...entry, sealed: flip(entry.sealed) }),
        'a changed bit of its key': (entry) => ({
          ...entry,
          key: { ...entry.key, bytes: flip(entry.key.bytes) },
        }),
        'what is sealed of somebody else': (entry, { sealed }) => ({ ...entry, sealed }),
        'the key of somebody else': (entry, { key }) => ({ ...entry, key }),
        'the whole entry of somebody else under this name': ({ name }, other) => ({ ...other, name }),
        'another version than it was sealed as': (entry) => ({ ...entry, version: entry.version + 1 }),
        'a key of another key ring': (entry) => ({ ...entry, key: { ...entry.key, keyId: 'w9' } }),
        'nothing at all': (entry) => ({ ...entry, sealed: Buffer.alloc(0) }),
      }
      for (const [what, tamper] of Object.entries(refusals))
        test(`${what}, by name, and opens the others`, async () => {
          const { records, refused } = await tampered(tamper)
          expect(refused).toEqual([vault.nameOf(ada)])
          expect([...records.keys()]).toEqual([vault.nameOf(bo)])
        })

      test('a key ring that lost the key, instead of naming records anew', async () => {
        await vault.put([ada])
        ring.lose()
        await expect(over(opened.store)).rejects.toMatchObject({ code: 'VAULT_KEY_UNREADABLE' })
        expect((await vault.open([vault.nameOf(ada)])).refused).toEqual([vault.nameOf(ada)])
      })
    })

    describe('erasure', () => {
      test('takes the key and what it sealed; the record is never taken in again', async () => {
        await vault.put([ada, bo])
        await vault.erase([vault.nameOf(ada)])
        expect(await vault.open([vault.nameOf(ada)])).toEqual({ records: new Map(), refused: [] })
        expect(await vault.erased([vault.nameOf(ada), vault.nameOf(bo)])).toEqual(
          new Set([vault.nameOf(ada)]),
        )
        const { refused } = await vault.put([{ ...ada, email: 'again@example.org' }, cyd])
        expect(refused).toEqual(new Set([vault.nameOf(ada)]))
        expect(await openOne(ada)).toBeUndefined()
        expect(await openOne(cyd)).toEqual(cyd)
        expect(await openOne(bo)).toEqual(bo)
      })

      test('of what was never here keeps it out, and twice is once', async () => {
        const name = vault.nameOf(cyd)
        await vault.erase([name, name])
        await vault.erase([name])
        expect((await vault.put([cyd])).refused).toEqual(new Set([name]))
      })

      test('wins over a writing that began before it', async () => {
        await vault.put([ada])
        const { store } = opened
        const slow = await over({
          ...store,
          async write(entries, batch) {
            await store.erase([vault.nameOf(ada)], now)
            return store.write(entries, batch)
          },
        })
        expect((await slow.put([ada])).refused).toEqual(new Set([vault.nameOf(ada)]))
        expect(await openOne(ada)).toBeUndefined()
      })
    })

    describe('what was broken off', () => {
      const HOUR = 3_600_000
      const nobody = async () => new Set<string>()

      test('is removed when nobody knows it, and may come again', async () => {
        await vault.put([ada, bo])
        now += HOUR
        expect(await vault.sweep(async () => new Set([vault.nameOf(bo)]), now)).toBe(1)
        expect(await openOne(ada)).toBeUndefined()
        expect(await openOne(bo)).toEqual(bo)
        expect((await vault.put([ada])).refused.size).toBe(0)
        expect(await openOne(ada)).toEqual(ada)
      })

      test('is left alone while it may still be under way, and when it was settled', async () => {
        const { batch } = await vault.put([ada])
        await vault.put([bo])
        expect(await vault.sweep(nobody, now)).toBe(0)
        await vault.settle(batch)
        now += HOUR
        expect(await vault.sweep(nobody, now)).toBe(1)
        expect(await openOne(ada)).toEqual(ada)
        expect(await openOne(bo)).toBeUndefined()
      })

      test('is left alone when it was put anew while we asked who knows it', async () => {
        await vault.put([ada])
        now += HOUR
        const removed = await vault.sweep(async () => {
          await vault.settle((await vault.put([{ ...ada, phone: '2' }])).batch)
          return new Set<string>()
        }, now)
        expect(removed).toBe(0)
        expect((await openOne(ada))?.phone).toBe('2')
      })

      test('does not take a tombstone away', async () => {
        await vault.put([ada])
        await vault.erase([vault.nameOf(ada)])
        now += HOUR
        expect(await vault.sweep(nobody, now)).toBe(0)
        expect((await vault.put([ada])).refused.size).toBe(1)
      })
    })

    test('keys are put under a new wrapping key, page after page, and what is erased stays erased', async () => {
      const many = Array.from({ length: 1100 }, (_, index) => ({
        source: 'crm',
        recordId: `n${index}`,
        givenName: 'Dee',
      }))
      await vault.put([ada, ...many])
      await vault.erase([vault.nameOf(ada)])
      ring.turn()
      await vault.put([bo])
      const told: number[] = []
      expect(await vault.rewrap((done) => told.push(done))).toBe(1100)
      expect(told).toEqual([500, 1000, 1100])
      expect(await vault.rewrap()).toBe(0)
      expect(await openOne(many[7] ?? bo)).toEqual(many[7])
      expect(await openOne(ada)).toBeUndefined()
      // The key of the names too: it goes under the new one at the next start.
      expect((await over(opened.store)).nameOf(ada)).toBe(vault.nameOf(ada))
      expect(ring.isCurrent((await opened.store.nameKey()) ?? { keyId: '', bytes: Buffer.alloc(0) })).toBe(
        true,
      )
    })

    test('hundreds of records are one question to the store', async () => {
      const many = Array.from({ length: 500 }, (_, index) => ({ ...ada, recordId: `n${index}` }))
      await vault.put(many)
      let questions = 0
      const { store } = opened
      const counted = await over({
        ...store,
        read(names) {
          questions += 1
          return store.read(names)
        },
      })
      const { records } = await counted.open(many.map(vault.nameOf))
      expect(records.size).toBe(500)
      expect(questions).toBe(1)
    })
  })
}
