import { describe, expect, it } from 'vitest'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { recordKey } from '../../subgraphs/identity/store.ts'
import { generateRetailer } from '../../subgraphs/retailer/generate.ts'
import { openTestVault } from '../support/open-test-vault.ts'

const keys = [{ version: 1, secret: 'a secret that is only used for tests' }]

describe('The generated retailer, once imported', async () => {
  const { people, records } = generateRetailer({ people: 1_000, events: 0, now: Date.UTC(2026, 10, 22) })
  const store = createMemoryIdentityStore()
  const { owners, newPeople } = await importRecords(records, {
    store,
    vault: await openTestVault(),
    pseudonymizer: createPseudonymizer({ keys, current: 1 }),
  })
  const pidOf = new Map(
    records
      .filter(({ source }) => source === 'crm')
      .map((one) => [one.personKey, owners.get(recordKey(one))]),
  )

  it('gives every person a pid of their own', () => {
    expect(pidOf.size).toBe(1_000)
    expect(new Set(pidOf.values()).size).toBe(1_000)
  })

  it('lists people in the order of the retailer, so a page of fifty is a page of its deck', async () => {
    const page = await store.page(50, 0)
    expect(page.people.map(({ pid }) => pid)).toEqual(
      people.slice(0, 50).map((one) => pidOf.get(one.personKey)),
    )
  })

  it('never gives a record to somebody else, and finds most of the duplicates', () => {
    const truth = new Map([...pidOf].map(([personKey, pid]) => [pid, personKey]))
    for (const record of records) {
      const owner = truth.get(owners.get(recordKey(record)))
      expect(owner ?? record.personKey).toBe(record.personKey)
    }
    expect(newPeople).toBeLessThan(1_000 + 0.3 * (records.length - 1_000))
  })
})
