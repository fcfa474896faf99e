import type { PolicyBundle } from '../../../subgraphs/consent/policy/bundle.ts'
import type { Cell } from '../../../subgraphs/consent/policy/cell-fields.ts'
import { readBundle } from '../../../subgraphs/consent/policy/read-bundle.ts'
import type { Check } from '../check-context.ts'
import { shownFile } from '../contracts.ts'
import { policyCells, type PlacedBundle } from '../policy-cells.ts'
import type { Side } from '../side.ts'
import type { Told } from '../tell.ts'
import { faultTold, yamlPlaces } from '../yaml-terms.ts'

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
      if (earlier === undefined) return [about(found, 'POLICY_ADDED'), ...policyCells(silent(found), found)]
      return [...policyCells(earlier, found), ...signals(earlier.bundle, found)]
    })
    .concat(
      [...before.bundles]
        .filter(([name]) => !after.bundles.has(name))
        .map(([, found]) => about(found, 'POLICY_REMOVED')),
    )
}

const bundlesOf = ({
  contracts,
  vocabulary,
}: Side): { bundles: Map<string, PlacedBundle>; faults: Told[] } => {
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

/** The same bundle, using nothing of whom is silent: what a new one grants them is held against this. */
const silent = ({ bundle, places }: PlacedBundle): PlacedBundle => {
  const asking = (cell: Cell): Cell => ({
    ...cell,
    model: cell.model === 'prohibited' ? cell.model : 'opt-in',
  })
  const rows = [...bundle.rows].map(
    ([key, cells]) => [key, new Map([...cells].map(([scope, cell]) => [scope, asking(cell)]))] as const,
  )
  return { bundle: { ...bundle, rows: new Map(rows) }, places: { ...places, value: undefined } }
}

const about = ({ bundle, places }: PlacedBundle, code: string): Told => ({
  code,
  coordinate: `policy ${bundle.name}`,
  source: places.at(['name']),
})

const signals = (before: PolicyBundle, { bundle, places }: PlacedBundle): Told[] => {
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
