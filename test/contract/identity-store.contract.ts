import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ImportResult, importRecords } from '../../subgraphs/identity/import-records.ts'
import { createPseudonymizer, type TokenKind } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { type CustomerRecord, type IdentityStore, recordKey } from '../../subgraphs/identity/store.ts'
import type { Vault } from '../../subgraphs/identity/vault/vault.ts'
import { openTestVault } from '../support/open-test-vault.ts'
import { tokenOf } from '../support/token-of.ts'

const pseudonymizer = createPseudonymizer({
  keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
  current: 1,
})
const token = (kind: TokenKind, value: string): Promise<string> => tokenOf(pseudonymizer, kind, value)

const record = (source: string, recordId: string, rest: Partial<CustomerRecord> = {}): CustomerRecord => ({
  source,
  recordId,
  givenName: 'Ada',
  familyName: 'Lind',
  region: 'DE',
  devices: [],
  ...rest,
})
const ada = record('crm', '1', { email: 'ada@example.org', dateOfBirth: '1990-02-09', language: 'de' })
const adaInShop = record('shop', '1', { email: ' ADA@example.org', phone: '+49 30 1234567' })
const bo = record('crm', '2', { givenName: 'Bo', familyName: 'Berg', email: 'bo@example.org' })
const cyd = record('crm', '3', { givenName: 'Cyd', familyName: 'Carr', phone: '+49 30 7654321' })
const dee = record('crm', '4', { givenName: 'Dee', familyName: 'Dahl' })

