import { standardVocabulary } from '../../directives/vocabulary.ts'
import { CONTRACT_CHANGES } from '../../subgraphs/events/contracts/contract-change.ts'
import type { EventContract } from '../../subgraphs/events/contracts/contract.ts'
import { openContracts } from '../../subgraphs/open-contracts.ts'
import { page, table } from './markdown.ts'

/** What is taken in, by the contracts of a directory. */
export const eventTypesPage = (directory: string): string =>
  page(
    'Event types',
    'events/*.yaml and subgraphs/events/contracts/contract-change.ts',
    'What the embedded house takes in. `assent events show TYPE` prints a contract with its fields; [events](events.md) says how contracts are written.',
    ...openContracts(directory, standardVocabulary).all.flatMap(({ contract }) => typeParts(contract)),
    '## What a change does',
    'What `assent events check --base … --head …` says of each change. It fails on what is breaking or weakens privacy.',
    table(
      ['change', 'severity', 'what it does'],
      Object.entries(CONTRACT_CHANGES).map(([code, { severity, sentence }]) => [
        `\`${code}\``,
        severity.replace('_', ' '),
        sentence,
      ]),
    ),
  )

const typeParts = (contract: EventContract): readonly string[] => {
  const { type, version, description, owner, purpose, basis, scope, retention, disposition, consumers } =
    contract
  const rests = scope === null ? basis : `${basis}, \`${scope}\``
  return [
    `## ${type}, version ${version}`,
    `${description} *occurredAt*: ${contract.timestamp} *Opt-in*: ${contract.optIn}`,
    table(
      ['owner', 'purpose', 'rests on', 'kept for', 'then', 'consumers'],
      [[owner, purpose.join(', '), rests, retention, disposition, consumers.join(', ')]],
    ),
    table(
      ['field', 'type', 'always there', 'classification', 'what it means'],
      [...contract.fields.properties].map(([name, field]) => [
        `\`${name}\``,
        field.nullable ? `${field.type} or null` : field.type,
        contract.fields.required.has(name) ? 'yes' : 'no',
        field.classification ?? '',
        field.meaning,
      ]),
    ),
  ]
}
