import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { type Deliverer, startDeliverer } from '../../subgraphs/consent/outbox/deliverer.ts'
import { createSqlOutbox } from '../../subgraphs/consent/outbox/sql-outbox.ts'
import { createWebhookSender } from '../../subgraphs/delivery/webhook-sender.ts'
import type { Engine } from '../../subgraphs/database.ts'
import { RECEIPT_KEYS } from './receipts.ts'

/** One of several replicas of the consent service that share a database, delivering to the webhook `crm`. */
export async function deliverAsReplica(engine: Engine, holder: string, url: string): Promise<Deliverer> {
  const db = engine.database<unknown>(consentMigration)
  const outbox = createSqlOutbox(db)
  const terms = { name: 'crm', kind: 'webhook', scopes: null, url, slaMs: 300_000 } as const
  await outbox.configure([{ ...terms, start: '0' }])
  return startDeliverer({
    terms,
    sender: createWebhookSender({ url, secrets: ['whsec_'], timeoutMs: 30_000, clock: Date.now }),
    store: createSqlConsentStore(db, RECEIPT_KEYS),
    outbox,
    holder,
    retry: { attempts: 4, firstMs: 10, longestMs: 1_000 },
    concurrency: 4,
    leaseMs: 120_000,
    pollMs: 10,
    clock: Date.now,
    random: Math.random,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const timer = setTimeout(resolve, ms)
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
      }),
    log: () => {},
  })
}
