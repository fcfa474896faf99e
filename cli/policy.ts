import { Command } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { type PolicyBundle, rowKey, UNSTATED } from '../subgraphs/consent/policy/bundle.ts'
import { type CellChange, diffBundles, regionsOf } from '../subgraphs/consent/policy/diff-bundles.ts'
import { EXIT } from './exit-code.ts'
import { policyFromFile, policyInFile } from './policy-file.ts'
import { simulateCommand } from './policy-simulate.ts'
import { table } from './table.ts'
import { counted } from './counted.ts'
import { faultAsText } from './fault-as-text.ts'

export const policyCommand = (): Command =>
  new Command('policy')
    .description('Works on policy bundles: check them, compare them, try them on what was decided.')
    .addCommand(checkCommand())
    .addCommand(showCommand())
    .addCommand(diffCommand())
    .addCommand(simulateCommand())

interface Flags {
  readonly vocabulary?: string
  readonly json?: true
}

interface DiffFlags extends Flags {
  readonly failOnLoosen?: true
}

interface ShowFlags extends Flags {
  readonly brand?: string
}

const checkCommand = (): Command =>
  withFlags(new Command('check'))
    .description('Reads bundles and prints every fault.')
    .argument('<file...>', 'YAML files, one bundle each')
    .addHelpText(
      'after',
      '\nExample:\n  $ assent policy check policies/default.yaml\n\nExits with 1 when there is a fault.',
    )
    .action((files: readonly string[], { vocabulary, json }: Flags) => {
      const words = vocabularyFromFile(vocabulary ?? null)
      const read = files.map((file) => policyInFile(file, words))
      const faults = read.flatMap((one) => one.faults)
      if (json) console.log(JSON.stringify(faults, null, 2))
      else {
        for (const { bundle } of read) if (bundle !== null) console.log(`${bundle.id}  ${sizeOf(bundle)}`)
        for (const fault of faults) console.error(faultAsText(fault))
      }
      if (faults.length > 0) process.exitCode = EXIT.failed
    })

const showCommand = (): Command =>
  withFlags(new Command('show'))
    .description('Prints what holds by default in each region.')
    .argument('<file>', 'a YAML file')
    .option('--brand <name>', 'of this brand; without it, what holds under any')
    .addHelpText('after', '\nExample:\n  $ assent policy show policies/default.yaml')
    .action((file: string, { vocabulary, json, brand = UNSTATED }: ShowFlags, command: Command) => {
      const bundle = policyFromFile(file, vocabularyFromFile(vocabulary ?? null))
      if (brand !== UNSTATED && !bundle.brands.includes(brand))
        command.error(`error: the bundle has no such brand; it has ${bundle.brands.join(', ') || 'none'}`)
      if (json) console.log(JSON.stringify(rowsOf(bundle, brand), null, 2))
      else console.log(`${bundle.id}\n\n${matrixOf(bundle, brand)}`)
    })

const diffCommand = (): Command =>
  withFlags(new Command('diff'))
    .description('Lists the cells (region, brand, scope) that another bundle changes.')
    .argument('<before>', 'a YAML file')
    .argument('<after>', 'a YAML file')
    .option('--fail-on-loosen', 'exit with 1 when a cell is loosened')
    .addHelpText(
      'after',
      '\nExample:\n  $ assent policy diff released.yaml policies/default.yaml --fail-on-loosen',
    )
    .action((before: string, after: string, { vocabulary, json, failOnLoosen }: DiffFlags) => {
      const words = vocabularyFromFile(vocabulary ?? null)
      const [one, other] = [policyFromFile(before, words), policyFromFile(after, words)]
      const changes = diffBundles(one, other)
      if (json) console.log(JSON.stringify(changes, null, 2))
      else console.log(changesAsText(changes, other))
      if (failOnLoosen && changes.some(({ change }) => change !== 'tightened')) process.exitCode = EXIT.failed
    })

const withFlags = (command: Command): Command =>
  command
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--json', 'print JSON')

const sizeOf = (bundle: PolicyBundle): string =>
  [
    counted(bundle.scopes.length, 'scope'),
    counted(bundle.brands.length, 'brand'),
    counted(bundle.groups.size, 'group'),
    counted(bundle.regions.length, 'region'),
  ].join(', ')

/** `*` is the rest of the world, `US-*` the rest of a country, `(any)` somebody who could be anywhere. */
const regionName = (region: string): string => (region === UNSTATED ? '(any)' : region)

const rowsOf = (bundle: PolicyBundle, brand: string): readonly object[] =>
  regionsOf(bundle).flatMap((region) =>
    [...(bundle.rows.get(rowKey(region, brand)) ?? [])].map(([scope, cell]) => ({
      region: regionName(region),
      scope,
      ...cell,
    })),
  )

const matrixOf = (bundle: PolicyBundle, brand: string): string => {
  const rows = regionsOf(bundle).map((region) => {
    const row = bundle.rows.get(rowKey(region, brand))
    return [regionName(region), ...bundle.scopes.map((scope) => cellText(row?.get(scope)))]
  })
  return table([['region', ...bundle.scopes], ...rows])
}

const cellText = (cell: { model: string; minimumAge: number } | undefined): string =>
  cell === undefined ? 'denied' : `${cell.model} ${cell.minimumAge}+`

/** Regions with the same change stand in one line; a whole group stands under its name. */
const changesAsText = (changes: readonly CellChange[], { groups }: PolicyBundle): string => {
  const alike = new Map<string, { readonly change: CellChange; readonly regions: string[] }>()
  for (const change of changes) {
    const key = JSON.stringify([change.scope, change.brand, change.fields])
    const known = alike.get(key)
    if (known) known.regions.push(change.region)
    else alike.set(key, { change, regions: [change.region] })
  }
  const lines = [...alike.values()].map(({ change: { change, scope, brand, fields }, regions }) => [
    change,
    scope,
    brand === UNSTATED ? '(any brand)' : brand,
    inGroups(regions, groups).map(regionName).join(' '),
    fields.map(({ field, before, after }) => `${field}: ${shown(before)} → ${shown(after)}`).join('; ') ||
      (change === 'loosened' ? 'was not known' : 'is not known any more'),
  ])
  const sum = (['tightened', 'loosened', 'mixed'] as const).map(
    (word) => `${changes.filter(({ change }) => change === word).length} ${word}`,
  )
  return [
    ...(lines.length === 0 ? [] : [table(lines)]),
    `${counted(changes.length, 'cell')}: ${sum.join(', ')}`,
  ].join('\n')
}

const inGroups = (
  regions: readonly string[],
  groups: ReadonlyMap<string, readonly string[]>,
): readonly string[] => {
  const whole = [...groups].filter(
    ([group, members]) => regions.includes(group) && members.every((member) => regions.includes(member)),
  )
  const covered = new Set(whole.flatMap(([, members]) => members))
  return regions.filter((region) => !covered.has(region))
}

const shown = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value))
