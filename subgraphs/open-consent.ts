import { consentMigration } from './consent/migration.ts'
import { keptReceiptSecrets } from './consent/receipts/kept-receipt-secrets.ts'
import { createReceiptKeys } from './consent/receipts/receipt-keys.ts'
import { rebuildLinks } from './consent/links/sql-links.ts'
import { verifyLinks } from './consent/links/sql-verify-links.ts'
import { readPids, rebuildHeads, rewrapKeys, vacuum } from './consent/receipts/sql-upkeep.ts'
import { type Verification, type VerifyOptions, verifyReceipts } from './consent/receipts/sql-verify.ts'
import { createSqlConsentStore } from './consent/sql-store.ts'
import { inTurn } from './consent/sql-turn.ts'
import type { ConsentStore } from './consent/store.ts'
import { migrate } from './database.ts'
import { rewriteTables } from './standing/sql-rewrite.ts'
import { openEngine, type StoreOptions } from './open-stores.ts'

/** The consent tables alone, for who looks after them. */
export interface OpenConsent {
  readonly store: ConsentStore
  verify(options?: Omit<VerifyOptions, 'keys'>): Promise<Verification>
  /** Makes what decisions read again from the receipts; answers how many chains there are. */
  rebuild(): Promise<number>
  /** Puts every person's key under the first master key; answers how many were not. */
  rewrap(): Promise<number>
  /** Everybody whose receipts can be read. */
  pids(): AsyncIterable<string>
  /** Erases a person, and what the tables still hold in rows that are no more. */
  erase(pid: string, at: number): Promise<void>
  close(): Promise<void>
}

export async function openConsent(options: StoreOptions): Promise<OpenConsent> {
  const keys = createReceiptKeys(options.receiptSecrets ?? keptReceiptSecrets(options.dataDir))
  const engine = await openEngine(options)
  try {
    await migrate(engine, [consentMigration])
  } catch (error) {
    await engine.close()
    throw error
  }
  const db = engine.database<unknown>(consentMigration)
  const store = createSqlConsentStore(db, keys)
  return {
    store,
    async verify(verifyOptions) {
      const found = await verifyReceipts(db, { ...verifyOptions, keys })
      // Links are about several people at once: they are looked at with everybody.
      const links = verifyOptions?.pid === undefined ? await verifyLinks(db, keys) : []
      return { ...found, damages: [...found.damages, ...links] }
    },
    async rebuild() {
      await inTurn(db, rebuildLinks)
      return rebuildHeads(db, keys)
    },
    rewrap: () => rewrapKeys(db, keys),
    pids: () => readPids(db),
    async erase(pid, at) {
      await store.mark(pid, 'erased', at)
      // A server of many people would answer nobody while a table of them is rewritten; its own upkeep removes what is left.
      if (options.postgresUrl === undefined)
        await rewriteTables(engine.admin, ['consent.person', 'consent.head', 'consent.change'])
      else await vacuum(engine.admin)
    },
    close: () => engine.close(),
  }
}
