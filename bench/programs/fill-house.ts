// Fills the embedded stores of a house with made-up people, and tells who consents to analytics by which receipt.
import { mkdirSync } from 'node:fs'
import { createPseudonymizer, type Pseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { openStores, type OpenStores } from '../../subgraphs/open-stores.ts'
import { generateRetailer } from '../../subgraphs/retailer/generate.ts'
import { seed } from '../../subgraphs/seed.ts'
import type { Giver } from './event-load.ts'

export interface FillHouseJob {
  readonly dataDir: string
  readonly people: number
}

const fill = async ({ dataDir, people }: FillHouseJob): Promise<void> => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const stores = await openStores({ dataDir })
  const options = { people, events: people, now: Date.now() }
  const pseudonymizer = createPseudonymizer({ ring: stores.keys, tenant: '' })
  await seed(stores, pseudonymizer, options)
  await stores.analyze()
  const addresses = generateRetailer(options).people.map(({ email }) => email)
  const givers = await giversIn(stores, await holdersOf(addresses, { stores, pseudonymizer }))
  await stores.close()
  // An embedded database that was closed may still keep the process alive.
  process.send?.(givers, () => process.exit(0))
}

interface Known {
  readonly stores: OpenStores
  readonly pseudonymizer: Pseudonymizer
}

/** By pid, the address. */
const holdersOf = async (
  addresses: readonly string[],
  { stores, pseudonymizer }: Known,
): Promise<ReadonlyMap<string, string>> => {
  const tokens = await pseudonymizer.tokens(addresses.map((value) => ({ kind: 'email', value })))
  const holders = await stores.identity.holders(tokens.flatMap(({ sought }) => sought))
  return new Map(
    addresses.flatMap((address, at) =>
      (tokens[at]?.sought ?? []).flatMap((token) =>
        (holders.get(token) ?? []).map((pid) => [pid, address] as const),
      ),
    ),
  )
}

const giversIn = async (
  { consent }: OpenStores,
  addresses: ReadonlyMap<string, string>,
): Promise<readonly Giver[]> => {
  const records = await consent.records([...addresses.keys()])
  const soon = Date.now() + 86_400_000
  return [...records].flatMap(([pid, { latest }]) => {
    const said = latest.find(({ scope }) => scope === 'analytics')
    const isYes = said?.status === 'given' || said?.status === 'renewed'
    if (said === undefined || !isYes || (said.expiresAt !== null && said.expiresAt < soon)) return []
    return [{ pid, consentId: said.consentId, email: addresses.get(pid) ?? null }]
  })
}

process.on('message', (job) => void fill(job as FillHouseJob))
