import { Command, Option } from 'commander'
import { stringify } from 'yaml'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { exportOdcs } from '../subgraphs/events/contracts/export-odcs.ts'
import { importOdcs } from '../subgraphs/events/contracts/import-odcs.ts'
import { jsonSchemaDocument } from '../subgraphs/events/contracts/json-schema-of.ts'
import { readText, someContractsAt } from './event-contract-files.ts'
import { faultAsText } from './fault-as-text.ts'
import { contractNamed, withFlags } from './event-contracts-show.ts'
import { EXIT } from './exit-code.ts'

interface ExportFlags {
  readonly directory: string
  readonly format: 'odcs' | 'json-schema'
  readonly vocabulary?: string
  readonly json?: true
}

export const exportContractsCommand = (): Command =>
  withFlags(new Command('export'))
    .description('Prints contracts as other tools read them: ODCS 3.1 as YAML, or JSON Schema 2020-12.')
    .argument('[type]', 'an event type, or one of its versions; without it all of them')
    .addOption(
      new Option('--format <format>', 'as what').choices(['odcs', 'json-schema']).makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ assent events export --format odcs purchase > purchase.odcs.yaml
  $ assent events export --format json-schema page_view@1`,
    )
    .action((name: string | undefined, flags: ExportFlags, command: Command) => {
      const { directory, format, vocabulary, json } = flags
      const { contracts } = someContractsAt(directory, '--directory', vocabularyFromFile(vocabulary ?? null))
      const one = name === undefined ? null : contractNamed(name, contracts)
      if (name !== undefined && one === null)
        command.error(`error: there is no contract for ${name}; \`assent events list\` names them`)
      const chosen = one === null ? contracts : [one]
      const documents = chosen.map(format === 'odcs' ? exportOdcs : jsonSchemaDocument)
      const asJson = json === true || format === 'json-schema'
      console.log(
        asJson
          ? jsonText(one === null ? documents : documents[0])
          : documents.map(yamlText).join('---\n').trimEnd(),
      )
    })

interface ImportFlags {
  readonly vocabulary?: string
  readonly json?: true
}

export const importContractCommand = (): Command =>
  new Command('import')
    .description(
      'Prints what an ODCS 3 document says of an event type as a contract, and what is missing in it.',
    )
    .argument('<file>', 'an ODCS document as YAML or JSON, with one object in its schema')
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  $ assent events import purchase.odcs.yaml > events/purchase.yaml

Exits with 1 when something is missing in the contract; what is there is printed all the same.`,
    )
    .action((file: string, { vocabulary, json }: ImportFlags) => {
      const words = vocabularyFromFile(vocabulary ?? null)
      const { draft, faults } = importOdcs({ file, text: readText(file) }, words)
      if (json) console.log(jsonText({ contract: draft, faults }))
      else {
        if (draft !== null) console.log(yamlText(draft).trimEnd())
        for (const fault of faults) console.error(faultAsText(fault))
      }
      if (faults.length > 0) process.exitCode = EXIT.failed
    })

const jsonText = (value: unknown): string => JSON.stringify(value, null, 2)

const yamlText = (value: unknown): string => stringify(value, { lineWidth: 110 })
