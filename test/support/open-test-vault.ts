import { createMemorySealedStore } from '../../subgraphs/identity/vault/memory-sealed-store.ts'
import { openVault } from '../../subgraphs/identity/vault/sealed-vault.ts'
import type { Vault } from '../../subgraphs/identity/vault/vault.ts'
import { createTestRing } from './data-key-ring.ts'

/** A vault in memory, empty. */
export const openTestVault = (): Promise<Vault> =>
  openVault({ store: createMemorySealedStore(), ring: createTestRing(), clock: Date.now })
