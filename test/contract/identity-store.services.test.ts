import { type Kysely, sql } from 'kysely'
import neo4j from 'neo4j-driver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { consentWork } from '../../subgraphs/identity/graph/consent-work.ts'
import { mergeRecords } from '../../subgraphs/identity/graph/merge-records.ts'
import { settle } from '../../subgraphs/identity/graph/settle.ts'
import { unmergeRecords } from '../../subgraphs/identity/graph/unmerge-records.ts'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createNeo4jIdentityStore } from '../../subgraphs/identity/neo4j-store.ts'
import { identityMigration } from '../../subgraphs/identity/migration.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { createSqlKeyBook } from '../../subgraphs/identity/pseudonyms/sql-key-book.ts'
import { createSqlIdentityStore } from '../../subgraphs/identity/sql-store.ts'
import type { IdentityTables } from '../../subgraphs/identity/sql-tables.ts'
import { fakeLinkedConsent } from '../support/linked-consent.ts'
import { loneRecord } from '../support/lone-record.ts'
import { tokenOf } from '../support/token-of.ts'
import { identityGraphContract } from './identity-graph.contract.ts'
import { identityRenameContract } from './identity-rename.contract.ts'
import { identityRotationContract } from './identity-rotation.contract.ts'
import { openTestVault } from '../support/open-test-vault.ts'
import { identityStoreContract } from './identity-store.contract.ts'

const postgres = process.env['TEST_POSTGRES_URL'] ?? ''
/** A database of its own, so that files which run at the same time do not meet. */
const name = `identity_store_${process.pid}`

describe.skipIf(postgres === '')('PostgreSQL', () => {
  let server: Engine
  let engine: Engine
  let db: Kysely<IdentityTables>
  beforeAll(async () => {
    server = await connectPostgres(postgres)
    await sql`create database ${sql.id(name)}`.execute(server.admin)
    engine = await connectPostgres(Object.assign(new URL(postgres), { pathname: `/${name}` }).href)
    await migrate(engine, [identityMigration])
    // One pool for all tests: a property opens its store many times, and a server has so many connections.
    db = engine.database(identityMigration)
  })
  afterAll(async () => {
    await engine.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(server.admin)
    await server.close()
  })

  const open = async () => {
    await sql`truncate identity.record, identity.has, identity.device, identity.merge, identity.separation,
        identity.possible_match, identity.untold_change, identity.former_pid restart identity`.execute(
      engine.admin,
    )
    return createSqlIdentityStore(db)
  }
  identityStoreContract('PostgreSQL', open)
  identityRenameContract('PostgreSQL', open)
  identityGraphContract('PostgreSQL', open, { runs: 20 })
  // The book beside the graph, as the product has it: what a killed job has written is all the next one knows.
  const openBook = async () => {
    await sql`truncate identity.key_book`.execute(engine.admin)
    return createSqlKeyBook(db as unknown as Kysely<unknown>)
  }
  identityRotationContract('PostgreSQL', open, { killedAt: 'every step', openBook })
})

const url = process.env['TEST_NEO4J_URL'] ?? ''
const user = process.env['TEST_NEO4J_USER'] ?? 'neo4j'
const password = process.env['TEST_NEO4J_PASSWORD'] ?? ''

