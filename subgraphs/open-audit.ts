import { migrate } from './database.ts'
import { createSqlKeyBook } from './identity/pseudonyms/sql-key-book.ts'
import {
  createSqlReidentificationStore,
  reidentificationMigration,
} from './identity/reidentification/sql-reidentification-store.ts'
import { type TrailVerification, verifyTrail } from './identity/reidentification/verify-trail.ts'
import { identityMigration } from './identity/migration.ts'
import { openKeys } from './open-keys.ts'
import { openEngine, type StoreOptions } from './open-stores.ts'

/** The trail of re-identifications alone, for who looks after it. */
export interface OpenAudit {
  verify(noted: string | null): Promise<TrailVerification>
  close(): Promise<void>
}

export async function openAudit(options: StoreOptions): Promise<OpenAudit> {
  const engine = await openEngine(options)
  try {
    await migrate(engine, [identityMigration, reidentificationMigration])
    const book = createSqlKeyBook(engine.database(identityMigration))
    const keys = await openKeys({ dataDir: options.dataDir, settings: options.keys ?? {}, book })
    const store = createSqlReidentificationStore(engine.database(reidentificationMigration))
    return {
      verify: (noted) => verifyTrail(store, keys, noted),
      async close() {
        await keys.close()
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}
