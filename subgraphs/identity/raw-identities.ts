import type { RawIdentities, RawIdentity } from './rotation/rotation-ports.ts'
import { nameIn, recordKey } from './store.ts'
import type { RawRecord } from './vault/raw-record.ts'
import type { Vault } from './vault/vault.ts'

/** What new tokens are made of, out of the vault. A record that does not open is missing. */
export const rawIdentitiesIn = (vault: Pick<Vault, 'open'>): RawIdentities => ({
  async read(nodes) {
    const names = new Map(nodes.flatMap(({ id, key }) => (key === null ? [] : [[id, nameIn(key)] as const])))
    const { records } = await vault.open([...names.values()])
    return new Map(
      [...names].flatMap(([id, name]) => {
        const raw = records.get(name)
        return raw === undefined ? [] : [[id, rawIdentity(raw)] as const]
      }),
    )
  },
})

const rawIdentity = (raw: RawRecord): RawIdentity => ({
  name: recordKey(raw),
  email: raw.email ?? null,
  phone: raw.phone ?? null,
  loyalty: raw.loyalty ?? null,
  household: raw.householdId ?? null,
  account: raw.company ?? null,
  devices: raw.deviceIds ?? [],
  region: raw.region ?? '',
})
