import { readFileSync, writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { contractsInDirectory } from '../gateway/adapters/contract-files.ts'
import { REVIEW_KEYS } from '../gateway/adapters/contract-review.ts'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import type { Fault } from '../gateway/errors.ts'
import type { ClientContract } from '../gateway/ports.ts'
import { dataFlow } from '../schema/data-flow.ts'
import { dataFlowMermaid } from '../schema/data-flow-mermaid.ts'
import { dataFlowSvg } from '../schema/data-flow-svg.ts'
import { clientFields, fieldFaults, unknownTexts } from './client-fields.ts'
import { composedOrRefused } from './composed-or-refused.ts'
import { counted } from './counted.ts'
import { EXIT } from './exit-code.ts'
import { subgraphsIn } from './schema.ts'
import { table } from './table.ts'

interface Flags {
  readonly clients: string
  readonly schemas: string
  readonly supergraph?: string
  readonly vocabulary?: string
  readonly json?: true
  readonly yaml?: true
  readonly format: 'mermaid' | 'svg'
  readonly output?: string
}

export const clientsCommand = (): Command =>
  new Command('clients')
    .description('Works on client contracts: what each may ask, what it could ever learn, where data flows.')
    .addCommand(checkCommand())
    .addCommand(showCommand())
    .addCommand(fieldsCommand())
    .addCommand(mapCommand())

const checkCommand = (): Command =>
  withFlags(new Command('check'))
    .description(
      'Checks every contract, and that what a client can ever obtain is what its contract declares.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ assent clients check
  $ assent clients check --clients clients --schemas subgraphs --json

Exits with 1 when a client could learn more, or less, than its contract declares; with 2 when a contract has a fault.`,
    )
    .action((flags: Flags, command: Command) => {
      const { contracts, fieldsOf } = read(flags, command)
      const faults = contracts.flatMap((contract) => [
        ...unknownTexts(contract).map((name) => unknownText(contract.client, name)),
        ...fieldFaults(contract, fieldsOf(contract)),
      ])
      if (flags.json) console.log(JSON.stringify(faults, null, 2))
      else
        console.log(
          [
            ...faults.map(asText),
            `${counted(contracts.length, 'contract')}, ${counted(faults.length, 'fault')}`,
          ].join('\n'),
        )
      if (faults.length > 0) process.exitCode = EXIT.failed
    })

const showCommand = (): Command =>
  withFlags(new Command('show'))
    .description(
      'Prints contracts: who answers for them, what they are for, and the three answers of their review.',
    )
    .argument('[client]', 'one client')
    .addHelpText('after', '\nExample:\n  $ assent clients show storefront')
    .action((client: string | undefined, flags: Flags, command: Command) => {
      const shown = contractsOf(flags, client, command)
      if (flags.json) console.log(JSON.stringify(shown.map(plain), null, 2))
      else console.log(shown.map(contractAsText).join('\n\n'))
    })

const fieldsCommand = (): Command =>
  withFlags(new Command('fields'))
    .description(
      'Prints every field about people that a client can ever obtain, for what, and by which consent.',
    )
    .argument('<client>', 'the client')
    .option('--yaml', 'print the list as a contract declares it')
    .addHelpText('after', '\nExample:\n  $ assent clients fields adtech')
    .action((client: string, flags: Flags, command: Command) => {
      const [contract] = contractsOf(flags, client, command)
      const fields = contract === undefined ? [] : read(flags, command).fieldsOf(contract)
      if (flags.json) console.log(JSON.stringify(fields, null, 2))
      else if (flags.yaml)
        console.log(['fields:', ...fields.map(({ coordinate }) => `  - ${coordinate}`)].join('\n'))
      else
        console.log(
          table([
            ['field', 'for', 'consent'],
            ...fields.map(({ coordinate, purposes, scopes }) => [
              coordinate,
              purposes.join(', '),
              scopes.join(', ') || 'none asked',
            ]),
          ]),
        )
    })

const mapCommand = (): Command =>
  withFlags(new Command('map'))
    .description('Draws where data about people comes from, who can obtain it for what, and where it goes.')
    .argument('[client]', 'one client; without it all')
    .addOption(new Option('--format <format>', 'as what').choices(['mermaid', 'svg']).default('mermaid'))
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .addHelpText('after', '\nExample:\n  $ assent clients map --format svg -o data-flow.svg')
    .action((client: string | undefined, flags: Flags, command: Command) => {
      const { world, fieldsOf } = read(flags, command)
      const flowing = contractsOf(flags, client, command).map((contract) => ({
        client: contract.client,
        owner: contract.owner ?? '',
        destinations: contract.destinations ?? [],
        regions: contract.regions ?? [],
        fields: fieldsOf(contract),
      }))
      const flow = dataFlow(world.supergraph, flowing)
      const drawn = flags.format === 'svg' ? dataFlowSvg(flow) : dataFlowMermaid(flow)
      if (flags.output === undefined) process.stdout.write(drawn)
      else writeFileSync(flags.output, drawn)
    })

const withFlags = (command: Command): Command =>
  command
    .option('--clients <directory>', 'where the contracts are', 'clients')
    .option('--schemas <directory>', 'where the schemas of the subgraphs are', 'subgraphs')
    .option('-s, --supergraph <file>', 'a supergraph in place of them')
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--json', 'print JSON')

const read = (flags: Flags, command: Command) => {
  const vocabulary = vocabularyFromFile(flags.vocabulary ?? null)
  const contracts = allContracts(flags, vocabulary)
  const supergraph =
    flags.supergraph === undefined
      ? composedOrRefused(subgraphsIn(flags.schemas, command), { vocabulary, place: flags.schemas })
      : textOf(flags.supergraph, command)
  return { contracts, ...clientFields(supergraph, vocabulary) }
}

const allContracts = ({ clients }: Flags, vocabulary: Vocabulary): readonly ClientContract[] =>
  [...(contractsInDirectory(clients, vocabulary).all?.() ?? [])].toSorted((a, b) =>
    a.client < b.client ? -1 : 1,
  )

const contractsOf = (
  flags: Flags,
  client: string | undefined,
  command: Command,
): readonly ClientContract[] => {
  const contracts = allContracts(flags, vocabularyFromFile(flags.vocabulary ?? null))
  if (client === undefined) return contracts
  const found = contracts.filter((contract) => contract.client === client)
  if (found.length === 0) command.error(`error: there is no contract of ${client} in ${flags.clients}`)
  return found
}

const textOf = (file: string, command: Command): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return command.error(`error: ${file} cannot be read`)
  }
}

const unknownText = (client: string, name: string): Fault => ({
  name: `operations.${name}`,
  place: client,
  problem: 'has a SHA-256 whose text is in no manifest of this client, so what it obtains cannot be told.',
  remedy: 'List its text in the file that `trustedDocuments` names.',
})

const asText = ({ name, place, problem, remedy }: Fault): string =>
  `error  ${place}  ${name}\n    ${problem}\n    → ${remedy}`

const plain = (contract: ClientContract): object => ({
  ...contract,
  operations: Object.fromEntries(contract.operations),
  trustedDocuments: contract.trustedDocuments && [...contract.trustedDocuments.all()],
})

const contractAsText = (contract: ClientContract): string =>
  table([
    [contract.client, `owner ${contract.owner ?? ''}`],
    ['  purposes', contract.purposes.join(', ')],
    ['  scopes', listed(contract.scopes, 'none')],
    ['  regions', listed(contract.regions, 'everywhere')],
    ['  destinations', listed(contract.destinations, 'none')],
    ['  operations', contract.operationsOnly ? `only ${[...contract.operations.keys()].join(', ')}` : 'any'],
    ...REVIEW_KEYS.map((key) => [`  what ${key}`, contract.review?.[key] ?? '']),
  ])

const listed = (names: readonly string[] = [], none: string): string => names.join(', ') || none
