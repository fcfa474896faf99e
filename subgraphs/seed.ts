import type { Stores } from './all.ts'
import { UNKNOWN_CIRCUMSTANCES } from './consent/receipts/receipt.ts'
import { importRecords } from './identity/import-records.ts'
import type { Pseudonymizer } from './identity/pseudonyms/pseudonym.ts'
import { recordKey } from './identity/store.ts'
import { generateRetailer, type Retailer } from './retailer/generate.ts'
import { seedFeatures } from './seed-features.ts'

export interface SeedOptions {
  readonly people: number
  readonly events: number
  /** Milliseconds since the epoch; everything that happened lies before it. */
  readonly now: number
}

/**
 * Fills empty stores with a retailer that does not exist. Consent is written last and at once: a store that has
 * receipts was filled to the end, one that has none is filled again. `besides` fills others before.
 */
export async function seed(
  stores: Stores,
  pseudonymizer: Pseudonymizer,
  options: SeedOptions,
  besides: (seeded: Seeded) => Promise<void> = async () => {},
): Promise<void> {
  const retailer = generateRetailer(options)
  const pidOf = await writePeople(retailer, stores, pseudonymizer)
  await seedFeatures(stores, { retailer, pidOf, now: options.now })
  await stores.recommendations.replace(retailer.products)
  await besides({ retailer, pidOf })
  const receipts = retailer.receipts.map(({ personKey, ...receipt }) => ({
    ...UNKNOWN_CIRCUMSTANCES,
    ...receipt,
    brand: null,
    statement: receipt.consentId,
    subject: pidOf(personKey),
  }))
  const { revision } = await stores.consent.append(receipts)
  // What rests on consent was written under these numbers already.
  if (revision !== String(receipts.length)) throw new Error('The consent store was not empty.')
}

/** Who was made up, and under which pids. */
export interface Seeded {
  readonly retailer: Retailer
  readonly pidOf: PidOf
}

export async function isUnseeded({ consent }: Stores): Promise<boolean> {
  return (await consent.revision()) === '0'
}

type PidOf = (personKey: string) => string

/** Everybody's record in the CRM comes first, and whoever owns it is that person. */
async function writePeople(
  retailer: Retailer,
  { identity: store, vault }: Stores,
  pseudonymizer: Pseudonymizer,
): Promise<PidOf> {
  const { owners } = await importRecords(retailer.records, { store, vault, pseudonymizer })
  const pids = new Map<string, string>()
  for (const record of retailer.records) {
    const pid = owners.get(recordKey(record))
    if (pid !== undefined && !pids.has(record.personKey)) pids.set(record.personKey, pid)
  }
  return (personKey) => {
    const pid = pids.get(personKey)
    if (pid === undefined) throw new Error('A generated person has no record.')
    return pid
  }
}
