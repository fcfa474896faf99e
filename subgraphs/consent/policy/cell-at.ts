import { ELSEWHERE, type PolicyBundle, rowKey, UNSTATED } from './bundle.ts'
import type { Cell } from './cell-fields.ts'
import { countryOf, isPlace } from './places.ts'
import { restOf } from './resolve-rows.ts'

/** Where something will be used; what is not stated could be anywhere. */
export interface PolicyPlace {
  readonly region?: string | null
  readonly brand?: string | null
}

type Row = ReadonlyMap<string, Cell>

export type UnknownPlace = 'UNKNOWN_REGION' | 'UNKNOWN_BRAND' | 'UNKNOWN_SCOPE'

/** The cell of one scope in one place, or what about it the bundle does not know. */
export function cellAt(bundle: PolicyBundle, scope: string, place: PolicyPlace): Cell | UnknownPlace {
  const row = rowAt(bundle, place)
  if (typeof row === 'string') return row
  return row.get(scope) ?? 'UNKNOWN_SCOPE'
}

export function rowAt(bundle: PolicyBundle, { region, brand }: PolicyPlace): Row | UnknownPlace {
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

/**
 * The cells of a scope everywhere within a place: more than one where it is not said exactly where, or under which brand.
 * A decision takes the tightest of them all; who is told what is done with their data is told of each.
 */
export function cellsWithin(
  bundle: PolicyBundle,
  scope: string,
  place: PolicyPlace,
): readonly Cell[] | UnknownPlace {
  const own = rowAt(bundle, place)
  if (typeof own === 'string') return own
  const brands = place.brand == null && bundle.brands.length > 0 ? bundle.brands : [place.brand ?? null]
  const rows = brands.flatMap((brand) => rowsWithin(bundle, { region: place.region ?? null, brand }))
  return rows.flatMap((row) => row.get(scope) ?? [])
}

function rowsWithin(bundle: PolicyBundle, place: Required<PolicyPlace>): readonly Row[] {
  const { region, brand } = place
  const divided = dividedRegions(bundle)
  if (region !== null && region !== undefined && !divided.has(region)) {
    const row = rowAt(bundle, place)
    return typeof row === 'string' ? [] : [row]
  }
  const countries = region === null || region === undefined ? null : (bundle.groups.get(region) ?? [region])
  const named = bundle.brands.length === 0 ? UNSTATED : (brand ?? UNSTATED)
  return [...bundle.rows].flatMap(([key, row]) => {
    const [rowRegion = '', rowBrand] = key.split('|')
    const isInside = countries === null || countries.includes(rowRegion.slice(0, 2))
    return isInside && rowBrand === named && !divided.has(rowRegion) ? [row] : []
  })
}

/** Those that have parts with rows of their own: their own row is the tightest of them. */
function dividedRegions({ groups, rows }: PolicyBundle): ReadonlySet<string> {
  const suffix = restOf('')
  const regions = [...rows.keys()].map((key) => key.split('|', 1)[0] ?? '')
  const divided = regions
    .filter((region) => region.endsWith(suffix))
    .map((region) => region.slice(0, -suffix.length))
  return new Set([UNSTATED, ...groups.keys(), ...divided])
}

/** A place that is not written down is like the rest of its country, or like the rest of the world. */
function widerThan(region: string): readonly string[] {
  const country = countryOf(region)
  return country === null ? [ELSEWHERE] : [restOf(country), country, ELSEWHERE]
}