/** What every identity store does, in the words of the port. `open` gives an empty one. */
export function identityStoreContract(engine: string, open: () => Promise<IdentityStore>): void {
  describe(`identity store on ${engine}`, () => {
    let store: IdentityStore
    let vault: Vault
    beforeEach(async () => {
      store = await open()
      vault = await openTestVault()
    })
    afterEach(() => store.close())

    const add = (...records: CustomerRecord[]): Promise<ImportResult> =>
      importRecords(records, { store, vault, pseudonymizer })
    const keyOf = (of: CustomerRecord): string => recordKey({ source: of.source, recordId: vault.nameOf(of) })
    const pidOf = async (of: CustomerRecord): Promise<string> =>
      (await store.owners([keyOf(of)])).get(keyOf(of)) ?? ''

    describe('people', () => {
      test('are found by pid, each with their own records in the order they came', async () => {
        await add(ada, bo, adaInShop)
        const [a, b] = [await pidOf(ada), await pidOf(bo)]
        const found = await store.records([b, 'p1_nobody', a, a])
        expect([...found.keys()].toSorted()).toEqual([a, b].toSorted())
        expect(found.get(a)).toEqual([
          { source: 'crm', recordId: vault.nameOf(ada), region: 'DE', language: 'de' },
          { source: 'shop', recordId: vault.nameOf(adaInShop), region: 'DE', language: null },
        ])
        expect(found.get(b)).toHaveLength(1)
      })

      test('nobody asked for, nobody answered', async () => {
        await add(ada)
        expect(await store.records([])).toEqual(new Map())
        expect(await store.holders([])).toEqual(new Map())
        expect(await store.owners([])).toEqual(new Map())
      })

      test('records carry nothing that names anybody: that is in the vault, under their names', async () => {
        await add({ ...ada, company: 'Lind & Co', loyalty: 'L-77', householdId: 'h-9' }, adaInShop)
        const a = await pidOf(ada)
        const told = JSON.stringify(
          await Promise.all([
            store.records([a]),
            store.identifiers([a]),
            store.accounts([a]),
            store.households([a]),
            store.connected(a),
          ]),
          (_key, value: unknown) => (value instanceof Map ? [...value] : value),
        )
        expect(told).not.toMatch(/Ada|Lind|example|1234567|1990|L-77|h-9/)
        const { records } = await vault.open([vault.nameOf(ada), vault.nameOf(adaInShop)])
        expect(records.get(vault.nameOf(ada))).toMatchObject({ email: 'ada@example.org', loyalty: 'L-77' })
        expect(records.get(vault.nameOf(adaInShop))).toMatchObject({ phone: '+49 30 1234567' })
      })

      test('are paged in the order they first came, without gaps or repeats', async () => {
        await add(dee, ada)
        await add(bo, adaInShop, cyd)
        const pids = await Promise.all([dee, ada, bo, cyd].map(pidOf))
        const start = await store.page(3, 0)
        expect(start).toMatchObject({ hasNextPage: true, total: 4 })
        const rest = await store.page(3, start.people.at(-1)?.position ?? 0)
        expect(rest).toMatchObject({ hasNextPage: false, total: 4 })
        expect([...start.people, ...rest.people].map(({ pid }) => pid)).toEqual(pids)
        expect(await store.page(0, 0)).toEqual({ people: [], hasNextPage: true, total: 4 })
        expect((await store.page(4, 0)).hasNextPage).toBe(false)
      })
    })

    describe('what belongs to a person', () => {
      test('identifiers: each kind, token and source once, in the order of the records', async () => {
        await add(ada, adaInShop, { ...adaInShop, recordId: '2' }, bo)
        const a = await pidOf(ada)
        const [email, phone] = [await token('email', 'ada@example.org'), await token('phone', '+49301234567')]
        expect((await store.identifiers([a])).get(a)).toEqual([
          { kind: 'EMAIL', token: email, source: 'crm' },
          { kind: 'EMAIL', token: email, source: 'shop' },
          { kind: 'PHONE', token: phone, source: 'shop' },
        ])
      })

      test('devices: each once, the one seen last in front', async () => {
        const phone = { id: 'phone-7', kind: 'phone' }
        await add(
          {
            ...ada,
            devices: [
              { ...phone, lastSeen: '2026-01-01T00:00:00Z' },
              { id: 'web-1', kind: 'laptop', lastSeen: '2026-02-01T00:00:00Z' },
            ],
          },
          {
            ...adaInShop,
            devices: [
              { ...phone, lastSeen: '2026-03-01T00:00:00Z' },
              { ...phone, lastSeen: '2025-03-01T00:00:00Z' },
            ],
          },
        )
        const a = await pidOf(ada)
        expect((await store.devices([a])).get(a)).toEqual([
          { id: await token('device', 'phone-7'), kind: 'phone', lastSeen: '2026-03-01T00:00:00.000Z' },
          { id: await token('device', 'web-1'), kind: 'laptop', lastSeen: '2026-02-01T00:00:00.000Z' },
        ])
      })

      test('a device two people use stays with each of them', async () => {
        const devices = [{ id: 'tablet', kind: 'tablet', lastSeen: '2026-01-01T00:00:00Z' }]
        await add({ ...ada, devices }, { ...bo, devices })
        const [a, b] = [await pidOf(ada), await pidOf(bo)]
        const found = await store.devices([a, b])
        expect(found.get(a)).toEqual(found.get(b))
        expect(found.get(a)).toHaveLength(1)
      })

      test('accounts: each once, in the order of the records', async () => {
        await add(
          { ...ada, company: 'Acme' },
          { ...adaInShop, company: 'Zeta' },
          { ...adaInShop, recordId: '2', company: 'Acme' },
        )
        const a = await pidOf(ada)
        expect((await store.accounts([a])).get(a)).toEqual([
          { id: await token('account', 'Acme'), record: vault.nameOf(ada) },
          { id: await token('account', 'Zeta'), record: vault.nameOf(adaInShop) },
        ])
      })

      test('household: that of the first record that names one, with everybody in it by position', async () => {
        await add({ ...bo, householdId: 'h7' }, ada, { ...adaInShop, householdId: 'h7' }, dee)
        const [a, b, d] = [await pidOf(ada), await pidOf(bo), await pidOf(dee)]
        const found = await store.households([a, d])
        expect(found).toEqual(new Map([[a, { id: await token('household', 'h7'), members: [b, a] }]]))
      })
    })

    describe('identifiers as edges', () => {
      test('holders: everybody who has the token, whoever had it first in front', async () => {
        await add(bo, { ...ada, email: 'us@example.org' }, { ...cyd, email: 'us@example.org' })
        const us = await token('email', 'us@example.org')
        expect(await store.holders([us, 'e1_nobody'])).toEqual(
          new Map([[us, [await pidOf(ada), await pidOf(cyd)]]]),
        )
      })

      test('connected: nearest first, each record once, no further than three identifiers', async () => {
        // Neighbours share a loyalty number or a phone by turns; birth dates keep them apart.
        const chain = [ada, bo, cyd, dee, { ...bo, recordId: '5' }].map((link, index) => ({
          ...link,
          email: `link${index}@example.org`,
          loyalty: `L${Math.floor(index / 2)}`,
          phone: `+4930000000${Math.floor((index + 1) / 2)}`,
          dateOfBirth: `199${index}-01-01`,
        }))
        await add(...chain)
        const reached = await store.connected(await pidOf(ada))
        expect(reached.map(({ recordId, distance }) => [recordId, distance])).toEqual([
          [vault.nameOf(ada), 0],
          [vault.nameOf(bo), 1],
          [vault.nameOf(cyd), 2],
          [vault.nameOf(dee), 3],
        ])
        expect(new Set(reached.map(({ pid }) => pid)).size).toBe(4)
      })

      test('connected: a person alone reaches themselves, nobody reaches nothing', async () => {
        await add(dee, ada)
        expect(await store.connected(await pidOf(dee))).toEqual([
          { source: 'crm', recordId: vault.nameOf(dee), pid: await pidOf(dee), distance: 0 },
        ])
        expect(await store.connected('p1_nobody')).toEqual([])
      })

      test('an identifier that hundreds share does not make the way explode', async () => {
        const crowd = Array.from({ length: 400 }, (_, index) =>
          record('crm', `c${index}`, {
            email: 'office@example.org',
            loyalty: `L${index}`,
            dateOfBirth: '1990-01-01',
            givenName: `Name${String.fromCharCode(97 + (index % 26))}${'x'.repeat(3 + Math.floor(index / 26))}`,
          }),
        )
        await add(...crowd)
        expect(await store.connected(await pidOf(crowd[0] ?? ada))).toHaveLength(400)
      })
    })

    describe('writing', () => {
      test('a record that comes again is replaced, keeps its place and its person', async () => {
        await add(ada, adaInShop, bo)
        const a = await pidOf(ada)
        await add({ ...ada, givenName: 'A', language: 'sv', phone: '+49 30 5555555', devices: [] })
        expect(await pidOf(ada)).toBe(a)
        expect((await store.records([a])).get(a)?.map(({ language }) => language)).toEqual(['sv', null])
        expect((await store.page(10, 0)).total).toBe(2)
        expect(await store.holders([await token('phone', '+49 30 5555555')])).toEqual(
          new Map([[await token('phone', '+49 30 5555555'), [a]]]),
        )
      })

      test('what a replaced record no longer says is gone', async () => {
        const devices = [{ id: 'old', kind: 'phone', lastSeen: '2026-01-01T00:00:00Z' }]
        await add({ ...bo, devices, company: 'Acme', householdId: 'h1' })
        const b = await pidOf(bo)
        await add({ ...bo, email: 'new@example.org' })
        expect(await store.holders([await token('email', 'bo@example.org')])).toEqual(new Map())
        expect(await store.devices([b])).toEqual(new Map())
        expect(await store.accounts([b])).toEqual(new Map())
        expect(await store.households([b])).toEqual(new Map())
      })

      // Maps cannot fail halfway.
      if (engine !== 'memory')
        test('a batch that fails leaves nothing behind', async () => {
          await add(ada)
          const [stored] = (await store.records([await pidOf(ada)])).get(await pidOf(ada)) ?? []
          const good = {
            ...stored,
            recordId: 'x',
            seed: 'p1_x',
            pid: 'p1_x',
            email: null,
            phone: null,
            identifiers: [],
            devices: [],
            household: null,
            account: null,
          }
          const bad = {
            ...good,
            recordId: 'y',
            seed: 'p1_y',
            pid: 'p1_y',
            devices: [{ id: null, kind: 'phone', lastSeen: '2026' }],
          }
          const writing = store.change((graph) => graph.putRecords([good, bad] as never, 0))
          await expect(writing).rejects.toThrow()
          expect(await store.records(['p1_x'])).toEqual(new Map())
          expect((await store.page(10, 0)).total).toBe(1)
        })

      test('two batches at the same moment both arrive whole', async () => {
        await Promise.all([add(ada, dee), add(bo, cyd)])
        const { people, total } = await store.page(10, 0)
        expect(total).toBe(4)
        expect(new Set(people.map(({ position }) => position)).size).toBe(4)
      })

      test('no records, nothing to do', async () => {
        expect(await add()).toEqual({
          owners: new Map(),
          newPeople: 0,
          possibleMatches: 0,
          takenBack: 0,
          refused: 0,
        })
        await store.change((graph) => graph.putRecords([], 0))
        expect((await store.page(10, 0)).total).toBe(0)
      })
    })
  })
}
