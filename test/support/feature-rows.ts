import type { FeatureKey, FeaturesStore, FeatureRow, TracedRow } from '../../subgraphs/features/store.ts'
import type { Standing } from '../../subgraphs/standing/standing.ts'

/** A yes that was heard at revision 1 and holds until something else is. */
export const yes = (
  pid: string,
  scopes: readonly string[] = ['analytics', 'product_recs', 'personalization', 'marketing_email'],
): Standing[] =>
  scopes.map((scope) => ({
    pid,
    scope,
    granted: true,
    receipt: `rc-${pid}`,
    expiresAt: null,
    revision: '1',
    cut: '0',
    basis: '1',
  }))

export const tracedRow = (pid: string, feature: string, rest: Partial<TracedRow> = {}): TracedRow => ({
  pid,
  feature,
  value: `${feature} of ${pid}`,
  scope: 'personalization',
  consentId: `rc-${pid}`,
  consentRevision: '1',
  computedAt: 0,
  expiresAt: 60_000,
  dueAt: null,
  lineage: { count: 0, newest: [], from: null, until: null, receipts: [`rc-${pid}`] },
  ...rest,
})

export type ServedValue = FeatureKey & Pick<FeatureRow, 'value'>

/** What is answered to these keys, one row a value. */
export async function readValues(
  store: Pick<FeaturesStore, 'read'>,
  keys: readonly FeatureKey[],
  now: number,
): Promise<ServedValue[]> {
  const people = new Map<string, FeatureKey[]>()
  for (const key of keys) people.set(key.pid, [...(people.get(key.pid) ?? []), key])
  const asked = [...people].map(([pid, features]) => ({ pid, features }))
  const read = await store.read(asked, now)
  return asked.flatMap(({ pid, features }, place) =>
    features.flatMap(({ scope, feature }, at) => {
      const value = read[place]?.[at]
      return value === undefined ? [] : [{ pid, scope, feature, value }]
    }),
  )
}
