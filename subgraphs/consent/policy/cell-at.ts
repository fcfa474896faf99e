import { ELSEWHERE, type PolicyBundle, rowKey, UNSTATED } from './bundle.ts'
import type { Cell } from './cell-fields.ts'
import { countryOf, isPlace } from './places.ts'
import { restOf } from './resolve-rows.ts'

/** Where something will be used; what is not stated could be anywhere. */
export interface PolicyPlace {
  readonly region?: string | null
  readonly brand?: string | null
}

export type UnknownPlace = 'UNKNOWN_REGION' | 'UNKNOWN_BRAND' | 'UNKNOWN_SCOPE'

/** The cell of one scope in one place, or what about it the bundle does not know. */
export function cellAt(bundle: PolicyBundle, scope: string, place: PolicyPlace): Cell | UnknownPlace {
  const row = rowAt(bundle, place)
  if (typeof row === 'string') return row
  return row.get(scope) ?? 'UNKNOWN_SCOPE'
}

export function rowAt(
  bundle: PolicyBundle,
  { region, brand }: PolicyPlace,
): ReadonlyMap<string, Cell> | UnknownPlace {
  const isBrandKnown = brand == null || bundle.brands.length === 0 || bundle.brands.includes(brand)
  if (!isBrandKnown) return 'UNKNOWN_BRAND'
  const named = brand == null || bundle.brands.length === 0 ? UNSTATED : brand
  if (region == null) return bundle.rows.get(rowKey(UNSTATED, named)) ?? 'UNKNOWN_REGION'
  if (!isPlace(region) && !bundle.groups.has(region)) return 'UNKNOWN_REGION'
  for (const candidate of [region, ...widerThan(region)]) {
    const row = bundle.rows.get(rowKey(candidate, named))
    if (row) return row
  }
  return 'UNKNOWN_REGION'
}

/** A place that is not written down is like the rest of its country, or like the rest of the world. */
function widerThan(region: string): readonly string[] {
  const country = countryOf(region)
  return country === null ? [ELSEWHERE] : [restOf(country), country, ELSEWHERE]
}
