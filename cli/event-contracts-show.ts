import { Command } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import type { EventContract, FieldSchema } from '../subgraphs/events/contracts/contract.ts'
import { plainContract } from '../subgraphs/events/contracts/plain-contract.ts'
import { someContractsAt } from './event-contract-files.ts'
import { table } from './table.ts'

/** Where contracts are, unless another place is named. */
export const EVENTS_DIRECTORY = 'events'

interface Flags {
  readonly directory: string
  readonly vocabulary?: string
  readonly json?: true
}

export const listContractsCommand = (): Command =>
  withFlags(new Command('list'))
    .description('Lists the event types and their versions.')
    .addHelpText('after', '\nExample:\n  $ assent events list')
    .action(({ directory, vocabulary, json }: Flags) => {
      const { contracts } = someContractsAt(directory, '--directory', vocabularyFromFile(vocabulary ?? null))
      if (json) console.log(JSON.stringify(contracts.map(summaryOf), null, 2))
      else
        console.log(
          table([HEAD, ...contracts.map((contract) => Object.values(summaryOf(contract)).map(String))]),
        )
    })

export const showContractCommand = (): Command =>
  withFlags(new Command('show'))
    .description('Prints what was agreed on about an event type.')
    .argument('<type>', 'an event type, or one of its versions: page_view, page_view@1')
    .addHelpText('after', '\nExample:\n  $ assent events show purchase')
    .action((name: string, { directory, vocabulary, json }: Flags, command: Command) => {
      const contract = contractNamed(
        name,
        someContractsAt(directory, '--directory', vocabularyFromFile(vocabulary ?? null)).contracts,
      )
      if (contract === null)
        command.error(`error: there is no contract for ${name}; \`assent events list\` names them`)
      else if (json) console.log(JSON.stringify(plainContract(contract), null, 2))
      else console.log(contractAsText(contract))
    })

/** The newest version of a type, or the one that is named. */
export const contractNamed = (name: string, contracts: readonly EventContract[]): EventContract | null =>
  contracts.findLast(({ type, version }) => name === type || name === `${type}@${version}`) ?? null

export const withFlags = (command: Command): Command =>
  command
    .option('-d, --directory <directory>', 'where the contracts are', EVENTS_DIRECTORY)
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--json', 'print JSON')

const HEAD = ['type', 'version', 'owner', 'basis', 'scope', 'retention', 'consumers', 'until']

const summaryOf = ({
  type,
  version,
  owner,
  basis,
  scope,
  retention,
  consumers,
  deprecation,
}: EventContract) => ({
  type,
  version,
  owner,
  basis,
  scope: scope ?? '-',
  retention,
  consumers: consumers.join(' '),
  until: deprecation.until ?? '-',
})

const contractAsText = (contract: EventContract): string => {
  const { deprecation, quality } = contract
  const end =
    deprecation.until === null ? '' : `, until ${deprecation.until}, then version ${deprecation.successor}`
  const terms = table([
    ['what happened', contract.description],
    ['owner', contract.owner],
    ['purpose', contract.purpose.join(', ')],
    ['basis', contract.scope === null ? contract.basis : `${contract.basis}, scope ${contract.scope}`],
    ['opt-in', contract.optIn],
    ['occurredAt', contract.timestamp],
    ['kept for', `${contract.retention}, then ${contract.disposition}`],
    ['consumers', contract.consumers.join(', ')],
    ['deprecation', `notice ${deprecation.notice}${end}`],
    [
      'quality',
      `within ${quality.freshness}, ${Math.round(quality.minimumValid * 10_000) / 100} % valid; ${quality.alert} is told`,
    ],
  ])
  return [`${contract.type}@${contract.version}`, terms, table(fieldRows(contract.fields, 'data'))].join(
    '\n\n',
  )
}

const fieldRows = (field: FieldSchema, path: string): readonly (readonly string[])[] => [
  ...[...field.properties].flatMap(([name, one]) => [
    [`${path}.${name}`, typeText(one), field.required.has(name) ? 'always' : 'may be left out', one.meaning],
    ...fieldRows(one, `${path}.${name}`),
  ]),
  ...(field.items === null ? [] : fieldRows(field.items, `${path}[]`)),
]

const typeText = ({ type, nullable, items }: FieldSchema): string =>
  `${items === null ? type : `list of ${items.type}`}${nullable ? ' or null' : ''}`
