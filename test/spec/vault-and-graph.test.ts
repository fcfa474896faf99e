import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { beforeEach, describe, expect, it } from 'vitest'
import { normalizeConsent } from '../../directives/link.ts'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import type { CustomerRecord, IdentityStore } from '../../subgraphs/identity/store.ts'
import { sweepVault } from '../../subgraphs/identity/sweep-vault.ts'
import { createMemorySealedStore } from '../../subgraphs/identity/vault/memory-sealed-store.ts'
import { openVault } from '../../subgraphs/identity/vault/sealed-vault.ts'
import type { Vault } from '../../subgraphs/identity/vault/vault.ts'
import { createIdentitySubgraph } from '../../subgraphs/identity/subgraph.ts'
import { createTestRing } from '../support/data-key-ring.ts'
import { customerRecord, identityDesk } from '../support/identity-desk.ts'

const pseudonymizer = createPseudonymizer({
  keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
  current: 1,
})
const record = (recordId: string, givenName: string, rest: Partial<CustomerRecord> = {}): CustomerRecord => ({
  source: 'crm',
  recordId,
  givenName,
  familyName: 'Lind',
  region: 'DE',
  devices: [],
  ...rest,
})
const ada = record('1', 'Ada', { email: 'us@example.org' })
const bo = record('2', 'Bo', { email: 'us@example.org' })
const HOUR = 3_600_000

describe('what is in the vault is what the graph knows of', () => {
  let now: number
  let store: IdentityStore
  let vault: Vault
  beforeEach(async () => {
    now = Date.UTC(2026, 4, 1)
    store = createMemoryIdentityStore()
    vault = await openVault({ store: createMemorySealedStore(), ring: createTestRing(), clock: () => now })
  })
  const options = () => ({ store, vault, pseudonymizer })
  const brokenOff = () => ({
    ...options(),
    store: {
      ...store,
      change: async () => {
        throw new Error('gone in the middle')
      },
    },
  })
  const inVault = async (...of: CustomerRecord[]) => (await vault.open(of.map(vault.nameOf))).records.size
  const sweep = () => sweepVault({ store, vault }, now)

  it('an import that breaks off behind the vault loses nothing when it is run again', async () => {
    await expect(importRecords([ada, bo], brokenOff())).rejects.toThrow('gone in the middle')
    expect(await inVault(ada, bo)).toBe(2)
    expect((await importRecords([ada, bo], options())).newPeople).toBe(2)
    now += 2 * HOUR
    expect(await sweep()).toBe(0)
    expect(await inVault(ada, bo)).toBe(2)
  })

  it('and when it is not run again, what nobody knows is removed, after an hour', async () => {
    await importRecords([ada], options())
    await expect(importRecords([ada, bo], brokenOff())).rejects.toThrow()
    now += HOUR
    expect(await sweep()).toBe(0)
    now += 1
    expect(await sweep()).toBe(1)
    expect(await inVault(ada)).toBe(1)
    expect(await inVault(bo)).toBe(0)
    expect((await importRecords([bo], options())).newPeople).toBe(1)
  })

  it('a record that was erased is left out of every import, and the others come in', async () => {
    await importRecords([ada], options())
    await vault.erase([vault.nameOf(ada)])
    const result = await importRecords([{ ...ada, phone: '+49301234567' }, bo], options())
    expect(result).toMatchObject({ refused: 1, newPeople: 1 })
    expect([...result.owners.keys()]).toEqual(['crm\u001f2'])
    expect(await inVault(ada)).toBe(0)
  })

  it('of who does not open nobody says that they are the same as somebody', async () => {
    await importRecords([ada], options())
    const blind = {
      ...vault,
      open: async (names: readonly string[]) => ({ records: new Map(), refused: names }),
    }
    const twin = record('3', 'Ada', { email: 'us@example.org' })
    expect((await importRecords([twin], { ...options(), vault: blind })).newPeople).toBe(1)
    expect(
      (await importRecords([record('4', 'Ada', { email: 'us@example.org' })], options())).newPeople,
    ).toBe(0)
  })
})

describe('at the service desk', () => {
  it('a deleted record is gone from the vault before it is gone from the graph, and does not come back', async () => {
    const desk = identityDesk()
    const vault = await desk.vault
    const { pid } = await desk.import(customerRecord('1'))
    const name = vault.nameOf(customerRecord('1'))
    const change = desk.store.change.bind(desk.store)
    const seen: boolean[] = []
    desk.store.change = async (work) => {
      seen.push((await vault.erased([name])).has(name))
      return change(work)
    }
    await desk.ask('mutation ($record: ID!) { deleteRecord(input: { record: $record }) { wasBridge } }', {
      variables: { record: pid('1') },
    })
    expect(seen[0]).toBe(true)
    expect((await vault.open([name])).records.size).toBe(0)
    expect(await desk.import(customerRecord('1'))).toMatchObject({ refused: 1, newPeople: 0 })
  })

  it('an entry that was tampered with is an error of this person’s values, and of nobody else’s', async () => {
    const sealed = createMemorySealedStore()
    const ring = createTestRing()
    const real = await openVault({ store: sealed, ring, clock: () => 0 })
    const store = createMemoryIdentityStore()
    const { owners } = await importRecords([ada, record('3', 'Cyd', { company: 'Acme' })], {
      store,
      vault: real,
      pseudonymizer,
    })
    const swapped = await openVault({
      store: {
        ...sealed,
        async read(names) {
          const [other] = await sealed.read([real.nameOf(record('3', 'Cyd'))])
          const entries = await sealed.read(names)
          return entries.map((entry) =>
            entry.name === real.nameOf(ada) && other ? { ...other, name: entry.name } : entry,
          )
        },
      },
      ring,
      clock: () => 0,
    })
    const subgraph = createIdentitySubgraph({ store, vault: swapped, pseudonymizer })
    const schema = buildSubgraphSchema([
      { typeDefs: normalizeConsent(parse(subgraph.sdl)), resolvers: subgraph.resolvers },
    ])
    const { data, errors } = await graphql({
      schema,
      source: '{ customers { nodes { pid displayName region accounts { name } } } }',
      contextValue: { grant: null, loaders: subgraph.loaders?.(), clock: () => 0 },
    })
    const [one, three] = [...owners.values()]
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      customers: {
        nodes: [
          { pid: one, displayName: null, region: 'DE', accounts: [] },
          { pid: three, displayName: 'Cyd L.', region: 'DE', accounts: [{ name: 'Acme' }] },
        ],
      },
    })
    expect(errors).toMatchObject([
      { path: ['customers', 'nodes', 0, 'displayName'], extensions: { code: 'VAULT_ENTRY_REFUSED' } },
    ])
  })
})
