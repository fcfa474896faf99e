import neo4j from 'neo4j-driver'
import { describe, expect, it } from 'vitest'
import { deleteRecord } from '../../subgraphs/identity/graph/delete-record.ts'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createNeo4jIdentityStore } from '../../subgraphs/identity/neo4j-store.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { recordKey } from '../../subgraphs/identity/store.ts'
import { openTestVault } from '../support/open-test-vault.ts'
import { CANARIES, canariesIn } from '../support/raw-canaries.ts'

const url = process.env['TEST_NEO4J_URL'] ?? ''
const user = process.env['TEST_NEO4J_USER'] ?? 'neo4j'
const password = process.env['TEST_NEO4J_PASSWORD'] ?? ''
const tenant = `canaries-${process.pid}`

describe.skipIf(url === '')('Neo4j', () => {
  it('holds no raw value in any property of any node or relationship; one that is planted is found', async () => {
    const store = await createNeo4jIdentityStore({ url, user, password, tenant })
    const vault = await openTestVault()
    const pseudonymizer = createPseudonymizer({
      keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
      current: 1,
    })
    const driver = neo4j.driver(url, neo4j.auth.basic(user, password))
    const everything = async (): Promise<string> => {
      const { records } = await driver.executeQuery(
        `MATCH (n {tenant: $tenant}) OPTIONAL MATCH (n)-[r]-()
         RETURN labels(n) AS labels, properties(n) AS node, type(r) AS type, properties(r) AS edge`,
        { tenant },
      )
      return JSON.stringify(records.map((record) => record.toObject()))
    }
    const {
      givenName,
      familyName,
      email,
      phone,
      loyalty,
      company,
      household: householdId,
      birthDate: dateOfBirth,
    } = CANARIES
    const canary = {
      source: 'crm',
      recordId: CANARIES.recordId,
      givenName,
      familyName,
      email,
      phone,
      loyalty,
      company,
      householdId,
      dateOfBirth,
      region: 'DE',
      devices: [{ id: CANARIES.device, kind: 'phone', lastSeen: '2026-01-01T00:00:00Z' }],
    }
    const again = { ...canary, source: 'shop' }
    await importRecords([canary, again], { store, vault, pseudonymizer })
    const key = recordKey({ source: 'shop', recordId: vault.nameOf(again) })
    await store.change((graph) => deleteRecord(graph, key, 0))
    const held = await everything()
    expect(held).toContain(vault.nameOf(canary))
    expect(canariesIn(held)).toEqual([])
    await driver.executeQuery('MATCH (r:Record {tenant: $tenant}) SET r.note = $note', {
      tenant,
      note: email,
    })
    expect(canariesIn(await everything())).toEqual(['email'])
    await driver.close()
    await store.close()
  })
})