describe.skipIf(url === '')('Neo4j', () => {
  // Community edition has one database: each test is a tenant of its own, and the server is thrown away afterwards.
  let tenants = 0
  const newTenant = () => `identity-${process.pid}-${(tenants += 1)}`

  const open = () => createNeo4jIdentityStore({ url, user, password, tenant: newTenant() })
  identityStoreContract('Neo4j', open)
  identityRenameContract('Neo4j', open)
  identityGraphContract('Neo4j', open, { runs: 5 })
  identityRotationContract('Neo4j', open, { killedAt: 'every step' })

  test('tenants do not see one another', async () => {
    const pseudonymizer = createPseudonymizer({
      keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
      current: 1,
    })
    const vault = await openTestVault()
    const [one, other] = [
      await createNeo4jIdentityStore({ url, user, password, tenant: newTenant() }),
      await createNeo4jIdentityStore({ url, user, password, tenant: newTenant() }),
    ]
    const dee = {
      source: 'crm',
      recordId: '4',
      givenName: 'Dee',
      familyName: 'Dahl',
      email: 'dee@example.org',
      region: 'DE',
      devices: [],
    }
    const { owners } = await importRecords([dee], { store: one, vault, pseudonymizer })
    const pids = [...owners.values()]
    expect((await one.records(pids)).size).toBe(1)
    expect((await other.records(pids)).size).toBe(0)
    expect((await other.page(10, 0)).total).toBe(0)
    expect(await other.holders([await tokenOf(pseudonymizer, 'email', dee.email)])).toEqual(new Map())
    await importRecords([dee], { store: other, vault, pseudonymizer })
    expect((await other.page(10, 0)).total).toBe(1)
    await Promise.all([one.close(), other.close()])
  })

  test('who looks at the graph sees records, identifiers, people and every decision as nodes and relationships', async () => {
    const tenant = newTenant()
    const store = await createNeo4jIdentityStore({ url, user, password, tenant })
    const nodes = await store.change((graph) =>
      graph.putRecords([loneRecord(1), loneRecord(2), loneRecord(3)], 1),
    )
    const [one = 0, two = 0, three = 0] = nodes.map(({ id }) => id)
    const draft = {
      how: 'model',
      by: 'pairs@3',
      evidence: [],
      prior: 0,
      probability: 0.99,
      actor: 'm',
      reason: null,
    } as const
    const merge = async (a: number, b: number): Promise<string> => {
      const outcome = await store.change((graph) => mergeRecords(graph, { ...draft, a, b }, 2))
      await settle(consentWork(store), fakeLinkedConsent().consent, () => 3)
      return outcome.outcome === 'decided' ? outcome.decision.decisionId : outcome.outcome
    }
    await merge(one, two)
    const decisionId = await merge(two, three)
    const undo = { decisionId, actor: 'clerk-7', reason: null, keepApart: false }
    await store.change((graph) => unmergeRecords(graph, undo, 4))
    const driver = neo4j.driver(url, neo4j.auth.basic(user, password), { disableLosslessIntegers: true })
    const rows = async (cypher: string) =>
      (await driver.executeQuery(cypher, { tenant })).records.map((row) => row.toObject())
    expect(
      await rows(`MATCH (p:Person {tenant: $tenant})-[:OWNS]->(r:Record)-[:HAS]->(i:Identifier)
        RETURN p.pid AS pid, r.seed AS seed, i.kind AS kind ORDER BY seed`),
    ).toEqual([
      { pid: 'p1_1', seed: 'p1_1', kind: 'EMAIL' },
      { pid: 'p1_1', seed: 'p1_2', kind: 'EMAIL' },
      { pid: 'p1_3', seed: 'p1_3', kind: 'EMAIL' },
    ])
    expect(
      await rows(`MATCH (a:Record {tenant: $tenant})-[same:SAME]->(b:Record)
        RETURN a.seed AS a, b.seed AS b, same.by AS by, same.probability AS probability`),
    ).toEqual([{ a: 'p1_1', b: 'p1_2', by: 'pairs@3', probability: 0.99 }])
    expect(
      await rows(`MATCH (u:Unmerge {tenant: $tenant})-[:UNDOES]->(d:Decision)-[:ABOUT]->(r:Record)
        RETURN u.actor AS actor, d.id AS id, r.seed AS seed ORDER BY seed`),
    ).toEqual(['p1_2', 'p1_3'].map((seed) => ({ actor: 'clerk-7', id: decisionId, seed })))
    await driver.close()
    await store.close()
  })

  test('a wrong password is refused when the store is opened, and names no password', async () => {
    const opening = createNeo4jIdentityStore({ url, user, password: 'not the password' })
    await expect(opening).rejects.toMatchObject({ code: 'Neo.ClientError.Security.Unauthorized' })
    await expect(opening).rejects.not.toThrow('not the password')
  })
})
