import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { type CellChange, diffBundles } from '../../subgraphs/consent/policy/diff-bundles.ts'
import type { Told } from './tell.ts'
import type { YamlPlaces } from './yaml-terms.ts'

export interface PlacedBundle {
  readonly bundle: PolicyBundle
  readonly places: YamlPlaces
}

/** One field of cells that changed alike. */
interface Alike {
  readonly scope: string
  readonly field: string
  readonly isTighter: boolean
  readonly before: string
  readonly after: string
  /** Where it holds, as it is told. */
  readonly at: string
  /** The mapping whose line decides it. */
  readonly path: readonly string[]
}

/**
 * Cells that are not what they were, told where somebody has written the change: one line decides many cells, and whoever
 * answers for it is asked once. Where some of it loosens, all of it does.
 */
export const policyCells = (before: PlacedBundle, after: PlacedBundle): Told[] => {
  const written = new Map<string, Alike[]>()
  for (const change of diffBundles(before.bundle, after.bundle))
    for (const one of fieldsOf(change, before, after)) {
      const key = JSON.stringify(one.path)
      const others = written.get(key) ?? []
      others.push(one)
      written.set(key, others)
    }
  return [...written.values()].map((alike) => toldOf(alike, after))
}

const fieldsOf = (change: CellChange, before: PlacedBundle, after: PlacedBundle): Alike[] => {
  const { scope, region, brand } = change
  const place = (field: string): readonly string[] =>
    writtenAt({ region, brand, scope, field }, before, after)
  const common = {
    scope,
    at: [region === '' ? 'any region' : region, brand].filter(Boolean).join(' '),
  }
  if (change.fields.length === 0)
    return [
      {
        ...common,
        field: 'cell',
        isTighter: change.change === 'tightened',
        before: '',
        after: '',
        path: place('cell'),
      },
    ]
  return change.fields.map(({ field, before: was, after: is, change: direction }) => ({
    ...common,
    field,
    isTighter: direction === 'tightened',
    before: shown(was),
    after: shown(is),
    path: place(field),
  }))
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value))

interface Cell {
  readonly region: string
  readonly brand: string
  readonly scope: string
  readonly field: string
}

/** Of the mappings that decide a cell, the nearest one in which the field is written otherwise; else where it stands now. */
const writtenAt = (cell: Cell, before: PlacedBundle, after: PlacedBundle): readonly string[] => {
  const paths = layersOf(cell, after.bundle).flatMap((layer) => [
    [...layer, 'scopes', cell.scope],
    [...layer, 'defaults'],
  ])
  const of = ({ places }: PlacedBundle, path: readonly string[]): string =>
    JSON.stringify(valueAt(places.value, [...path, cell.field])) ?? ''
  return (
    paths.find((path) => of(before, path) !== of(after, path)) ??
    paths.find((path) => of(after, path) !== '') ?? ['global']
  )
}

/** From the nearest on: the region under its brand and by itself, its country, its groups, everywhere. */
const layersOf = ({ region, brand }: Cell, { groups }: PolicyBundle): string[][] => {
  const country = region.replace(/-.*$/, '')
  const around = [...groups].flatMap(([group, members]) => (members.includes(country) ? [group] : []))
  const regions = [...new Set([region, country, ...around])].map((name) => ['regions', name])
  return [...regions, ['global']].flatMap((layer) =>
    brand === '' ? [layer] : [[...layer, 'brands', brand], layer],
  )
}

const valueAt = (value: unknown, [step, ...rest]: readonly string[]): unknown =>
  step === undefined ? value : value instanceof Map ? valueAt(value.get(step), rest) : undefined

const toldOf = (alike: readonly Alike[], { bundle, places }: PlacedBundle): Told => {
  const isLooser = alike.some(({ isTighter }) => !isTighter)
  const path = alike[0]?.path ?? []
  const scopes = new Set(alike.map(({ scope }) => scope))
  const fields = new Set(alike.map(({ field }) => field))
  const single = scopes.size === 1 && fields.size === 1
  const [field = ''] = alike.filter(({ isTighter }) => isTighter !== isLooser).map((one) => one.field)
  const values = (side: 'before' | 'after'): string =>
    single
      ? unique(alike.map((one) => one[side])).join('; ')
      : unique(alike.map((one) => `${one.field}: ${one[side]}`)).join('; ')
  return {
    code: isLooser ? 'POLICY_LOOSENED' : 'POLICY_TIGHTENED',
    coordinate: `policy ${bundle.name} ${single ? `${[...scopes].join()} ${field}` : path.join('.')}`,
    source: places.at([...path, field]),
    before: values('before'),
    after: values('after'),
    detail: [...(single ? [] : [directions(alike)]), `In ${few(unique(alike.map(({ at }) => at)))}.`].join(
      ' ',
    ),
  }
}

/** `Looser: model (analytics, profiling). Tighter: minimumAge (analytics).` */
const directions = (alike: readonly Alike[]): string =>
  [
    ['Looser', alike.filter(({ isTighter }) => !isTighter)] as const,
    ['Tighter', alike.filter(({ isTighter }) => isTighter)] as const,
  ]
    .filter(([, some]) => some.length > 0)
    .map(([word, some]) => {
      const fields = unique(some.map(({ field }) => field)).map((field) => {
        const of = unique(some.filter((one) => one.field === field).map(({ scope }) => scope))
        return `${field} (${few(of)})`
      })
      return `${word}: ${fields.join(', ')}.`
    })
    .join(' ')

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

const MOST = 12

const few = (names: readonly string[]): string =>
  `${names.slice(0, MOST).join(', ')}${names.length > MOST ? ` and ${names.length - MOST} more` : ''}`
