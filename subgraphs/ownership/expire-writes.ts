import type { Registry } from './registry.ts'
import type { OwnershipStore } from './store.ts'

/** What is older than its attribute is kept is removed (GDPR Art. 5(1)(e): storage limitation). Says how many words. */
export async function expireWrites(
  store: Pick<OwnershipStore, 'expire'>,
  { attributes }: Registry,
  now: number,
): Promise<number> {
  return store.expire(
    new Map([...attributes.values()].map(({ name, retentionMs }) => [name, now - retentionMs])),
  )
}
