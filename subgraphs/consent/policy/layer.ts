import { type Cell, CELL_FIELDS, type CellField, FIELD_NAMES, type FieldName } from './cell-fields.ts'
import type { PolicyFaultCode } from './policy-fault-catalogue.ts'
import { namesIn, refuseOthers, type TellFault as Tell } from '../../yaml-faults.ts'
import type { Path } from '../../yaml-source.ts'

/** What one place of a bundle says about scopes; what it does not say is inherited. */
export interface Layer {
  /** Where its scopes stand in the file. */
  readonly path: Path
  /** For every scope, unless `scopes` says otherwise. */
  readonly defaults: Patch
  readonly scopes: ReadonlyMap<string, Patch>
  readonly brands: ReadonlyMap<string, Layer>
}

export type Patch = Partial<Cell>

export type TellFault = Tell<PolicyFaultCode>

export interface LayerWords {
  readonly scopes: ReadonlySet<string>
  readonly brands: ReadonlySet<string>
  readonly tell: TellFault
}

const LAYER_KEYS = ['defaults', 'scopes', 'brands']

export const EMPTY_LAYER: Layer = { path: [], defaults: {}, scopes: new Map(), brands: new Map() }

/** Reads `{ defaults, scopes, brands }` of the global layer, of a group, of a region or, without brands, of a brand. */
export function readLayer(value: unknown, path: Path, words: LayerWords, isBrand = false): Layer {
  const entries = readMap(value, path, words.tell)
  const known = isBrand ? LAYER_KEYS.slice(0, 2) : LAYER_KEYS
  refuseUnknown(entries, known, { path, tell: words.tell })
  return {
    path,
    defaults: readPatch(entries.get('defaults') ?? new Map(), [...path, 'defaults'], words.tell),
    scopes: readScopes(entries.get('scopes') ?? new Map(), [...path, 'scopes'], words),
    brands: isBrand ? new Map() : readBrands(entries.get('brands') ?? new Map(), [...path, 'brands'], words),
  }
}

export const readMap = (value: unknown, path: Path, tell: TellFault): ReadonlyMap<string, unknown> =>
  namesIn(value, { path, tell, code: 'POLICY_VALUE_INVALID' })

export const refuseUnknown = (
  entries: ReadonlyMap<string, unknown>,
  known: readonly string[],
  { path, tell }: { path: Path; tell: TellFault },
): void => refuseOthers(entries, known, { path, tell, code: 'POLICY_SETTING_UNKNOWN' })

/** The fields a patch gives to a scope: its own over those for all scopes of the layer. */
export function patchOf(layer: Layer, scope: string): Patch {
  return { ...layer.defaults, ...layer.scopes.get(scope) }
}

/** Where the field of a scope was written. */
export function placeOf(layer: Layer, scope: string, field: FieldName): Path {
  const isOwn = layer.scopes.get(scope)?.[field] !== undefined
  return [...layer.path, ...(isOwn ? ['scopes', scope] : ['defaults']), field]
}

function readScopes(value: unknown, path: Path, words: LayerWords): ReadonlyMap<string, Patch> {
  const scopes = new Map<string, Patch>()
  for (const [scope, patch] of readMap(value, path, words.tell)) {
    if (!words.scopes.has(scope))
      words.tell('POLICY_SCOPE_UNKNOWN', [...path, scope], 'Use a scope of the vocabulary, or add it there.')
    scopes.set(scope, readPatch(patch, [...path, scope], words.tell))
  }
  return scopes
}

function readBrands(value: unknown, path: Path, words: LayerWords): ReadonlyMap<string, Layer> {
  const brands = new Map<string, Layer>()
  for (const [brand, layer] of readMap(value, path, words.tell)) {
    if (!words.brands.has(brand))
      words.tell(
        'POLICY_BRAND_UNKNOWN',
        [...path, brand],
        'Add it to the list `brands`, or correct the name.',
      )
    brands.set(brand, readLayer(layer, [...path, brand], words, true))
  }
  return brands
}

function readPatch(value: unknown, path: Path, tell: TellFault): Patch {
  const patch: Record<string, unknown> = {}
  const entries = readMap(value, path, tell)
  refuseUnknown(entries, FIELD_NAMES, { path, tell })
  for (const name of FIELD_NAMES) {
    if (!entries.has(name)) continue
    const field = CELL_FIELDS[name] as CellField<unknown>
    const read = field.read(entries.get(name))
    if (read === undefined) tell('POLICY_VALUE_INVALID', [...path, name], `Write ${field.shape}.`)
    else patch[name] = read
  }
  return patch
}
