import { styleText } from 'node:util'
import type { Finding, Level, Report } from '../finding.ts'
import { counts } from './counts.ts'

export interface TextOptions {
  /** Whether the reader is a terminal that shows colours. */
  readonly colours: boolean
  /** The text of a file as findings name it; undefined when there is none. */
  readonly textOf: (file: string) => string | undefined
}

/** For a person at a terminal: each finding with its line and a caret under the place. */
export const asText = (report: Report, { colours, textOf }: TextOptions): string => {
  const paint = colours ? painted : (_: Paint, text: string) => text
  const told = report.findings.map((finding) => findingText(finding, { paint, textOf }))
  return [...told, ...impactLines(report), sumOf(report, paint)].join('\n\n')
}

type Paint = 'red' | 'yellow' | 'blue' | 'green' | 'dim' | 'bold'
type Painter = (paint: Paint, text: string) => string

const painted: Painter = (paint, text) => styleText(paint, text, { validateStream: false })

const PAINTS: Readonly<Record<Level, Paint>> = { error: 'red', warning: 'yellow', note: 'blue' }

interface Telling {
  readonly paint: Painter
  readonly textOf: TextOptions['textOf']
}

const findingText = (finding: Finding, { paint, textOf }: Telling): string => {
  const { level, code, kind, direction, coordinate, source, message, remedy } = finding
  const head = [
    paint(PAINTS[level], level),
    paint('bold', code),
    plain(coordinate),
    paint('dim', direction === undefined ? kind : `${kind}, ${direction}`),
  ]
  return [
    head.filter(Boolean).join('  '),
    ...(source.file === ''
      ? []
      : [paint('dim', `  --> ${plain(source.file)}:${source.line}:${source.column}`)]),
    ...caretLines(finding, { paint, textOf }),
    `  ${plain(message)}`,
    ...changeLines(finding, paint),
    ...whoLines(finding),
    `  → ${plain(remedy)}`,
  ].join('\n')
}

const caretLines = (
  { source: { file, line, column }, level }: Finding,
  { paint, textOf }: Telling,
): string[] => {
  const written = textOf(file)?.split('\n')[line - 1]
  if (written === undefined || written.trim() === '') return []
  const number = String(line)
  const shown = plain(written.slice(0, 160))
  const wide = /^\w+/.exec(written.slice(column - 1))?.[0].length ?? 1
  const gap = ' '.repeat(number.length)
  const caret = ' '.repeat(Math.min(column - 1, 160)) + '^'.repeat(Math.min(wide, 60))
  return [`  ${gap} |`, `  ${number} | ${shown}`, `  ${gap} | ${paint(PAINTS[level], caret)}`]
}

const changeLines = ({ before, after }: Finding, paint: Painter): string[] =>
  before === undefined && after === undefined
    ? []
    : [`  ${paint('red', plain(before || '(nothing)'))} → ${paint('green', plain(after || '(nothing)'))}`]

const whoLines = ({ approval, approved, usedBy }: Finding): string[] => [
  ...(usedBy ?? []).map(
    ({ client, operations, requests }) =>
      `  used by ${plain(client)}: ${operations.map(plain).join(', ')} (${requests} requests)`,
  ),
  ...(approved === undefined ? [] : [`  allowed by ${plain(approved.by)} until ${plain(approved.until)}`]),
  ...(approval === undefined || approved !== undefined
    ? []
    : [`  to be allowed by ${plain(approval.by)}: ${approval.hash}`]),
]

const impactLines = ({ impact }: Report): string[] => {
  if (impact === undefined) return []
  const clients = impact.clients.map(
    ({ client, operations, requests }) =>
      `  ${plain(client)}: ${operations.map(plain).join(', ')} (${requests} requests)`,
  )
  const decisions = impact.decisions.map(
    ({ client, coordinate, wouldBeGranted, wouldBeDenied, cannotBeTold }) =>
      `  ${plain(client)} ${plain(coordinate)}: ${wouldBeGranted} people would be granted, ${wouldBeDenied} denied, ${cannotBeTold} cannot be told`,
  )
  return [[impact.judgement, ...clients, ...decisions, `  ${impact.people} people in all`].join('\n')]
}

const sumOf = ({ outcome, summary, base, head }: Report, paint: Painter): string => {
  const verdict = outcome === 'ok' ? paint('green', 'ok') : paint('red', 'blocked')
  return `${verdict}: ${counts(summary)} (${plain(base.label)} → ${plain(head.label)})`
}

/** What comes from a schema may not move the cursor of who reads it. */
const plain = (text: string): string => text.replaceAll(UNSHOWN, '\uFFFD')

// eslint-disable-next-line no-control-regex -- that is what is taken out
const UNSHOWN = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g
