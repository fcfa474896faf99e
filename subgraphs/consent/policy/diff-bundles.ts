import { type PolicyBundle, rowKey, UNSTATED } from './bundle.ts'
import { rowAt } from './cell-at.ts'
import { type Cell, compareField, FIELD_NAMES, type FieldName } from './cell-fields.ts'

export type Change = 'tightened' | 'loosened' | 'mixed'

/** One cell that another bundle changes. */
export interface CellChange {
  /** A code, a group, `US-*` for the rest of a country, `*` for the rest of the world; empty: not stated. */
  readonly region: string
  /** Empty: not stated, or brands are not told apart. */
  readonly brand: string
  readonly scope: string
  readonly change: Change
  /** Empty when only one of the bundles knows the cell: what a bundle does not know is denied. */
  readonly fields: readonly FieldChange[]
}

export interface FieldChange {
  readonly field: FieldName
  readonly before: unknown
  readonly after: unknown
  readonly change: Change
}

/** Every cell (region, brand, scope) that is not the same in both. */
export function diffBundles(before: PolicyBundle, after: PolicyBundle): readonly CellChange[] {
  const regions = union(regionsOf(before), regionsOf(after))
  const brands = union([UNSTATED, ...before.brands], after.brands)
  const scopes = union(before.scopes, after.scopes)
  return regions.flatMap((region) =>
    brands.flatMap((brand) =>
      scopes.flatMap((scope) => {
        const cells = [before, after].map((bundle) => cellOf(bundle, { region, brand, scope }))
        return changeOf({ region, brand, scope }, cells[0] ?? null, cells[1] ?? null) ?? []
      }),
    ),
  )
}

/** Regions with a row of their own, in the order they are resolved in. */
export function regionsOf({ rows }: PolicyBundle): readonly string[] {
  return union(
    [...rows.keys()].map((key) => key.slice(0, key.indexOf('|'))),
    [],
  )
}

interface At {
  readonly region: string
  readonly brand: string
  readonly scope: string
}

function cellOf(bundle: PolicyBundle, { region, brand, scope }: At): Cell | null {
  const exact = bundle.rows.get(rowKey(region, brand))
  if (exact) return exact.get(scope) ?? null
  const row = rowAt(bundle, {
    region: region === UNSTATED ? null : region.replace(/-\*$/, ''),
    brand: brand === UNSTATED ? null : brand,
  })
  return typeof row === 'string' ? null : (row.get(scope) ?? null)
}

function changeOf(at: At, before: Cell | null, after: Cell | null): CellChange | null {
  if (before === null && after === null) return null
  if (before === null) return { ...at, change: 'loosened', fields: [] }
  if (after === null) return { ...at, change: 'tightened', fields: [] }
  const fields = FIELD_NAMES.flatMap((field) => fieldChange(field, before, after) ?? [])
  const changes = new Set(fields.map(({ change }) => change))
  const [only = null] = changes
  if (only === null) return null
  return { ...at, change: changes.size === 1 ? only : 'mixed', fields }
}

const WORDS = { tighter: 'tightened', looser: 'loosened', mixed: 'mixed' } as const

function fieldChange(field: FieldName, before: Cell, after: Cell): FieldChange | null {
  const comparison = compareField(field, before, after)
  if (comparison === 'same') return null
  return { field, before: before[field], after: after[field], change: WORDS[comparison] }
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])]
}
