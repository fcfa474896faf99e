import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CodedFailure } from '../../subgraphs/coded-failure.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { formatErrors } from '../../subgraphs/format-errors.ts'
import { createMemoryLookupLog, type LookupLog } from '../../subgraphs/identity/pseudonyms/lookup-log.ts'
import { createSqlLookupLog } from '../../subgraphs/identity/pseudonyms/sql-lookup-log.ts'
import { identityMigration } from '../../subgraphs/identity/migration.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { resolveIdentity } from '../../subgraphs/identity/resolve-identity.ts'
import { tokenOf } from '../support/token-of.ts'

const pseudonymizer = createPseudonymizer({
  keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
  current: 1,
})
const grant = (client = 'desk', purpose = 'customer_service') => ({
  subgraph: 'identity',
  client,
  purpose,
  request: 'r-1',
  actor: 'clerk-7',
  lookups: {},
})

async function ask(
  log: LookupLog,
  value: string,
  { client = 'desk', purpose = 'customer_service', now = 1_000_000, perMinute = 3 } = {},
): Promise<string | null> {
  const ada = await tokenOf(pseudonymizer, 'email', 'ada@example.org')
  const store = {
    holders: async (tokens: readonly string[]) => new Map(tokens.includes(ada) ? [[ada, ['p1_ada']]] : []),
  }
  return resolveIdentity(
    { kind: 'EMAIL', value, grant: grant(client, purpose), now },
    { store, pseudonymizer, log, perMinute },
  )
}

function limits(engine: string, open: () => Promise<LookupLog>): void {
  describe(`who looks up people, on ${engine},`, () => {
    test('is told of who is known, and is limited, each client by itself', async () => {
      const log = await open()
      expect(await ask(log, 'ada@example.org')).toBe('p1_ada')
      expect(await ask(log, 'bo@example.org')).toBeNull()
      await ask(log, 'cyd@example.org')
      await expect(ask(log, 'ada@example.org')).rejects.toMatchObject({
        extensions: { code: 'LOOKUPS_LIMITED' },
      })
      expect(await ask(log, 'ada@example.org', { client: 'shop' })).toBe('p1_ada')
    })

    test('may go on after a minute', async () => {
      const log = await open()
      for (const name of ['ada', 'bo', 'cyd'])
        // eslint-disable-next-line no-await-in-loop -- one after the other
        await ask(log, `${name}@example.org`)
      expect(await ask(log, 'ada@example.org', { now: 1_060_001 })).toBe('p1_ada')
    })
  })
}

limits('memory', async () => createMemoryLookupLog())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [identityMigration])
  })
  afterAll(() => engine.close())
  limits('PGlite', async () => {
    await engine.admin
      .withSchema('identity')
      .deleteFrom('lookup' as never)
      .execute()
    return createSqlLookupLog(engine.database(identityMigration))
  })

  test('the service cannot change what was written down', async () => {
    const db = engine.database<{ lookup: { client: string } }>(identityMigration)
    await expect(db.updateTable('lookup').set({ client: 'somebody else' }).execute()).rejects.toThrow(
      /permission denied/,
    )
    await expect(db.deleteFrom('lookup').execute()).rejects.toThrow(/permission denied/)
  })
})

test('each question is written down before it is answered, without its value, also one that is refused', async () => {
  const log = createMemoryLookupLog()
  await ask(log, 'ada@example.org', { perMinute: 0 }).catch(() => null)
  expect(log.lookups).toEqual([
    {
      at: 1_000_000,
      client: 'desk',
      actor: 'clerk-7',
      purpose: 'customer_service',
      request: 'r-1',
      kind: 'EMAIL',
    },
  ])
})

test('what cannot be written down is not answered', async () => {
  const log: LookupLog = { append: () => Promise.reject(new Error('The store does not answer.')) }
  await expect(ask(log, 'ada@example.org')).rejects.toThrow('The store does not answer.')
})

test('another purpose learns nothing, and makes no token', async () => {
  const log = createMemoryLookupLog()
  await expect(ask(log, 'ada@example.org', { purpose: 'marketing' })).rejects.toMatchObject({
    extensions: { code: 'PURPOSE_NOT_ALLOWED' },
  })
  expect(log.lookups).toEqual([])
})

test('a KMS that is away is told as such, without where it is', () => {
  const [told] = formatErrors('identity', [new CodedFailure('KEYS_UNAVAILABLE', 'Vault, status 503')])
  expect(told).toEqual({
    message: 'Where the keys are, nobody answers.',
    extensions: { code: 'KEYS_UNAVAILABLE' },
  })
})
