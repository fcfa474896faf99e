import { ELSEWHERE, rowKey, UNSTATED } from './bundle.ts'
import {
  type Cell,
  CELL_FIELDS,
  compareField,
  FIELD_NAMES,
  type FieldName,
  tightestOf,
} from './cell-fields.ts'
import { EMPTY_LAYER, type Layer, patchOf, placeOf, type TellFault } from './layer.ts'
import { countryOf } from './places.ts'
import type { Path } from '../../yaml-source.ts'

export interface Layers {
  readonly scopes: readonly string[]
  readonly brands: readonly string[]
  /** By group: its countries. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly global: Layer
  /** Groups, countries and subdivisions. */
  readonly regions: ReadonlyMap<string, Layer>
}

type Row = ReadonlyMap<string, Cell>

/**
 * Inheritance: global → group → country → subdivision → brand, each layer over the one before. A layer may only tighten
 * what it inherits, field by field, unless what it inherits lists the field in `mayLoosen`.
 */
export function resolveRows(layers: Layers, tell: TellFault): ReadonlyMap<string, Row> {
  const told = new Set<string>()
  const once: TellFault = (code, path, remedy) => {
    const key = `${code} ${path.join('.')}`
    if (!told.has(key)) tell(code, path, remedy)
    told.add(key)
  }
  const brands = layers.brands.length === 0 ? [UNSTATED] : layers.brands
  const rows = new Map<string, Row>()
  for (const place of placesOf(layers))
    for (const brand of brands) rows.set(rowKey(place, brand), rowOf(layers, place, { brand, tell: once }))
  for (const [region, members] of coarseRegions(layers))
    for (const brand of brands)
      rows.set(rowKey(region, brand), meet(members.map((member) => rows.get(rowKey(member, brand)))))
  if (layers.brands.length > 0)
    for (const region of [...placesOf(layers), ...coarseRegions(layers).keys()])
      rows.set(rowKey(region, UNSTATED), meet(brands.map((brand) => rows.get(rowKey(region, brand)))))
  return rows
}

/** The row of a country's parts that are not written down themselves. */
export function restOf(country: string): string {
  return `${country}-${ELSEWHERE}`
}

/** Every place with a chain of its own; a country with parts stands here for the rest of them. */
function placesOf({ groups, regions }: Layers): readonly string[] {
  const countries = new Set([...groups.values()].flat())
  for (const region of regions.keys()) if (!groups.has(region)) countries.add(countryOf(region) ?? region)
  const parts = [...regions.keys()].filter((region) => countryOf(region) !== null)
  const divided = new Set(parts.map(countryOf))
  const whole = [...countries].map((country) => (divided.has(country) ? restOf(country) : country))
  return [ELSEWHERE, ...whole, ...parts]
}

/**
 * Who says only `EEA`, or only `US`, or nothing, could be anywhere in it: the tightest cell counts, as the most
 * restrictive word counts where somebody has said several.
 */
function coarseRegions(layers: Layers): ReadonlyMap<string, readonly string[]> {
  const places = placesOf(layers)
  const inside = (country: string): readonly string[] =>
    places.filter((place) => place === country || place.startsWith(`${country}-`))
  const divided = places.filter((place) => place.endsWith(`-${ELSEWHERE}`)).map((place) => place.slice(0, 2))
  return new Map([
    ...divided.map((country) => [country, inside(country)] as const),
    ...[...layers.groups].map(([group, members]) => [group, members.flatMap(inside)] as const),
    [UNSTATED, places] as const,
  ])
}

function rowOf(layers: Layers, place: string, { brand, tell }: { brand: string; tell: TellFault }): Row {
  const chain = chainOf(layers, place)
  const over = [...chain.slice(1), ...chain.flatMap((layer) => layer.brands.get(brand) ?? [])]
  const where = brand === UNSTATED ? place : `${place}, brand ${brand}`
  return new Map(
    layers.scopes.map((scope) => {
      let cell = patchOf(layers.global, scope) as Cell
      for (const layer of over) cell = lay({ layer, cell, scope, where, tell })
      tellBasis(cell, [...(over.at(-1) ?? layers.global).path, 'scopes', scope], tell)
      return [scope, cell]
    }),
  )
}

function chainOf({ global, groups, regions }: Layers, place: string): readonly Layer[] {
  const region = place.endsWith(`-${ELSEWHERE}`) ? place.slice(0, 2) : place
  const country = countryOf(region) ?? region
  const group = [...groups].find(([, members]) => members.includes(country))?.[0]
  const names = [...new Set([group ?? '', country, region])]
  return [global, ...names.map((name) => regions.get(name) ?? EMPTY_LAYER)]
}

interface Laying {
  readonly layer: Layer
  readonly cell: Cell
  readonly scope: string
  readonly where: string
  readonly tell: TellFault
}

/** What is looser than allowed is told, and not laid. */
function lay({ layer, cell, scope, where, tell }: Laying): Cell {
  const patched: Cell = { ...cell, ...patchOf(layer, scope) }
  const refused = FIELD_NAMES.filter((name) => loosens(name, cell, patched))
  for (const name of refused)
    tell('POLICY_LOOSENS', placeOf(layer, scope, name), remedyFor(name, scope, where))
  const kept = Object.fromEntries(refused.map((name) => [name, cell[name]]))
  return { ...patched, ...kept }
}

function loosens(name: FieldName, before: Cell, after: Cell): boolean {
  const comparison = compareField(name, before, after)
  if (comparison === 'same' || comparison === 'tighter') return false
  return name === 'mayLoosen' || !before.mayLoosen.includes(name)
}

function remedyFor(name: FieldName, scope: string, where: string): string {
  const { tighter } = CELL_FIELDS[name]
  return `For ${scope} in ${where}: write the same or tighter (${tighter}), or list ${name} in mayLoosen above.`
}

/** Opt-in rests on consent; what holds by default rests on something else. */
function tellBasis({ model, legalBases }: Cell, path: Path, tell: TellFault): void {
  const isDefault = model === 'opt-out' || model === 'notice-only'
  if (model === 'opt-in' && !legalBases.includes('consent'))
    tell('POLICY_BASIS_MISSING', path, 'List consent in legalBases: opt-in rests on nothing else.')
  if (isDefault && legalBases.every((basis) => basis === 'consent'))
    tell('POLICY_BASIS_MISSING', path, `List a basis besides consent in legalBases: ${model} asks nobody.`)
}

function meet(rows: readonly (Row | undefined)[]): Row {
  const [first = new Map<string, Cell>(), ...rest] = rows.flatMap((row) => row ?? [])
  return new Map(
    [...first].map(([scope, cell]) => [
      scope,
      rest.reduce((tightest, row) => tightestOf(tightest, row.get(scope) ?? cell), cell),
    ]),
  )
}
