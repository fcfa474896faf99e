import type { PolicyBundle } from '../../../subgraphs/consent/policy/bundle.ts'
import { type CellChange, diffBundles } from '../../../subgraphs/consent/policy/diff-bundles.ts'
import { readBundle } from '../../../subgraphs/consent/policy/read-bundle.ts'
import type { Check } from '../check-context.ts'
import { shownFile } from '../contracts.ts'
import type { Side } from '../side.ts'
import type { Told } from '../tell.ts'
import { faultTold, type YamlPlaces, yamlPlaces } from '../yaml-terms.ts'

/** What holds where people said nothing is decided by bundles: a cell that is looser decides for everybody silent in it. */
export const policies: Check = ({ base, head }) => {
  const after = bundlesOf(head)
  const isSame = base.contracts === head.contracts
  const before = isSame ? after : bundlesOf(base)
  const faults = [...after.faults, ...(isSame ? [] : before.faults)]
  if (faults.length > 0) return faults
  return [...after.bundles]
    .flatMap(([name, found]): Told[] => {
      const earlier = before.bundles.get(name)
      if (earlier === undefined) return [about(found, 'POLICY_ADDED')]
      return [...cells(earlier.bundle, found), ...signals(earlier.bundle, found)]
    })
    .concat(
      [...before.bundles]
        .filter(([name]) => !after.bundles.has(name))
        .map(([, found]) => about(found, 'POLICY_REMOVED')),
    )
}

interface Found {
  readonly bundle: PolicyBundle
  readonly places: YamlPlaces
}

const bundlesOf = ({ contracts, vocabulary }: Side): { bundles: Map<string, Found>; faults: Told[] } => {
  const read = contracts.policies.map((written) => ({
    places: yamlPlaces(contracts, written),
    ...readBundle({ file: shownFile(contracts, written.file), text: written.text }, vocabulary),
  }))
  return {
    bundles: new Map(
      read.flatMap(({ bundle, places }) =>
        bundle === null ? [] : [[bundle.name, { bundle, places }] as const],
      ),
    ),
    faults: read.flatMap(({ faults }) => faults.map(faultTold)),
  }
}

const about = ({ bundle, places }: Found, code: string): Told => ({
  code,
  coordinate: `policy ${bundle.name}`,
  source: places.at(['name']),
})

interface Alike {
  readonly scope: string
  readonly field: string
  readonly isTighter: boolean
  readonly before: string
  readonly after: string
  readonly at: string[]
  /** Regions as the bundle names them. */
  readonly regions: string[]
}

/** Places with the same change are told together. */
const cells = (before: PolicyBundle, after: Found): Told[] => {
  const alike = new Map<string, Alike>()
  for (const change of diffBundles(before, after.bundle))
    for (const one of fieldsOf(change)) {
      const key = JSON.stringify([one.scope, one.field, one.isTighter, one.before, one.after])
      const known = alike.get(key) ?? one
      alike.set(key, known)
      if (known === one) continue
      known.at.push(...one.at)
      known.regions.push(...one.regions)
    }
  return [...alike.values()].map((one) => toldOf(one, after))
}

const fieldsOf = (change: CellChange): Alike[] => {
  const { scope, region, brand } = change
  const at = [[region === '' ? 'any region' : region, brand].filter(Boolean).join(' ')]
  const told = change.fields.map(({ field, before, after, change: direction }) => ({
    field: field as string,
    isTighter: direction === 'tightened',
    before: shown(before),
    after: shown(after),
  }))
  const whole = { field: 'cell', isTighter: change.change === 'tightened', before: '', after: '' }
  return (told.length === 0 ? [whole] : told).map((one) => ({
    ...one,
    scope,
    at: [...at],
    regions: [region],
  }))
}

const toldOf = (
  { scope, field, isTighter, before, after, at, regions }: Alike,
  { bundle, places }: Found,
): Told => ({
  code: isTighter ? 'POLICY_TIGHTENED' : 'POLICY_LOOSENED',
  coordinate: `policy ${bundle.name} ${scope} ${field}`,
  source: places.at(pathOf(places.value, { regions, scope, field })),
  before,
  after,
  detail: `In ${at.slice(0, 12).join(', ')}${at.length > 12 ? ` and ${at.length - 12} more` : ''}.`,
})

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value))

/** Where what holds in a cell is written: nearest first. */
const pathOf = (
  value: unknown,
  { regions, scope, field }: Pick<Alike, 'regions' | 'scope' | 'field'>,
): readonly string[] =>
  [
    ...regions.map((region) => ['regions', region, 'scopes', scope, field]),
    ...regions.map((region) => ['regions', region, 'defaults', field]),
    ['global', 'scopes', scope, field],
    ['global', 'defaults', field],
  ].find((path) => isThere(value, path)) ?? ['global']

const isThere = (value: unknown, [step, ...rest]: readonly string[]): boolean =>
  step === undefined || (value instanceof Map && value.has(step) && isThere(value.get(step), rest))

const signals = (before: PolicyBundle, { bundle, places }: Found): Told[] => {
  const text = ({ signals: mapping }: PolicyBundle): string =>
    JSON.stringify(mapping, (_, value: unknown) =>
      value instanceof Map ? [...value] : value instanceof Set ? [...value] : value,
    )
  return text(before) === text(bundle)
    ? []
    : [
        {
          code: 'POLICY_SIGNALS_CHANGED',
          coordinate: `policy ${bundle.name} signals`,
          source: places.at(['signals']),
        },
      ]
}
