import type { Finding, Impact, Level, Report } from '../finding.ts'
import { counts } from './counts.ts'

const TITLES: Readonly<Record<Level, string>> = {
  error: 'Blocks',
  warning: 'To be read',
  note: 'To be known',
}

/** A comment on a pull request: what blocks first, and what only tells folded away. */
export const asMarkdown = (report: Report): string => {
  const { outcome, summary, base, head, findings, impact } = report
  const told = (['error', 'warning', 'note'] as const).flatMap((level) =>
    sectionOf(
      level,
      findings.filter((one) => one.level === level),
    ),
  )
  return [
    `## Schema check: ${outcome === 'ok' ? '✅ ok' : '⛔ blocked'}`,
    `${code(base.label)} → ${code(head.label)}: ${counts(summary)}`,
    ...told,
    ...(impact === undefined ? [] : impactOf(impact)),
  ].join('\n\n')
}

const sectionOf = (level: Level, findings: readonly Finding[]): string[] => {
  if (findings.length === 0) return []
  const rows = findings.map(
    ({ code: name, coordinate, source, message, before, after, direction }) =>
      `| ${code(name)} | ${code(coordinate)} | ${source.file === '' ? '' : code(`${source.file}:${source.line}`)} | ${text([message, direction && `(${direction})`, changed(before, after)].filter(Boolean).join(' '))} |`,
  )
  const table = ['| what | where | place | |', '| --- | --- | --- | --- |', ...rows].join('\n')
  const approvals = findings.flatMap(({ approval, approved, coordinate }) =>
    approval === undefined || approved !== undefined
      ? []
      : [`- ${code(coordinate)}: ${text(approval.by)} ${code(approval.hash)}`],
  )
  const asked = approvals.length === 0 ? [] : ['To be allowed by:', approvals.join('\n')]
  const body = [table, ...asked].join('\n\n')
  return level === 'note'
    ? [`<details><summary>${TITLES[level]} (${findings.length})</summary>\n\n${body}\n\n</details>`]
    : [`### ${TITLES[level]} (${findings.length})`, body]
}

const changed = (before: string | undefined, after: string | undefined): string =>
  before === undefined && after === undefined ? '' : `“${before ?? ''}” → “${after ?? ''}”`

const impactOf = ({ judgement, clients, decisions, people }: Impact): string[] => [
  '### By use',
  text(judgement),
  [
    ...clients.map(
      ({ client, operations, requests }) =>
        `- ${code(client)}: ${operations.map(code).join(', ')} (${requests} requests)`,
    ),
    ...decisions.map(
      ({ client, coordinate, wouldBeGranted, wouldBeDenied, cannotBeTold }) =>
        `- ${code(client)} ${code(coordinate)}: ${wouldBeGranted} people would be granted, ${wouldBeDenied} denied, ${cannotBeTold} cannot be told`,
    ),
    `- ${people} people in all`,
  ].join('\n'),
]

/** What comes from a schema is shown as it is: no markup, no mention, no line that ends the table. */
const text = (written: string): string =>
  flat(written)
    .replaceAll(/[\\`*_{}[\]()<>#+|~!&-]/g, (character) =>
      character === '<' ? '&lt;' : character === '>' ? '&gt;' : `\\${character}`,
    )
    .replaceAll('@', '@\u200B')

const code = (written: string): string => {
  const shown = flat(written).replaceAll('`', 'ʼ').replaceAll('|', '\\|')
  return shown === '' ? '' : `\`${shown}\``
}

const flat = (written: string): string => written.replaceAll(/\s+/g, ' ').trim()
