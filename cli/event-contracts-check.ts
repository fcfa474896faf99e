import { Command } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { compareContracts } from '../subgraphs/events/contracts/compare-contracts.ts'
import type { ChangeSeverity, ContractChange } from '../subgraphs/events/contracts/contract-change.ts'
import type { ContractFault } from '../subgraphs/events/contracts/contract-fault-catalogue.ts'
import { contractsAt, type FoundContracts, wholeContractsAt } from './event-contract-files.ts'
import { EVENTS_DIRECTORY } from './event-contracts-show.ts'
import { CommandFailure } from './command-failure.ts'
import { day } from './day.ts'
import { EXIT } from './exit-code.ts'
import { counted } from './counted.ts'
import { faultAsText } from './fault-as-text.ts'

interface Flags {
  readonly base?: string
  readonly head: string
  readonly today: string
  readonly vocabulary?: string
  readonly json?: true
}

export const checkContractsCommand = (): Command =>
  new Command('check')
    .description(
      'Prints every fault of event contracts, and what a change of them breaks, for whom, and what it weakens.',
    )
    .option('--head <place>', 'the contracts to check: a directory, or a file', EVENTS_DIRECTORY)
    .option('--base <place>', 'the contracts they are a change of: a directory, or a file')
    .option(
      '--today <day>',
      'the day by which ends of versions have passed',
      day,
      new Date().toISOString().slice(0, 10),
    )
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ assent events check
  $ git worktree add ../released v1.4 && assent events check --base ../released/events --head events

Exits with 1 when the contracts have a fault, or when a change breaks somebody or weakens privacy; with 2 when what is
named cannot be read.`,
    )
    .action(({ base, head, today, vocabulary, json }: Flags) => {
      const words = vocabularyFromFile(vocabulary ?? null)
      const before = base === undefined ? null : wholeContractsAt(base, words)
      const found = contractsAt(head, words)
      const { faults } = found
      if (faults.length === 0 && found.contracts.length === 0)
        throw new CommandFailure('EVENT_CONTRACTS_NONE', `--head ${head}`)
      const changes = before === null || faults.length > 0 ? null : changesOf(before, found, today)
      if (json) console.log(JSON.stringify({ faults, changes: changes ?? [] }, null, 2))
      else console.log(asText(faults, changes, found.contracts.length))
      if (faults.length > 0 || changes?.some(({ severity }) => severity !== 'safe'))
        process.exitCode = EXIT.failed
    })

/** A file stands for its own version alone: of the other types nothing is said, and other versions stay as they were. */
const changesOf = (base: FoundContracts, head: FoundContracts, today: string): readonly ContractChange[] => {
  const one = base.isOne ? base.contracts[0] : head.isOne ? head.contracts[0] : undefined
  if (one === undefined) return compareContracts(base.contracts, head.contracts, today)
  const before = base.contracts.filter(({ type }) => type === one.type)
  const after = head.contracts.filter(({ type }) => type === one.type)
  const stayed = before.filter(({ version }) => after.every((other) => other.version !== version))
  return compareContracts(before, head.isOne ? [...after, ...stayed] : after, today)
}

const asText = (
  faults: readonly ContractFault[],
  changes: readonly ContractChange[] | null,
  count: number,
): string => {
  if (faults.length > 0) return [...faults.map(faultAsText), counted(faults.length, 'fault')].join('\n')
  if (changes === null) return `${counted(count, 'contract')}, no fault`
  const numberOf = (wanted: ChangeSeverity): number =>
    changes.filter(({ severity }) => severity === wanted).length
  const sum = `${numberOf('breaking')} breaking, ${numberOf('weakens_privacy')} weakening privacy, ${numberOf('safe')} safe`
  return [...changes.map(changeAsText), sum].join('\n')
}

const changeAsText = (change: ContractChange): string => {
  const { severity, type, version, path, code, message, consumers, before, after, remedy } = change
  const head = [severity.replace('_', ' '), `${type}@${version}`, path, code].filter(Boolean).join('  ')
  const values =
    before === null && after === null ? [] : [`    ${before ?? '(nothing)'} → ${after ?? '(nothing)'}`]
  return [head, `    ${message}`, ...values, `    for ${consumers.join(', ')}`, `    → ${remedy}`].join('\n')
}
