import { type Registry, registryId } from './ownership/registry.ts'
import type { KeptWrite, OwnershipStore } from './ownership/store.ts'
import type { Seeded } from './seed.ts'

export interface ProfileSeed extends Seeded {
  readonly registry: Registry
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What the retailer's CRM says of the made-up people, as far as the registry lets it say so. */
export async function seedProfiles(
  ownership: Pick<OwnershipStore, 'add'>,
  { retailer, pidOf, registry, now }: ProfileSeed,
): Promise<void> {
  const writes = retailer.people.flatMap(({ personKey, planTier, language }) =>
    [
      { attribute: 'account.tier', value: planTier },
      { attribute: 'contact.language', value: language },
    ]
      .filter(({ attribute }) => isOwn(registry, attribute))
      .map((said): KeptWrite => ({
        ...said,
        pid: pidOf(personKey),
        system: SYSTEM,
        version: 1,
        at: now,
        confirmed: true,
        receivedAt: now,
        registry: registryId(registry),
        consent: null,
      })),
  )
  await ownership.add(writes, now)
}

const SYSTEM = 'crm'

/** Another house may have other attributes, and others who own them. */
const isOwn = ({ attributes }: Registry, name: string): boolean => {
  const attribute = attributes.get(name)
  return attribute?.owner === SYSTEM && attribute.scope === null
}
