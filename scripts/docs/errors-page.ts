import { COMMAND_FAILURES } from '../../cli/command-failure-catalogue.ts'
import { ERRORS } from '../../gateway/error-catalogue.ts'
import { CHECK_FAILURES } from '../../schema/check/check-failure-catalogue.ts'
import { VIOLATIONS } from '../../schema/violation-catalogue.ts'
import { REGISTRY_ERRORS } from '../../registry/registry-error-catalogue.ts'
import { POLICY_FAULTS } from '../../subgraphs/consent/policy/policy-fault-catalogue.ts'
import { SUBGRAPH_ERRORS } from '../../subgraphs/error-catalogue.ts'
import { CONTRACT_FAULTS } from '../../subgraphs/events/contracts/contract-fault-catalogue.ts'
import { DEFINITION_FAULTS } from '../../subgraphs/features/definitions/definition-fault-catalogue.ts'
import { ACTION_FAULTS } from '../../subgraphs/recommendations/actions/action-fault-catalogue.ts'
import { OWNERSHIP_FAULTS } from '../../subgraphs/ownership/ownership-fault-catalogue.ts'
import { page, table } from './markdown.ts'

/** What the caller or the operator can fix. */
export const errorsPage = (): string =>
  page(
    'Errors',
    'the catalogues that scripts/docs/errors-page.ts names',
    'What the caller or the operator can fix. A withheld value is an answer, not an error: see [denials](denials.md). A code that stands in two tables says the same in both.',
    '## Gateway',
    'Every error carries `extensions.code`, `extensions.place` and `extensions.remedy`; the status is that of an answer that is this error alone.',
    errorsTable(ERRORS),
    '## Subgraphs',
    'Who asks the gateway sees `SUBGRAPH_ERROR` instead; these are for who asks a subgraph directly, reads its log, starts it or imports into it. Every error carries `extensions.code`.',
    errorsTable(SUBGRAPH_ERRORS),
    '## Registry',
    'What a registry answers, and what `assent registry` says; `extensions` has `code`, `place` and `remedy`.',
    errorsTable(REGISTRY_ERRORS),
    '## Command line',
    'What a command says of what it was asked, besides the codes of whom it asks.',
    errorsTable(COMMAND_FAILURES),
    '## Composition',
    'What `assent schema compose` reports, each with its subgraph, coordinate, line and a remedy for that place. An error keeps the graph from being served. Other codes are those of the composition library; the Apollo Federation error reference explains them.',
    table(
      ['code', 'severity', 'what is the case'],
      Object.entries(VIOLATIONS).map(([code, { severity, sentence }]) => [`\`${code}\``, severity, sentence]),
    ),
    ...FILES.flatMap(({ title, sentence, faults }) => [
      `## ${title}`,
      sentence,
      table(
        ['code', 'what is the case'],
        Object.entries(faults).map(([code, fault]) => [`\`${code}\``, fault.sentence]),
      ),
    ]),
  )

interface ErrorRow {
  readonly status?: number
  readonly sentence: string
  readonly remedy: string
}

/** With a column for the status where errors have one. */
const errorsTable = (errors: Readonly<Record<string, ErrorRow>>): string => {
  const rows = Object.entries(errors)
  const hasStatus = rows.some(([, { status }]) => status !== undefined)
  return table(
    ['code', ...(hasStatus ? ['status'] : []), 'what happened', 'what to do'],
    rows.map(([code, { status, sentence, remedy }]) => [
      `\`${code}\``,
      ...(hasStatus ? [String(status)] : []),
      sentence,
      remedy,
    ]),
  )
}

interface FileFaults {
  readonly title: string
  readonly sentence: string
  readonly faults: Readonly<Record<string, { readonly sentence: string }>>
}

/** What is told of the files an owner writes, by command. */
const FILES: readonly FileFaults[] = [
  {
    title: 'Schema checks',
    sentence:
      'Why `assent schema check` could not check anything. It exits with 2 or 3 then, and never with 0. What it finds is in [schema checks](schema-check.md).',
    faults: CHECK_FAILURES,
  },
  {
    title: 'Feature definitions',
    sentence:
      'What `assent features check` reports, each with its file, line, place in the definition and a remedy for that place. With a fault no feature is served.',
    faults: DEFINITION_FAULTS,
  },
  {
    title: 'Policy bundles',
    sentence:
      'What `assent policy check` reports, each with its file, line, place in the bundle and a remedy for that place. A bundle with a fault is not served.',
    faults: POLICY_FAULTS,
  },
  {
    title: 'Event contracts',
    sentence:
      'What `assent events check` reports, each with its file, line, place in the contract and a remedy for that place. Where one contract has a fault, no event is taken in.',
    faults: CONTRACT_FAULTS,
  },
  {
    title: 'Ownership',
    sentence:
      'What `assent ownership check` reports of the registry of fields and of projections, each with its file, line, place and a remedy for that place.',
    faults: OWNERSHIP_FAULTS,
  },
  {
    title: 'Actions',
    sentence:
      'What is wrong with a file of `actions/`, each with its file, line, place and a remedy for that place. With a fault nothing is offered.',
    faults: ACTION_FAULTS,
  },
]
