import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { checkProjection } from '../subgraphs/ownership/check-projection.ts'
import type { OwnershipFault } from '../subgraphs/ownership/ownership-fault-catalogue.ts'
import type { ShownAttribute } from '../subgraphs/ownership/shown-attribute.ts'
import { profileService, type ServiceFlags, withService } from './consent-service.ts'
import { EXIT } from './exit-code.ts'
import { fieldsFileOf, readOwnershipFile, registryInFile } from './ownership-file.ts'
import { packageFile } from './package-file.ts'
import { configOption, readSettings } from './read-settings.ts'
import { table } from './table.ts'

export const ownershipCommand = (): Command =>
  new Command('ownership')
    .description(
      'Who owns which attribute of a profile: checks it, and tells what holds of a person and why.',
    )
    .addCommand(checkCommand())
    .addCommand(showCommand())
    .addHelpText(
      'after',
      `
Examples:
  $ assent ownership check
  $ assent ownership check --fields fields.yaml projections/crm-customer-card.yaml
  $ assent ownership show p1_… shared.email`,
    )

interface CheckFlags {
  readonly config?: string
  readonly fields?: string
}

const checkCommand = (): Command =>
  new Command('check')
    .description(
      'Proves that each attribute has one owner or rules that decide, and that projections carry nothing else.',
    )
    .argument('[projections...]', 'YAML files; default: those of this package')
    .addOption(configOption())
    .option('--fields <file>', 'the registry; default: the one of the settings')
    .action((files: readonly string[], { config: file, fields }: CheckFlags) => {
      const config = readSettings(file, {})
      const read = registryInFile(fields ?? fieldsFileOf(config), vocabularyFromFile(config.vocabulary))
      if (read.registry === null) return tell(read.faults)
      const { registry } = read
      const projections = files.length > 0 ? files : ownProjections()
      tell(
        projections.flatMap((one) => checkProjection({ file: one, text: readOwnershipFile(one) }, registry)),
      )
      const shared = [...registry.attributes.values()].filter(({ owner }) => owner === null).length
      console.log(
        `${registry.name}@${registry.version}: ${registry.attributes.size} attributes, ${shared} of them by precedence; ${projections.length} projections`,
      )
    })

const ownProjections = (): readonly string[] => {
  const directory = packageFile('ownership/projections')
  return readdirSync(directory).map((name) => join(directory, name))
}

const tell = (faults: readonly OwnershipFault[]): void => {
  for (const { code, file, line, place, message, remedy } of faults)
    console.error(`${file}:${line}  ${code}  ${place}\n  ${message} ${remedy}`)
  if (faults.length > 0) process.exitCode = EXIT.failed
}

const showCommand = (): Command =>
  withService(new Command('show'))
    .description('Tells what holds of one attribute of a person, what lost, by which rule and to what.')
    .argument('<pid>', 'the person')
    .argument('<attribute>', 'its name in the registry, such as shared.email')
    .option('--json', 'as JSON')
    .action(async (pid: string, attribute: string, { json, ...flags }: ServiceFlags & { json?: true }) => {
      const path = `/people/${encodeURIComponent(pid)}/${encodeURIComponent(attribute)}`
      const found = (await profileService(flags)('GET', path)) as ShownAttribute
      console.log(json ? JSON.stringify(found, null, 2) : shownText(found))
    })

const shownText = ({
  attribute,
  meaning,
  writers,
  precedence,
  registry,
  holds,
  lost,
}: ShownAttribute): string => {
  const by = precedence.length === 0 ? `owned by ${writers.join(', ')}` : `by ${precedence.join(', then ')}`
  const head = [`${attribute}  ${meaning}`, `${by} (${registry})`, '']
  if (holds === null) return [...head, 'Nothing holds.'].join('\n')
  const row = ({ system, version, at, confirmed, value }: NonNullable<ShownAttribute['holds']>) => [
    system,
    String(version),
    at,
    confirmed ? 'yes' : 'no',
    JSON.stringify(value),
  ]
  const rows = [
    ['', 'SYSTEM', 'VERSION', 'AT', 'CONFIRMED', 'VALUE', 'DECIDED BY', 'LOST TO'],
    ['holds', ...row(holds), '', ''],
    ...lost.map((one) => ['lost', ...row(one), one.rule, `${one.to.system} ${one.to.version}`]),
  ]
  return [...head, table(rows)].join('\n')
}
